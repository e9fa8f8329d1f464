import { Problem } from '../problem';
import { checkJoin, checkRemoval, type Verdict } from '../quorum';
import { readMembers } from './members';
import type { ClusterSession, Server } from './session';

/** @throws Problem where the quorum rules do not allow `name` to join now */
export async function guardJoin(session: ClusterSession, server: Server, name: string): Promise<void> {
  refuseUnless(checkJoin(await readMembers(session, server), name), `joining '${name}' to cluster '${session.cluster.name}'`);
}

/** @throws Problem where taking the member of `name` out now would cost, or risk, the quorum */
export async function guardRemoval(session: ClusterSession, server: Server, name: string): Promise<void> {
  refuseUnless(checkRemoval(await readMembers(session, server), name), `removing '${name}' from cluster '${session.cluster.name}'`);
}

function refuseUnless({ safe, reason, remedy }: Verdict, subject: string): void {
  if (!safe) throw new Problem({ subject, rule: reason, remedy: `${remedy}; then run the same command again` });
}
