/**
 * The types of @kubernetes/client-node. It is an ES module, so that this CommonJS library reaches its values by
 * `await import()` only, where they are used; loading it takes some 400 ms.
 */
export type {
  CoordinationV1Api, CoreV1Api, KubeConfig, KubernetesObject, KubernetesObjectApi, V1ConfigMap, V1Lease, V1ManagedFieldsEntry, V1Node, V1Pod, V1Status, V1Taint,
} from '@kubernetes/client-node' with { 'resolution-mode': 'import' };

/** What `await import('@kubernetes/client-node')` gives. */
export type KubernetesModule = typeof import('@kubernetes/client-node', { with: { 'resolution-mode': 'import' } });
