import { nodeAddress, type NodeTarget } from './node-target';
import type { EtcdMember } from './ports/machine';
import type { ClusterSession, Server } from './session';

/** A member as the quorum rules see it: from the real list, with health from the member's own answer. */
export interface LiveMember {
  readonly id: string;
  /** Of its node; of a member that nobody knows, its etcd name or id. */
  readonly name: string;
  readonly voter: boolean;
  readonly healthy: boolean;
  /** Where its etcd answered. @default - it did not */
  readonly host?: NodeTarget;
}

/**
 * etcd's real member list with the health of each member, read now. A member whose host is not known to us cannot be asked
 * and counts as unhealthy, and so do two members of one node, of whom nobody knows which one answers: what is not known to be
 * well is not relied on.
 * @param leaving asked where it stands now first, which may be another machine than the one declared under its name
 */
export async function readMembers(session: ClusterSession, server: Server, leaving?: NodeTarget): Promise<LiveMember[]> {
  const members = await server.machine.members();
  await learnUndeclared(session, server, members);
  const known = [...(leaving ? [leaving] : []), ...session.management];
  return Promise.all(members.map(async member => {
    const hosts = members.filter(({ node }) => node === member.node).length === 1 ? known.filter(({ name }) => name === member.node) : [];
    const host = await whereHealthy(session, hosts, member);
    return { id: member.id, name: memberNode(session, member), voter: !member.learner, healthy: host !== undefined, ...(host && { host }) };
  }));
}

/** One that is replaced under its name is asked at both machines, one after the other: the member is at one of them at most. */
async function whereHealthy(session: ClusterSession, hosts: readonly NodeTarget[], member: EtcdMember): Promise<NodeTarget | undefined> {
  const machines = hosts.map(host => session.machine(host));
  for (const [index, host] of hosts.entries()) {
    if (machines.indexOf(machines[index]!) === index && await isHealthy(session, host, member)) return host;
  }
  return undefined;
}

/** etcd's real member list, under the names of the nodes; nobody is asked how it is. */
export async function listMembers(session: ClusterSession, server: Server): Promise<Omit<LiveMember, 'healthy' | 'host'>[]> {
  return (await server.machine.members()).map(member => ({ id: member.id, name: memberNode(session, member), voter: !member.learner }));
}

/** Names of the nodes that have a member in etcd's real list, voters and learners. */
export async function memberNames(session: ClusterSession, server: Server): Promise<string[]> {
  return (await listMembers(session, server)).map(({ name }) => name);
}

/** A member that was added and has not started has no name yet: its peer address says whose it is. */
function memberNode(session: ClusterSession, member: EtcdMember): string {
  if (member.node !== '') return member.node;
  const hosts = member.peerUrls.map(url => new URL(url).hostname.replace(/^\[|\]$/g, ''));
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

/**
 * The member's own etcd answers, and it is that member: an address that went to another machine may lead to an etcd that is well
 * and is another member, or one of another cluster.
 */
async function isHealthy(session: ClusterSession, host: NodeTarget, member: EtcdMember): Promise<boolean> {
  const machine = session.machine(host);
  try {
    if (!(await machine.memberHealthy())) return false;
    const [{ nodeName, hostname }, own] = await Promise.all([machine.facts(), machine.members()]);
    return (nodeName ?? hostname) === member.node && own.some(({ id }) => id === member.id);
  } catch {
    return false;
  }
}
