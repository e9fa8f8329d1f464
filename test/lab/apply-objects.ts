import type { KubernetesObjectApi } from '../../src/adapters/kubernetes/kubernetes-types';

type Argument = Parameters<KubernetesObjectApi['create']>[0];

/** What `kubectl apply -f` of a synthesised chart does on an empty cluster. */
export async function applyObjects(kubeconfig: string, server: string, objects: readonly unknown[]): Promise<void> {
  const api = await connect(kubeconfig, server);
  for (const object of objects) await api.create(object as Argument);
}

/** What `kubectl delete -f` does. */
export async function deleteObjects(kubeconfig: string, server: string, objects: readonly unknown[]): Promise<void> {
  const api = await connect(kubeconfig, server);
  for (const object of objects) await api.delete(object as Argument);
}

async function connect(kubeconfig: string, server: string): Promise<KubernetesObjectApi> {
  const { KubeConfig, KubernetesObjectApi: ObjectApi } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  config.loadFromString(kubeconfig);
  config.clusters = config.clusters.map(cluster => ({ ...cluster, server }));
  return ObjectApi.makeApiClient(config);
}
