import { randomUUID } from 'node:crypto';
import { olderKubernetes } from '../../llmos/version-change';
import { factsOf } from './facts';
import { roleOf } from './host-config';
import { addMember, refusesJoin } from './etcd';
import { clusterAt, requireApi, runningHost, takesToken } from './server-address';
import { say } from './journal';
import type { ClusterState, Host, NodeState, Runtime } from './state';
import { Unavailable } from './unavailable';
import type { World } from './world';

/** What the first node runs where its config names no version. */
const KUBERNETES_VERSION = 'v1.34.4+k3s1';

/** Why k3s or RKE2 does not get into its cluster this time. */
class Refusal extends Error {
  constructor(readonly reason: string, readonly fatal = false) {
    super(reason);
  }
}

/** systemd starts k3s or RKE2: it opens its data, or joins, or initialises a cluster. What fails is tried again for ever. */
export function startRuntime(world: World, host: Host): void {
  const { runtime } = host;
  if (!runtime || runtime.running || host.block) return;
  attempt(world, host, 'start', () => {
    if (runtime.role === 'management') enterEtcd(world, host, runtime);
    else runtime.cluster = serverOf(world, runtime).identity;
    runtime.tokenDigest = tokenOf(world, runtime);
    runtime.running = true;
    world.schedule('register', host.key, 0);
  });
}

/** The kubelet finds its Node or creates it. */
export function registerNode(world: World, host: Host): void {
  const { runtime } = host;
  const cluster = world.cluster(runtime?.cluster);
  if (!runtime || !cluster || !runningHost(world, host.key) || runtime.registered) return;
  attempt(world, host, 'register', () => {
    requireApi(world, cluster);
    const name = nodeName(host);
    const known = world.node(cluster, name);
    if (known?.deleting) throw new Refusal(`an earlier node ${name} is still being deleted`);
    if (known && known.nodePassword !== runtime.nodePassword) {
      throw new Refusal(`node password rejected: ${name} is known with another /etc/rancher/node/password; delete the old node first`);
    }
    if (!known && cluster.fencePolicy && Object.hasOwn(cluster.removedNodes, name)) {
      throw new Refusal(`nodes "${name}" is forbidden: it was removed from this cluster and may not register again`);
    }
    const member = cluster.members.find(({ id }) => id === runtime.member);
    const node = known ?? world.putNode(cluster, newNode(world, host, runtime, name));
    node.etcdIsVoter = member !== undefined && !member.learner;
    if (member) {
      node.removalRequested = false;
      delete node.removedMember;
    }
    node.boot = host.boots ?? 0;
    runtime.registered = true;
    say(host, `node ${name} is registered`);
    if (host.bootstrap.state === 'running') {
      world.scheduleAt('bootstrap', host.key, Math.max(world.now, host.bootstrap.startedAt + installSeconds(world, host) * 1000));
    }
  });
}

export function nodeName(host: Host): string {
  return host.runtime?.config.nodeName ?? host.config?.nodeName ?? host.name;
}

/** How long LLMOS takes to set this host's node up. */
export function installSeconds(world: World, host: Host): number {
  return world.faultsOf(host).installSeconds ?? world.faults.cluster.installSeconds;
}

/** The process ends with the power, with systemd or with its member. */
export function stopRuntime(world: World, host: Host): void {
  world.cancel('start', host.key);
  world.cancel('register', host.key);
  if (!host.runtime) return;
  host.runtime.running = false;
  host.runtime.registered = false;
}

/** systemd stops it and starts it again: etcd's member is away in between. */
export function restartRuntime(world: World, host: Host): void {
  stopRuntime(world, host);
  world.schedule('start', host.key, world.faults.cluster.bootSeconds);
}

function attempt(world: World, host: Host, kind: 'start' | 'register', work: () => void): void {
  try {
    work();
    delete host.bootstrap.hindrance;
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof Unavailable)) throw error;
    say(host, host.bootstrap.reason = error.reason);
    if (error instanceof Refusal && error.fatal) host.bootstrap.hindrance = 'never-heals';
    else delete host.bootstrap.hindrance;
    world.retry(kind, host.key);
  }
}

function enterEtcd(world: World, host: Host, runtime: Runtime): void {
  const own = world.cluster(runtime.cluster);
  // With data of a living member neither `cluster-init` nor `server` counts, and no token but the one the data is bound to.
  if (own?.members.some(({ id }) => id === runtime.member)) {
    if (tokenOf(world, runtime) === own.tokenDigest) return;
    throw new Refusal('bootstrap data already found and encrypted with different token');
  }
  if (world.clusters.some(({ leftOut = [] }) => leftOut.includes(runtime.member!))) throw new Refusal('etcd has no quorum: its data is from before the cluster was recovered');
  // Data of a removed member: its tombstone makes k3s move it aside.
  delete runtime.cluster;
  delete runtime.member;
  const { config } = runtime;
  const name = nodeName(host);
  const address = config.internalAddress ?? config.address ?? host.address;
  if (config.role === 'cluster-init' && config.server === undefined) {
    addMember(world, initialise(world, host), host, name, address);
    return;
  }
  const cluster = serverOf(world, runtime);
  const refusal = refusesJoin(world, cluster, name);
  if (refusal) throw new Refusal(refusal.reason, refusal.fatal);
  addMember(world, cluster, host, name, address);
}

function initialise(world: World, { runtime }: Host): ClusterState {
  const { kubernetesVersion = KUBERNETES_VERSION, tlsSans, tokenDigest = runtime!.tokenDigest ?? world.secrets.keep() } = runtime!.config;
  const cluster: ClusterState = {
    identity: randomUUID(), kubernetesVersion, names: [...tlsSans], tokenDigest, members: [],
    fencePolicy: false, removedNodes: {}, pods: [], deployed: [],
  };
  world.clusters.push(cluster);
  return cluster;
}

function serverOf(world: World, { config }: Runtime): ClusterState {
  const cluster = clusterAt(world, config.server ?? '');
  if (!cluster) throw new Refusal(`${config.server} does not answer`);
  if (!takesToken(world, config.server!, config.tokenDigest)) throw new Refusal(`${config.server} refuses the token`);
  return cluster;
}

/** What its config says; the token of a first node stands in no config, and it keeps that itself. */
function tokenOf(world: World, { config, tokenDigest, cluster }: Runtime): string | undefined {
  return config.tokenDigest ?? tokenDigest ?? world.cluster(cluster)?.tokenDigest;
}

function newNode(world: World, host: Host, { role, config, nodePassword }: Runtime, name: string): NodeState {
  return {
    name, uid: randomUUID(), role, host: host.key, nodePassword,
    machineId: factsOf(world, host).machineId,
    createdAt: new Date(world.now).toISOString(),
    internalAddress: config.internalAddress ?? host.address,
    externalAddress: config.address,
    labels: {
      'kubernetes.io/hostname': name, 'llmos.ai/managed': 'true',
      ...(role === 'management' && { 'node-role.kubernetes.io/control-plane': 'true', 'node-role.kubernetes.io/etcd': 'true', 'node-role.kubernetes.io/master': 'true' }),
      ...config.labels,
    },
    taints: [...config.taints],
    applied: { labels: [], taints: [] },
    unschedulable: false, deleting: false, etcdIsVoter: false, removalRequested: false,
  };
}

/** What the bootstrap puts on the host: k3s or RKE2 with its config, enabled. Data that is there stays. */
export function installRuntime(world: World, { runtime, bootstrap }: Host): Runtime {
  const config = bootstrap.config!;
  const cluster = clusterAt(world, config.server ?? '');
  const version = runtime?.version ?? (cluster && servedVersion(world, cluster));
  return { role: roleOf(config), running: false, registered: false, nodePassword: randomUUID(), ...runtime, config, version };
}

/** The release that LLMOS's operator tells joining machines: that of an API server, the oldest while they differ. */
export function servedVersion(world: World, { kubernetesVersion, members }: ClusterState): string {
  const versions = members.map(({ host }) => world.host(host)?.runtime?.version ?? kubernetesVersion);
  return versions.length === 0 ? kubernetesVersion : versions.reduce((a, b) => olderKubernetes(a, b));
}
