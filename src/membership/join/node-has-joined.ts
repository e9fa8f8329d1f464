import { ZONE_LABEL } from '../../llmos/node';
import type { NodeTarget } from '../node-target';
import type { Awaited, NodeView } from '../ports/cluster-api';

/** Whether the cluster sees the node as it was declared; if not, the first thing that is missing. */
export function nodeHasJoined(node: NodeTarget, view: NodeView | undefined): Awaited {
  if (!view) return { done: false, reason: 'it has not registered yet' };
  if (view.deleting) return { done: false, reason: 'an earlier node of that name is still being deleted' };
  if (view.role !== node.role) return { done: false, reason: `it registered as a ${view.role} node` };
  if (!view.ready) return { done: false, reason: view.notReadyReason || 'it is not Ready' };
  if (node.role === 'management' && !view.etcdIsVoter) return { done: false, reason: 'its etcd member is still a learner' };
  if (node.zone !== undefined && view.labels[ZONE_LABEL] !== undefined && view.labels[ZONE_LABEL] !== node.zone) {
    return { done: false, reason: `it is in zone ${view.labels[ZONE_LABEL]}` };
  }
  return { done: true };
}
