import { Unavailable } from './unavailable';
import type { ClusterState, Host, Member } from './state';
import { randomHex, type World } from './world';

/** Voters of a cluster and how many of them answer. */
export interface Quorum {
  readonly voters: number;
  readonly answering: number;
  readonly majority: number;
}

/** Counted here and not with quorum/: a rehearsal that shared its mathematics could not show it wrong. */
export function quorum(world: World, { members }: ClusterState): Quorum {
  const voters = members.filter(({ learner }) => !learner);
  return {
    voters: voters.length,
    answering: voters.filter(member => answers(world, member)).length,
    majority: Math.floor(voters.length / 2) + 1,
  };
}

/** The member's process runs on its data and answers in time. */
export function answers(world: World, member: Member): boolean {
  const host = world.host(member.host);
  return host?.runtime !== undefined && host.runtime.running && host.runtime.member === member.id
    && world.down[host.key] === undefined && !world.faultsOf(host).unhealthy;
}

/** The member that leads: who did so far, else the first voter that answers; none without a quorum. */
export function leaderOf(world: World, cluster: ClusterState): Member | undefined {
  const { answering, majority } = quorum(world, cluster);
  const voters = cluster.members.filter(member => !member.learner && answers(world, member));
  return answering < majority ? undefined : voters.find(({ id }) => id === cluster.leader) ?? voters[0];
}

/** @throws Unavailable where etcd would leave a request waiting */
export function requireQuorum(world: World, cluster: ClusterState): void {
  const { voters, answering, majority } = quorum(world, cluster);
  if (answering < majority) throw new Unavailable(`etcd has no quorum: ${answering} of ${voters} voters answer`);
}

/** What etcd says to a new member; undefined where it may join. Source: etcd's strict reconfiguration check, k3s's join. */
export function refusesJoin(world: World, cluster: ClusterState, node: string): { readonly reason: string; readonly fatal: boolean } | undefined {
  const stale = cluster.members.find(member => member.node === node);
  if (stale) return { reason: `duplicate node name found, please use a unique name for this node (member ${stale.name})`, fatal: true };
  const { voters, answering, majority } = quorum(world, cluster);
  if (answering < majority) return { reason: `etcd has no quorum: ${answering} of ${voters} voters answer`, fatal: false };
  if (answering < voters) return { reason: 'etcdserver: unhealthy cluster', fatal: false };
  const learner = cluster.members.find(member => member.learner);
  return learner && { reason: `etcdserver: too many learner members in cluster (${learner.name} is one)`, fatal: false };
}

/** A new member. Whoever is not the first is a learner until the leader promotes it. */
export function addMember(world: World, cluster: ClusterState, host: Host, node: string, address: string): void {
  const member: Member = {
    id: randomHex(16), name: `${node}-${randomHex(8)}`, node, host: host.key, peerUrl: `https://${address}:2380`,
    learner: cluster.members.length > 0, since: world.now,
  };
  cluster.members.push(member);
  Object.assign(host.runtime!, { cluster: cluster.identity, member: member.id });
  if (member.learner) world.schedule('promote', cluster.identity, world.faults.cluster.promotionSeconds);
}

/** The leader's regular look at its learner. */
export function promote(world: World, cluster: ClusterState): void {
  const learner = cluster.members.find(member => member.learner);
  if (!learner) return;
  const { promotionSeconds, learnerSeconds } = world.faults.cluster;
  const { voters, answering, majority } = quorum(world, cluster);
  const host = world.host(learner.host)!;
  if (answering >= majority) {
    const caughtUp = answers(world, learner) && !world.faultsOf(host).lagging;
    if (caughtUp && answering + 1 >= Math.floor((voters + 1) / 2) + 1) {
      learner.learner = false;
      const node = world.node(cluster, learner.node);
      if (node) node.etcdIsVoter = true;
      return;
    }
    if (!caughtUp && world.now - learner.since >= learnerSeconds * 1000) {
      removeMember(world, cluster, learner);
      return;
    }
  }
  world.retry('promote', cluster.identity, promotionSeconds);
}

/** What etcd says to a removal; undefined where it may go. It looks at who answers now, not at what is left afterwards. */
export function refusesRemoval(world: World, cluster: ClusterState, member: Member): string | undefined {
  const { voters, answering, majority } = quorum(world, cluster);
  if (answering < majority) return `etcd has no quorum: ${answering} of ${voters} voters answer`;
  if (member.learner) return undefined;
  if (voters === 1) return 'it is the only voter';
  return answers(world, member) && answering - 1 < Math.floor((voters - 1) / 2) + 1 ? 'etcdserver: unhealthy cluster' : undefined;
}

/** Takes a member off the list. Its process ends; systemd starts it again unless that is blocked, and then it joins afresh. */
export function removeMember(world: World, cluster: ClusterState, member: Member): void {
  cluster.members.splice(cluster.members.indexOf(member), 1);
  const host = world.host(member.host);
  if (host?.runtime?.member !== member.id || !host.runtime.running) return;
  host.runtime.running = false;
  host.runtime.registered = false;
  world.schedule('start', host.key, world.faults.cluster.bootSeconds);
}
