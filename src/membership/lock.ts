import { hostname, userInfo } from 'node:os';

import { Problem } from '../problem';
import type { ClusterApi, Lease } from './ports/cluster-api';

/** A holder that was not heard of for this long is taken to be gone. */
const LEASE_SECONDS = 60;
/** How often the holder says that it is still there: two such words may get lost. */
const RENEW_SECONDS = 20;
/** How far two people's clocks may be apart before one of them takes a lock that is still held. */
const SKEW_SECONDS = 30;

/** How this user on this computer begins the holder's name; the process id follows. */
const HERE = `${userInfo().username}@${hostname()} (process `;

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
  const holder = `${HERE}${process.pid})${purpose === undefined ? '' : `: ${purpose}`}`;
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
  try {
    process.kill(Number.parseInt(holder.slice(HERE.length), 10), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
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
    const renewed = await this.api.putLease({ ...this.lease, renewedAt: this.now() }, this.lease.version).catch(() => undefined);
    if (renewed) this.lease = renewed;
  }
}
