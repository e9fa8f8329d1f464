import { createHash, randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';

import { Problem } from '../problem';
import type { ClusterApi, Lease } from './ports/cluster-api';

/** A holder that was not heard of for this long is taken to be gone. */
const LEASE_SECONDS = 60;
/** How often the holder says that it is still there: two such words may get lost. */
const RENEW_SECONDS = 20;
/** How far two people's clocks may be apart before one of them takes a lock that is still held. */
const SKEW_SECONDS = 30;

/** How this user on this computer begins the holder's name; what process it is follows. */
const HERE = `${userInfo().username}@${hostname()} (process `;
/** Where process ids mean the same processes as here. */
const SPACE = processSpace();
/** Of this process, and of none that gets its id later. */
const MARK = randomUUID().slice(0, 8);

/** The right to change the management membership of a cluster, while it is held. */
export interface Lock {
  /** Asked right before what cannot be taken back. @throws Problem where the lock could not be renewed in time, so that somebody else may hold it */
  assertHeld(): void;
  /** Gives it back. Never throws: what cannot be given back expires. */
  release(): Promise<void>;
}

/**
 * Takes the one lock of a cluster: a Lease in kube-system. Pulumi's own lock covers one stack; this one covers everybody who
 * works on the cluster.
 * @param now milliseconds since the epoch. @default Date.now
 * @param purpose for whoever finds it held: `m2 is out of service`. @default - nothing is said of it
 * @throws Problem that names the holder and since when, where somebody else holds it
 */
export async function takeLock(api: ClusterApi, cluster: string, now: () => number = Date.now, purpose?: string): Promise<Lock> {
  const holder = `${HERE}${process.pid}, ${SPACE}-${MARK})${purpose === undefined ? '' : `: ${purpose}`}`;
  const acquiredAt = now();
  let current = await api.lease();
  for (;;) {
    if (current && isHeldByAnother(current, holder, now())) throw heldByAnother(current, cluster, now());
    const written = await api.putLease({ holder, acquiredAt, renewedAt: now(), durationSeconds: LEASE_SECONDS }, current?.version);
    if (written) return new HeldLock(api, cluster, written, now);
    // Somebody was quicker; or the answer to our own write got lost, and it stands there under our name.
    current = await api.lease();
  }
}

function isHeldByAnother({ holder, renewedAt, durationSeconds }: Lease, us: string, now: number): boolean {
  if (holder === '' || holder === us || wasKilledHere(holder)) return false;
  return now < renewedAt + (durationSeconds + SKEW_SECONDS) * 1000;
}

/** A run of ours that was killed could not give the lock back; whoever starts it again need not wait until it expires. */
function wasKilledHere(holder: string): boolean {
  if (!holder.startsWith(HERE)) return false;
  const [, pid, space] = /^(\d+), (\w+)-/.exec(holder.slice(HERE.length)) ?? [];
  if (pid === undefined || space !== SPACE) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** Containers may share a host's name and have process ids of their own; and after a restart of the host all of them are given anew. */
function processSpace(): string {
  try {
    const where = [readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'), readlinkSync('/proc/self/ns/pid')];
    return createHash('sha256').update(where.join()).digest('hex').slice(0, 8);
  } catch {
    // Only Linux has both, and containers.
    return process.platform;
  }
}

function heldByAnother({ holder, acquiredAt, renewedAt }: Lease, cluster: string, now: number): Problem {
  const ago = (time: number) => `${Math.max(0, Math.round((now - time) / 1000))} s`;
  return new Problem({
    subject: `lock of cluster '${cluster}'`,
    value: holder,
    rule: `one management change at a time: it has been held for ${ago(acquiredAt)} and was renewed ${ago(renewedAt)} ago`,
    remedy: `wait for that run to end, then run the same command again; a lock that is not renewed any more falls free after ${LEASE_SECONDS + SKEW_SECONDS} s`,
  });
}

class HeldLock implements Lock {
  private readonly timer: NodeJS.Timeout;
  private renewing?: Promise<void>;

  constructor(private readonly api: ClusterApi, private readonly cluster: string, private lease: Lease, private readonly now: () => number) {
    this.timer = setInterval(() => { this.renewing = this.renew(); }, RENEW_SECONDS * 1000);
    this.timer.unref();
  }

  assertHeld(): void {
    if (this.now() < this.lease.renewedAt + this.lease.durationSeconds * 1000) return;
    throw new Problem({
      subject: `lock of cluster '${this.cluster}'`,
      rule: `it could not be renewed for ${this.lease.durationSeconds} s, so somebody else may be changing the cluster`,
      remedy: 'see that the API server answers, then run the same command again',
    });
  }

  async release(): Promise<void> {
    clearInterval(this.timer);
    await this.renewing;
    await this.api.putLease({ ...this.lease, holder: '' }, this.lease.version).catch(() => undefined);
  }

  /** A renewal that fails is tried again with the next tick; assertHeld tells when it was too long ago. */
  private async renew(): Promise<void> {
    const renewed = await this.api.putLease({ ...this.lease, renewedAt: this.now() }, this.lease.version).catch(() => undefined) ?? await this.asItStands();
    if (renewed) this.lease = renewed;
  }

  /** A renewal may have taken effect although its answer got lost. Nobody else writes this holder with this time. */
  private async asItStands(): Promise<Lease | undefined> {
    const lease = await this.api.lease().catch(() => undefined);
    return lease?.holder === this.lease.holder && lease.acquiredAt === this.lease.acquiredAt ? lease : undefined;
  }
}
