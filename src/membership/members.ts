import { nodeAddress } from './node-target';
import type { EtcdMember } from './ports/machine';
import type { ClusterSession, Server } from './session';

/** A member as the quorum rules see it: from the real list, with health from the member's own answer. */
export interface LiveMember {
  readonly id: string;
  /** Of its node; of a member that nobody knows, its etcd name or id. */
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
    id: member.id, name: memberNode(session, member), voter: !member.learner, healthy: await isHealthy(session, member),
  })));
}

/** Names of the nodes that have a member in etcd's real list, voters and learners. */
export async function memberNames(session: ClusterSession, server: Server): Promise<string[]> {
  return (await server.machine.members()).map(member => memberNode(session, member));
}

/** A member that was added and has not started has no name yet: its peer address says whose it is. */
function memberNode(session: ClusterSession, member: EtcdMember): string {
  if (member.node !== '') return member.node;
  const hosts = member.peerUrls.map(url => new URL(url).hostname);
  return session.management.find(node => hosts.includes(nodeAddress(node)))?.name ?? `member ${member.id}`;
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
