import type { RemovalRecord } from '../../llmos/removed-node';
import type { RemoveContext } from './remove-context';

/**
 * What the fence is to remember of a machine that is not cleaned: which one it was, and whether it knows a join token that is still
 * good. While the node has its member and may stay after all, there is nothing to change the token for.
 */
export async function recordOf({ server, node, removal, machineId, facts, isMember, destroyingCluster }: RemoveContext): Promise<RemovalRecord> {
  if (removal === 'clean') return { removal };
  const { api } = server!;
  const [view, before] = await Promise.all([api.node(node.name), api.removedNodes().then(removed => removed.find(each => each.fenced && each.name === node.name))]);
  const knowsToken = node.role === 'management' && facts === undefined && !isMember && !destroyingCluster;
  return {
    removal,
    machineId: machineId ?? view?.machineId ?? before?.machineId,
    tokenRotation: knowsToken ? before?.tokenRotation ?? 'due' : undefined,
  };
}
