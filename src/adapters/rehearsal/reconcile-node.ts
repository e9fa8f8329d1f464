import { refusesRemoval, removeMember } from './etcd';
import { operatorAway } from './server-address';
import type { ClusterState, NodeState } from './state';
import type { World } from './world';

/**
 * k3s's controller: takes out the etcd member of a Node that is deleted (through its finalizer) or that carries the
 * annotation, and tries again where etcd refuses. A member whose Node is gone already is nobody's business, so it stays.
 * @returns why the Node is not as it was asked to be; undefined where it is
 */
export function reconcileNode(world: World, cluster: ClusterState, node: NodeState): string | undefined {
  if (!node.deleting && !node.removalRequested) return undefined;
  const member = cluster.members.find(each => each.node === node.name);
  if (member) {
    const isOnlyVoter = !member.learner && cluster.members.filter(({ learner }) => !learner).length === 1;
    if (isOnlyVoter && !node.deleting) {
      node.removalRequested = false;
      return undefined;
    }
    const refusal = operatorAway(world, cluster) ?? refusesRemoval(world, cluster, member);
    if (refusal !== undefined) {
      world.retry('reconcile', `${cluster.identity}/${node.name}`);
      return refusal;
    }
    removeMember(world, cluster, member);
    node.etcdIsVoter = false;
    node.removedMember = member.name;
  }
  node.removalRequested = false;
  if (node.deleting) world.removeNode(cluster, node.name);
  return undefined;
}
