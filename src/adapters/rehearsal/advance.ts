import { continueBootstrap, powerOff, powerOn } from './bootstrap';
import { promote } from './etcd';
import { reconcilePods } from './pods';
import { reconcileNode } from './reconcile-node';
import { registerNode, startRuntime } from './runtime';
import type { Host } from './state';
import type { EventKind, World } from './world';

/**
 * Lets everything happen that is due by now. No process runs a rehearsal: whoever looks at the folder next brings it up to
 * date first, so that a join goes on although the process that began it was killed.
 */
export function advance(world: World, newlyDead: readonly Host[]): void {
  switchPower(world, newlyDead);
  for (let event = world.takeDue(); event; event = world.takeDue()) HANDLERS[event.kind](world, event.subject);
  for (const cluster of world.clusters) reconcilePods(world, cluster);
}

/** Notes a machine whose power is off. */
export function losePower(world: World, host: Host): void {
  if (world.down[host.key] !== undefined) return;
  world.down[host.key] = { name: host.name, since: world.now };
  powerOff(world, host);
}

function switchPower(world: World, newlyDead: readonly Host[]): void {
  for (const host of newlyDead) losePower(world, host);
  for (const key of Object.keys(world.down)) {
    const host = world.host(key);
    if (host && world.faultsOf(host).dead) continue;
    delete world.down[key];
    if (host) powerOn(world, host);
  }
}

const HANDLERS: Readonly<Record<EventKind, (world: World, subject: string) => void>> = {
  bootstrap: onHost(continueBootstrap),
  start: onHost(startRuntime),
  register: onHost(registerNode),
  promote(world, identity) {
    const cluster = world.cluster(identity);
    if (cluster) promote(world, cluster);
  },
  reconcile(world, subject) {
    const slash = subject.indexOf('/');
    const cluster = world.cluster(subject.slice(0, slash));
    const node = cluster && world.node(cluster, subject.slice(slash + 1));
    if (cluster && node) reconcileNode(world, cluster, node);
  },
};

/** What a host does, it does with power. */
function onHost(work: (world: World, host: Host) => void): (world: World, key: string) => void {
  return (world, key) => {
    const host = world.host(key);
    if (host && world.down[key] === undefined) work(world, host);
  };
}
