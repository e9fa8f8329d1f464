import { refuseHalfRemoved } from '../half-removed';
import type { NodeTarget } from '../node-target';
import type { ClusterSession } from '../session';

/**
 * Takes back what a removal that never ended had prepared on nodes that are declared again: the block on the machine, the fence for
 * the name, the cordon. Pulumi may still have the node, so that no join comes that would do it. Nodes that the cluster has not are
 * left alone: they join. Of many, which is what a change mostly declares, one look tells.
 * @throws Problem where an etcd member is gone already
 */
export async function withdrawRemovals(session: ClusterSession, nodes: readonly NodeTarget[]): Promise<void> {
  if (nodes.length === 0) return;
  const there = new Set((await (await session.server('join')).api.nodes()).map(({ name }) => name));
  for (const node of nodes) if (there.has(node.name)) await withdrawRemoval(session, node);
}

async function withdrawRemoval(session: ClusterSession, node: NodeTarget): Promise<void> {
  const server = await session.server('join');
  const view = await server.api.node(node.name);
  if (view === undefined || view.role !== node.role) return;
  await refuseHalfRemoved(session, server, node.name, view);
  const fenced = (await server.api.fencedNames()).includes(node.name);
  // Without either its removal had not come as far as its machine.
  if (!fenced && view.cordonedFor !== 'removal') return;
  await session.machine(node).allowRestart();
  if (fenced) await server.api.unfence(node.name);
  if (view.cordonedFor === 'removal') await server.api.uncordon(node.name);
}
