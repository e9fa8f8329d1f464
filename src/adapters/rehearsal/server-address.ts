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
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (!url || !REGISTRATION_PORTS.includes(Number(url.port))) return undefined;
  const name = url.hostname.replace(/^\[|\]$/g, '');
  const serving = world.clusters.map(cluster => ({ cluster, hosts: cluster.members.flatMap(({ host }) => runningHost(world, host) ?? []) }));
  return (serving.find(({ hosts }) => hosts.some(host => addresses(host).includes(name)))
    ?? serving.find(({ cluster, hosts }) => hosts.length > 0 && cluster.names.includes(name)))?.cluster;
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
