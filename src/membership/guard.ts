import { Problem } from '../problem';
import { checkJoin, checkRemoval, type Verdict } from '../quorum';
import { readMembers } from './members';
import type { NodeTarget } from './node-target';
import type { ClusterSession, Server } from './session';

/**
 * @returns what the join risks although it may be made, where it risks something
 * @throws Problem where the quorum rules do not allow `name` to join now
 */
export async function guardJoin(session: ClusterSession, server: Server, name: string): Promise<string | undefined> {
  const verdict = checkJoin(await readMembers(session, server), name);
  refuseUnless(verdict, `joining '${name}' to cluster '${session.cluster.name}'`);
  return verdict.exposure;
}

/** @throws Problem where taking the member of `node` out now would cost, or risk, the quorum */
export async function guardRemoval(session: ClusterSession, server: Server, node: NodeTarget): Promise<void> {
  refuseUnless(checkRemoval(await readMembers(session, server, node), node.name), `removing '${node.name}' from cluster '${session.cluster.name}'`);
}

function refuseUnless({ safe, reason, remedy }: Verdict, subject: string): void {
  if (!safe) throw new Problem({ subject, rule: reason, remedy: `${remedy}; then run the same command again` });
}
