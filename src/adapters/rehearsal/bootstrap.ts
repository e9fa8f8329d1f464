import type { Host } from './state';
import { installRuntime, installSeconds, servedVersion, stopRuntime } from './runtime';
import { say } from './journal';
import { clusterAt, operatorAway, takesToken } from './server-address';
import type { World } from './world';

/** When each part of the bootstrap is reached, as parts of its whole time. */
const REACHED_AT = { check: 0.1, 'cluster-info': 0.3, runtime: 0.6 } as const;

/** systemd starts llmos.service, again where it ran already, unless it is blocked. */
export function startBootstrap(world: World, host: Host): void {
  if (host.block) return;
  host.bootstrap = {
    state: 'running', phase: 'check', startedAt: world.now, config: host.config,
    reason: 'llmos bootstrap has just started', journal: [], dropped: 0,
  };
  say(host, 'llmos bootstrap starts');
  reach(world, host, 'check');
}

/** The process is ended from outside. */
export function endBootstrap(world: World, host: Host): void {
  world.cancel('bootstrap', host.key);
  if (host.bootstrap.state === 'running' || host.bootstrap.state === 'failed') host.bootstrap.state = 'none';
  delete host.bootstrap.config;
}

/** The next part of `llmos bootstrap`. */
export function continueBootstrap(world: World, host: Host): void {
  if (host.bootstrap.state !== 'running') return;
  ({ check, 'cluster-info': askForVersions, runtime: startRuntimeInstaller, registration: finish })[host.bootstrap.phase](world, host);
}

/** What is wrong with the config ends the unit as failed; a server that does not answer counts as that. */
function check(world: World, host: Host): void {
  const { config } = host.bootstrap;
  if (!config) return fail(host, 'there is no /etc/llmos/config.yaml');
  if (config.invalid !== undefined) return fail(host, `invalid config: ${config.invalid}`);
  if (config.server !== undefined && !clusterAt(world, config.server)) {
    fail(host, `invalid config: ${config.server}/ping does not answer pong`);
    host.bootstrap.hindrance = 'server-away';
    return;
  }
  reach(world, host, 'cluster-info');
}

/** Everything that goes wrong here is tried for ever, with the same words for every cause, as LLMOS has it. */
function askForVersions(world: World, host: Host): void {
  const { server, tokenDigest } = host.bootstrap.config!;
  if (server !== undefined) {
    const cluster = clusterAt(world, server);
    if (!cluster || operatorAway(world, cluster) !== undefined || !takesToken(world, server, tokenDigest)) {
      say(host, host.bootstrap.reason = 'failed to get cluster info: <nil>');
      host.bootstrap.hindrance = 'no-cluster-info';
      world.retry('bootstrap', host.key);
      return;
    }
    say(host, `the cluster runs ${servedVersion(world, cluster)}`);
  }
  reach(world, host, 'runtime');
}

function startRuntimeInstaller(world: World, host: Host): void {
  host.runtime = installRuntime(world, host);
  host.bootstrap.phase = 'registration';
  delete host.bootstrap.hindrance;
  host.bootstrap.reason = 'the Kubernetes runtime starts';
  say(host, host.bootstrap.reason);
  if (host.runtime.registered) finish(world, host);
  else if (host.runtime.running) world.schedule('register', host.key, 0);
  else world.schedule('start', host.key, 0);
}

function finish(_world: World, host: Host): void {
  if (!host.runtime?.registered) return;
  say(host, 'llmos bootstrap is done');
  host.bootstrap.state = 'done';
  host.bootstrap.reason = '';
  delete host.bootstrap.config;
}

function fail(host: Host, reason: string): void {
  say(host, host.bootstrap.reason = reason);
  host.bootstrap.state = 'failed';
}

function reach(world: World, host: Host, phase: keyof typeof REACHED_AT): void {
  host.bootstrap.phase = phase;
  world.scheduleAt('bootstrap', host.key, Math.max(world.now, host.bootstrap.startedAt + installSeconds(world, host) * 1000 * REACHED_AT[phase]));
}

/** The power goes. */
export function powerOff(world: World, host: Host): void {
  world.cancel('bootstrap', host.key);
  stopRuntime(world, host);
}

/** The power is back: whatever is installed starts, unless it is blocked. */
export function powerOn(world: World, host: Host): void {
  host.boots = (host.boots ?? 0) + 1;
  const { state } = host.bootstrap;
  if (!host.installed) {
    // The unit went with the uninstall; only its process had been left.
    endBootstrap(world, host);
  } else if (state === 'running' || state === 'failed') {
    startBootstrap(world, host);
  }
  world.schedule('start', host.key, world.faults.cluster.bootSeconds);
}
