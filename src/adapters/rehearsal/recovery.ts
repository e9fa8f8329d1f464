import type { Datastore, RecoveryNote } from '../../llmos/host-scripts/cluster-reset';
import type { Host } from './state';
import type { World } from './world';

/** How far the data of a cluster goes that was never recovered from older data. */
const REVISION = 10_000;

/** What a host has of etcd's data, as its disk and the metrics of its member tell it. */
export function datastoreOf(world: World, host: Host): Datastore {
  const { runtime, recovery, copies = {} } = host;
  const cluster = world.cluster(runtime?.cluster);
  const member = cluster?.members.find(({ id }) => id === runtime?.member);
  const speaks = member !== undefined && !member.learner && runtime!.running && !world.faultsOf(host).unhealthy;
  return {
    present: runtime?.member !== undefined,
    running: runtime?.running === true,
    revision: speaks ? revisionOf(world, host) : undefined,
    members: speaks ? cluster!.members.length : undefined,
    recovery: recovery && { ...recovery },
    forgotten: Object.keys(copies).filter(id => copies[id]!.forgotten),
  };
}

function revisionOf(world: World, host: Host): number {
  const { revision = REVISION } = world.cluster(host.runtime?.cluster) ?? {};
  return revision - (world.faultsOf(host).behind ?? 0);
}

export function noteRecovery(host: Host, note: RecoveryNote): void {
  host.recovery ??= note;
}

/** Where the copy lies; undefined where there is nothing to copy. */
export function copyDatastore(host: Host, id: string): string | undefined {
  if (host.runtime?.member !== undefined && !host.copies?.[id]) host.copies = { ...host.copies, [id]: { forgotten: false } };
  return host.copies?.[id] && `/var/lib/llmos-nodes/recovery-${id}`;
}

/** `--cluster-reset`: the data on this disk becomes a cluster of this one member, and what other members had beyond it is gone. */
export function resetCluster(world: World, host: Host): void {
  if (host.recovery === undefined || host.recovery.reset) return;
  const cluster = world.cluster(host.runtime?.cluster)!;
  const own = host.runtime!.member;
  cluster.revision = revisionOf(world, host);
  cluster.leftOut = [...(cluster.leftOut ?? []), ...cluster.members.map(({ id }) => id).filter(id => id !== own)];
  cluster.members = cluster.members.filter(({ id }) => id === own).map(member => ({ ...member, learner: false }));
  host.recovery = { ...host.recovery, reset: true };
}

export function hasForgotten(host: Host, id: string): boolean {
  return host.copies?.[id]?.forgotten === true;
}

/** False where the data has no copy. */
export function forgetDatastore(host: Host, id: string): boolean {
  if (hasForgotten(host, id)) return true;
  const { runtime, copies } = host;
  if (runtime?.member !== undefined && !copies?.[id]) return false;
  delete runtime?.cluster;
  delete runtime?.member;
  host.copies = { ...copies, [id]: { forgotten: true } };
  return true;
}
