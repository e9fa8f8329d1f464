import { leaves } from '../../membership/gate';
import type { ClusterSession } from '../../membership/session';
import type { LeavingNode, MembershipInputs, MembershipOutputs, NodeState } from '../state';
import { declaredNode } from './declared-node';

/**
 * Management nodes that an earlier change took out and that may be there still: Pulumi deletes after it creates, so that a join that
 * failed left them in the cluster. The state no longer says that they leave once it has the definition without them.
 */
export function leavingSince({ leaving = [] }: MembershipOutputs, { nodes }: MembershipInputs): LeavingNode[] {
  const after = nodes.map(declaredNode);
  return leaving.filter(node => leaves(declaredNode(node), after));
}

/** Those that the cluster still has. What joined since under the name of one has a Node of its own. */
export async function stillThere(session: ClusterSession, leaving: readonly (NodeState & { readonly uid?: string })[]): Promise<LeavingNode[]> {
  if (leaving.length === 0) return [];
  const { api } = await session.server('join');
  const uids = new Map((await api.nodes()).map(({ name, uid }) => [name, uid]));
  return leaving.flatMap(({ name, role, address, internalAddress, port, user, hostKey, uid = uids.get(name) }) =>
    (uid === undefined || uid !== uids.get(name) ? [] : { name, role, address, internalAddress, port, user, hostKey, uid }));
}
