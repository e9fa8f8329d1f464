import { Problem } from '../problem';
import { checkJoin, checkRemoval, type Verdict } from '../quorum';
import type { EtcdMember } from './ports/machine';
import type { ClusterSession, Server } from './session';

/** A member as the quorum rules see it: from the real list, with health from the member's own answer. */
export interface LiveMember {
  readonly id: string;
  readonly name: string;
  readonly voter: boolean;
  readonly healthy: boolean;
}

/**
 * etcd's real member list with the health of each member, read now. A member whose host is not known to us cannot be asked
 * and counts as unhealthy: what is not known to be well is not relied on.
 */
export async function readMembers(session: ClusterSession, server: Server): Promise<LiveMember[]> {
  const members = await server.machine.members();
  await learnUndeclared(session, server, members);
  return Promise.all(members.map(async member => ({
    id: member.id, name: member.node, voter: !member.learner, healthy: await isHealthy(session, member),
  })));
}

/** A member that is no longer declared, or not yet removed, is asked too: its Node says where it is. */
async function learnUndeclared(session: ClusterSession, server: Server, members: readonly EtcdMember[]): Promise<void> {
  if (members.every(member => session.management.some(({ name }) => name === member.node))) return;
  const nodes = await server.api.nodes();
  session.know(nodes.flatMap(({ name, role, externalAddress, internalAddress }) => {
    const address = externalAddress ?? internalAddress;
    return address === undefined ? [] : [{ name, role, address, internalAddress, labels: {}, taints: [] }];
  }));
}

async function isHealthy(session: ClusterSession, member: EtcdMember): Promise<boolean> {
  const node = session.management.find(({ name }) => name === member.node);
  return node !== undefined && session.machine(node).memberHealthy();
}

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
