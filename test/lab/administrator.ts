import { readKubeconfig } from '../../src/adapters/kubernetes/connect';
import type { CoreV1Api, KubernetesModule, KubernetesObject, KubernetesObjectApi, V1Node } from '../../src/adapters/kubernetes/kubernetes-types';

/** An object that is known by its name, as the client library wants it. */
export type Named = KubernetesObject & { metadata: { name: string } };

type PatchOptions = ReturnType<KubernetesModule['setHeaderOptions']>;

/** Everybody else in a cluster: people with kubectl, kubelets, controllers. Talks through the client library alone. */
export class Administrator {
  private constructor(readonly core: CoreV1Api, readonly objects: KubernetesObjectApi, readonly merge: PatchOptions, readonly apply: PatchOptions) {}

  /** @param token of another account, instead of the kubeconfig's own */
  static async connect(kubeconfig: string, token?: string): Promise<Administrator> {
    const kubernetes = await import('@kubernetes/client-node');
    const config = readKubeconfig(kubernetes, { kubeconfig });
    if (token !== undefined) {
      config.loadFromClusterAndUser(config.getCurrentCluster()!, { name: 'other', token });
    }
    const { MergePatch, ServerSideApply } = kubernetes.PatchStrategy;
    return new Administrator(
      config.makeApiClient(kubernetes.CoreV1Api),
      kubernetes.KubernetesObjectApi.makeApiClient(config),
      kubernetes.setHeaderOptions('Content-Type', MergePatch),
      kubernetes.setHeaderOptions('Content-Type', ServerSideApply),
    );
  }

  createNode(name: string, more: Partial<V1Node> = {}, fieldManager?: string): Promise<V1Node> {
    return this.core.createNode({ body: { ...more, metadata: { name, ...more.metadata } }, fieldManager });
  }

  patchNode(name: string, body: object, fieldManager?: string): Promise<V1Node> {
    return this.core.patchNode({ name, body, fieldManager }, this.merge);
  }

  /** A pod that runs; its deletion takes no time, as no kubelet has to confirm it. */
  async createPod(name: string, nodeName: string, app: string): Promise<void> {
    const spec = { nodeName, terminationGracePeriodSeconds: 0, containers: [{ name: 'c', image: 'pause' }] };
    await this.core.createNamespacedPod({ namespace: 'default', body: { metadata: { name, labels: { app } }, spec } });
    const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
    await this.core.patchNamespacedPodStatus({ namespace: 'default', name, body: { status } }, this.merge);
  }

  async applyManifest(manifest: KubernetesObject): Promise<void> {
    await this.objects.patch(manifest, undefined, undefined, 'administrator', true, 'application/apply-patch+yaml');
  }

  async mergeManifest(manifest: KubernetesObject): Promise<void> {
    await this.objects.patch(manifest, undefined, undefined, undefined, undefined, 'application/merge-patch+json');
  }
}
