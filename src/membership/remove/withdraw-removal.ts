import { Problem } from '../../problem';
import { refuseHalfRemoved } from '../half-removed';
import { takeLock } from '../lock';
import { memberNames } from '../members';
import type { NodeTarget } from '../node-target';
import type { ClusterSession, Server } from '../session';

/**
 * Takes back what a removal that never ended had prepared on nodes that are declared again: the block on the machine, the fence for
 * the name, the cordon. Pulumi may still have the node, so that no join comes that would do it. Nodes that the cluster has not are
 * left alone: they join; and so are those that are declared on another machine. Of many, which is what a change mostly declares, one
 * look tells.
 * @throws Problem where an etcd member is gone already, and while somebody else changes the management nodes
 */
export async function withdrawRemovals(session: ClusterSession, nodes: readonly NodeTarget[]): Promise<void> {
  if (nodes.length === 0) return;
  const there = new Set((await (await session.server('join')).api.nodes()).map(({ name }) => name));
  for (const node of nodes) if (there.has(node.name)) await withdrawRemoval(session, await session.server('join'), node);
}

/** The same for one node, which is in the cluster or was a moment ago. */
export async function withdrawRemoval(session: ClusterSession, server: Server, node: NodeTarget): Promise<void> {
  if (!(await isBeingRemoved(session, server, node))) return;
  // Whoever removes a management node holds it; what was prepared is lifted when that is over, or not at all.
  const lock = node.role === 'management' ? await takeLock(server.api, session.cluster.name) : undefined;
  try {
    const view = await server.api.node(node.name);
    if (view === undefined) return;
    if (node.role === 'management') {
      await refuseHalfRemoved(session, server, node.name, view);
      await withdrawRequest(session, server, node.name);
    }
    await session.machine(node).allowRestart();
    if ((await server.api.fencedNames()).includes(node.name)) await server.api.unfence(node.name);
    if (view.cordonedFor === 'removal') await server.api.uncordon(node.name);
  } finally {
    await lock?.release();
  }
}

/**
 * Takes back the request to remove a node's etcd member, which k3s would otherwise follow whenever it can.
 * @throws Problem where it has
 */
export async function withdrawRequest(session: ClusterSession, server: Server, name: string): Promise<void> {
  await server.api.withdrawMemberRemoval(name);
  if ((await memberNames(session, server)).includes(name)) return;
  throw new Problem({
    subject: `node '${name}'`,
    rule: 'its etcd member went while its removal was taken back, and started again it would join etcd without being asked',
    remedy: 'take it out of the definition and run `pulumi up`, which ends the removal; then declare it again',
  });
}

/** A removal of this machine was begun: before it came to the machine it cordoned the node, unless somebody else had, and fenced the name. */
async function isBeingRemoved(session: ClusterSession, server: Server, node: NodeTarget): Promise<boolean> {
  const view = await server.api.node(node.name);
  if (view === undefined || view.role !== node.role) return false;
  if (view.removedMember === undefined && view.cordonedFor !== 'removal' && !(await server.api.fencedNames()).includes(node.name)) return false;
  return view.machineId === '' || view.machineId === (await session.machine(node).facts()).machineId;
}
