import { roleOf } from './host-config';
import type { BootstrapStage, MachineFacts } from '../../membership/ports/machine';
import type { Host } from './state';
import type { World } from './world';

/** A fresh machine as LLMOS recommends it. */
const DEFAULTS = {
  os: 'Debian GNU/Linux 12 (bookworm)', arch: 'amd64', cores: 8, memoryBytes: 16 * 2 ** 30, systemd: true, privileged: true,
  clockSkewSeconds: 0, portsInUse: [], otherKubernetes: [],
} as const;

/** What a host says of itself: the usual, unless its faults say otherwise. */
export function factsOf(world: World, host: Host): MachineFacts {
  return {
    ...DEFAULTS,
    hostname: host.name,
    machineId: host.machineId,
    bootId: `boot-${host.boots ?? 0}`,
    ...world.faultsOf(host).facts,
    bootstrap: bootstrapStage(host),
    ...(host.config?.byHand && { byHand: true }),
    nodeName: host.config?.nodeName,
    role: host.config && roleOf(host.config),
    server: host.config?.server,
  };
}

export function bootstrapStage({ bootstrap, config }: Host): BootstrapStage {
  if (bootstrap.state !== 'none') return bootstrap.state;
  return config ? 'configured' : 'absent';
}
