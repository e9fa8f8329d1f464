import type { Deadline } from './deadline';
import type { ClusterApi } from './ports/cluster-api';

/** Waits until all pods of DaemonSets on this node are ready: without its network and storage a node takes pods and cannot run them. */
export async function waitForDaemonSets(api: ClusterApi, node: string, deadline: Deadline): Promise<void> {
  await api.waitForPods(node, pods => {
    const starting = pods.filter(pod => pod.ownerKind === 'DaemonSet' && !pod.ready);
    return starting.length === 0 ? { done: true } : { done: false, reason: `DaemonSet pods start: ${starting.map(({ name }) => name).join(', ')}` };
  }, deadline);
}
