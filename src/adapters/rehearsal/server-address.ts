import { REGISTRATION_PORTS } from '../../llmos/kubernetes-version';
import { requireQuorum } from './etcd';
import type { ClusterState, Host } from './state';
import { Unavailable } from './unavailable';
import type { World } from './world';

/**
 * The cluster whose supervisor answers at `https://host:port`: through a management node's own address, or through a name
 * that leads to any of them. Undefined where nobody answers.
 */
export function clusterAt(world: World, server: string): ClusterState | undefined {
  return servingAt(world, server)?.cluster;
}

/**
 * Whether a server there takes the token. Each takes the one it was started with or changed to itself, so that while the token is
 * changed they differ; a name that leads to any of them may lead to one that takes it.
 */
export function takesToken(world: World, server: string, tokenDigest: string | undefined): boolean {
  const serving = servingAt(world, server);
  return serving?.hosts.some(({ runtime }) => (runtime!.tokenDigest ?? serving.cluster.tokenDigest) === tokenDigest) ?? false;
}

interface Serving {
  readonly cluster: ClusterState;
  /** Who answers there. */
  readonly hosts: readonly Host[];
}

function servingAt(world: World, server: string): Serving | undefined {
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (!url || !REGISTRATION_PORTS.includes(Number(url.port))) return undefined;
  const name = url.hostname.replace(/^\[|\]$/g, '');
  const serving = world.clusters.map(cluster => ({ cluster, hosts: cluster.members.flatMap(({ host }) => runningHost(world, host) ?? []) }));
  const owners = serving.map(({ cluster, hosts }) => ({ cluster, hosts: hosts.filter(host => addresses(host).includes(name)) }));
  return owners.find(({ hosts }) => hosts.length > 0) ?? serving.find(({ cluster, hosts }) => hosts.length > 0 && cluster.names.includes(name));
}

/** The host where it has power and its runtime runs. */
export function runningHost(world: World, key: string): Host | undefined {
  const host = world.host(key);
  return host?.runtime?.running && world.down[key] === undefined ? host : undefined;
}

/** @throws Unavailable where the API server would leave a request waiting */
export function requireApi(world: World, cluster: ClusterState): void {
  if (world.faults.cluster.apiAway) throw new Unavailable('no API server answers');
  requireQuorum(world, cluster);
}

/** Why LLMOS's operator does not answer; undefined where it does. It keeps what it knows in the API server. */
export function operatorAway(world: World, cluster: ClusterState): string | undefined {
  if (world.faults.cluster.operatorUnready) return 'no endpoint of the operator is ready';
  try {
    requireApi(world, cluster);
    return undefined;
  } catch (error) {
    if (error instanceof Unavailable) return error.reason;
    throw error;
  }
}

function addresses(host: Host): (string | undefined)[] {
  return [host.address, host.runtime?.config.address, host.runtime?.config.internalAddress];
}
