/** What `kubectl apply -f` of a synthesised chart does on an empty cluster. */
export async function applyObjects(kubeconfig: string, server: string, objects: readonly unknown[]): Promise<void> {
  const { KubeConfig, KubernetesObjectApi } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  config.loadFromString(kubeconfig);
  config.clusters = config.clusters.map(cluster => ({ ...cluster, server }));
  const api = KubernetesObjectApi.makeApiClient(config);
  for (const object of objects) await api.create(object as Parameters<typeof api.create>[0]);
}
