import { LEFTOVER_PATHS, LLMOS_PATHS, LLMOS_UNIT, K3S, RESTART_BLOCK, RKE2, type RuntimePaths } from '../../llmos/paths';
import { endBootstrap } from './bootstrap';
import { stopRuntime } from './runtime';
import type { Bootstrap, Host } from './state';
import { randomHex, type World } from './world';

/** A machine as it comes from its maker: an operating system and nothing else. */
export function freshHost(key: string, name: string, address: string): Host {
  return { key, name, address, machineId: randomHex(32), installed: false, bootstrap: noBootstrap(), snapshots: [] };
}

/** A new operating system on the same machine. */
export function reinstall(world: World, host: Host): void {
  uninstall(world, host);
  Object.assign(host, freshHost(host.key, host.name, host.address));
}

/** LLMOS's own uninstall script: it neither ends a bootstrap that runs nor deletes the config with the token. */
export function runUninstallScript(world: World, host: Host): void {
  loseData(world, host);
  delete host.runtime;
  host.installed = false;
  if (host.bootstrap.state !== 'running') host.bootstrap = noBootstrap();
}

/** That script, with what it leaves running ended before and what it leaves lying deleted afterwards. */
export function uninstall(world: World, host: Host): void {
  endBootstrap(world, host);
  runUninstallScript(world, host);
  delete host.config;
  delete host.block;
  delete host.nextTokenDigest;
}

/** Puts a token into the configs of LLMOS and the runtime; it counts from the next start on. */
export function writeToken(host: Host, tokenDigest: string): void {
  if (host.config) host.config = { ...host.config, tokenDigest };
  if (host.runtime) host.runtime.config = { ...host.runtime.config, tokenDigest };
}

/** `/var/lib/rancher` is gone; with the last copy of its data a cluster is gone too. */
export function loseData(world: World, host: Host): void {
  const { runtime } = host;
  stopRuntime(world, host);
  host.snapshots = [];
  if (!runtime) return;
  const cluster = world.cluster(runtime.cluster);
  delete runtime.cluster;
  delete runtime.member;
  delete runtime.tokenDigest;
  const isLost = cluster?.members.every(member => world.host(member.host)?.runtime?.member !== member.id);
  if (cluster && isLost) world.removeCluster(cluster);
}

/** What of LLMOS or Kubernetes is on a host, whatever its state is called. */
export function leftovers(world: World, host: Host): string[] {
  const { bootstrap, config, runtime } = host;
  const runs = bootstrap.state === 'running';
  const { binary, serverUnit, agentUnit } = runtimePaths(world, host);
  const unit = runtime?.role === 'management' ? serverUnit : agentUnit;
  return [
    ...(config ? [LLMOS_PATHS.config] : []),
    ...(host.installed ? ['/usr/local/bin/llmos', LLMOS_UNIT] : []),
    ...(runs ? ['process llmos bootstrap', LLMOS_PATHS.working] : []),
    ...(bootstrap.state === 'done' ? [LLMOS_PATHS.bootstrapped] : []),
    ...(runtime ? [unit, ...LEFTOVER_PATHS.filter(path => path.endsWith(`rancher/${binary}`))] : []),
    ...(runtime?.running ? [`process ${binary}`] : []),
    ...(host.block ? [RESTART_BLOCK.marker] : []),
  ];
}

/** k3s or RKE2, as the host's cluster has it. */
export function runtimePaths(world: World, { runtime }: Host): RuntimePaths {
  const version = world.cluster(runtime?.cluster)?.kubernetesVersion ?? runtime?.config.kubernetesVersion;
  return version?.includes('+rke2') ? RKE2 : K3S;
}

function noBootstrap(): Bootstrap {
  return { state: 'none', phase: 'check', startedAt: 0, reason: '', journal: [], dropped: 0 };
}
