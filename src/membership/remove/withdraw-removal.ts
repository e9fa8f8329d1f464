import { refuseHalfRemoved } from '../half-removed';
import type { NodeTarget } from '../node-target';
import type { ClusterSession } from '../session';

/**
 * Takes back what a removal that never ended had prepared on a node that is declared again: the block on its machine, the fence for
 * its name, its cordon. Pulumi may still have the node, so that no join comes that would do it. A node that the cluster has not is
 * left alone: it joins.
 * @throws Problem where its etcd member is gone already
 */
export async function withdrawRemoval(session: ClusterSession, node: NodeTarget): Promise<void> {
  const server = await session.server('join');
  const view = await server.api.node(node.name);
  if (view === undefined || view.role !== node.role) return;
  await refuseHalfRemoved(session, server, node.name, view);
  const fenced = (await server.api.fencedNames()).includes(node.name);
  // Without either its removal had not come as far as its machine.
  if (!fenced && !view.cordonedByRemoval) return;
  await session.machine(node).allowRestart();
  if (fenced) await server.api.unfence(node.name);
  if (view.cordonedByRemoval) await server.api.setUnschedulable(node.name, false);
}
