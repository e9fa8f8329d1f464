import { setTimeout as delay } from 'node:timers/promises';
import type { Deadline } from '../../membership/deadline';
import type { Awaited } from '../../membership/ports/cluster-api';
import { outOfTime } from '../../membership/wait';
import { ApiError } from './api-error';
import type { KubernetesObject } from './kubernetes-types';
import type { WatchEvent } from './watch-stream';

/**
 * How long one watch lasts before the list is read again. An API server whose etcd has gone keeps a watch open and says
 * nothing, and so does a connection that broke without a word: only the next list tells.
 */
const WATCH_SECONDS = 30;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 2000;

/** Where the objects come from. */
export interface WatchSource<T extends KubernetesObject> {
  list(): Promise<{ readonly items: readonly T[]; readonly resourceVersion: string }>;
  watch(resourceVersion: string, seconds: number, onEvent: (event: WatchEvent) => void, signal: AbortSignal): Promise<void>;
}

/** By `name`, or `namespace/name` where there is a namespace. */
export type Objects<T> = ReadonlyMap<string, T>;

interface Waiter<T> {
  /** The first list whose objects it may judge. */
  readonly from: number;
  readonly judge: (objects: Objects<T>) => void;
  readonly fail: (error: Error) => void;
  /** The objects may be out of date from now on. @default - it waits until they are not */
  readonly stale?: (error: Error) => void;
}

/**
 * One list and watch, shared by everybody who waits for the same kind of objects. It runs as long as somebody waits, and goes
 * on through disconnects, restarts of the API server and expired resource versions until the deadlines of those who wait.
 */
export class Watched<T extends KubernetesObject> {
  private readonly objects = new Map<string, T>();
  private readonly waiters = new Set<Waiter<T>>();
  /** Lists begun, and the number of the last one that came back. */
  private begun = 0;
  private listed = 0;
  private running = false;
  private round = new AbortController();
  /** Why the objects may be out of date. */
  private trouble?: Error;

  constructor(private readonly source: WatchSource<T>) {}

  /**
   * Waits until `check` is content with a state read after this call. Throws what `check` throws, at once.
   *
   * @param subject for the message: `node 'w1'`
   * @throws Problem at the deadline, with the last reason
   */
  async until(subject: string, check: (objects: Objects<T>) => Awaited, deadline: Deadline): Promise<void> {
    let reason = 'its state could not be read';
    let timer: NodeJS.Timeout | undefined;
    let waiter: Waiter<T> | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        timer = setTimeout(() => reject(outOfTime(subject, lastSeen(reason, this.trouble), deadline)), deadline.remaining);
        const judge = (objects: Objects<T>) => {
          try {
            const awaited = check(objects);
            if (awaited.done) {
              resolve();
            } else {
              reason = awaited.reason;
            }
          } catch (error) {
            reject(error);
          }
        };
        waiter = { from: this.begun + 1, judge, fail: reject };
        this.waiters.add(waiter);
        this.listAgain();
      });
    } finally {
      clearTimeout(timer);
      this.leave(waiter!);
    }
  }

  /**
   * Tells of every state from now on, until `signal` aborts.
   *
   * @throws what keeps it from going on, at once
   */
  async follow(see: (objects: Objects<T>) => void, signal: AbortSignal): Promise<void> {
    if (signal.aborted) {
      return;
    }
    let waiter: Waiter<T> | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        signal.addEventListener('abort', () => resolve(), { once: true });
        waiter = { from: this.begun + 1, judge: see, fail: reject, stale: reject };
        this.waiters.add(waiter);
        this.listAgain();
      });
    } finally {
      this.leave(waiter!);
    }
  }

  /** Ends every wait with `reason`. */
  close(reason: Error): void {
    this.failAll(reason);
  }

  private leave(waiter: Waiter<T>): void {
    this.waiters.delete(waiter);
    if (this.waiters.size === 0) {
      this.round.abort();
    }
  }

  private listAgain(): void {
    this.round.abort();
    if (!this.running) {
      this.running = true;
      void this.run();
    }
  }

  private async run(): Promise<void> {
    let pause = FIRST_PAUSE_MS;
    while (this.waiters.size > 0) {
      this.round = new AbortController();
      const { signal } = this.round;
      try {
        const resourceVersion = await this.list();
        pause = FIRST_PAUSE_MS;
        const patience = AbortSignal.timeout((WATCH_SECONDS + 10) * 1000);
        await this.source.watch(resourceVersion, WATCH_SECONDS, (event) => this.apply(event), AbortSignal.any([signal, patience]));
      } catch (error) {
        this.broken(error as Error);
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      }
      // Also after a watch that ended well: something on the way may end each one at once. Another wait cuts it short.
      await delay(pause, undefined, { signal }).catch(() => {});
    }
    this.running = false;
  }

  private async list(): Promise<string> {
    const number = ++this.begun;
    const { items, resourceVersion } = await this.source.list();
    this.objects.clear();
    items.forEach((item) => this.objects.set(keyOf(item), item));
    this.listed = number;
    this.trouble = undefined;
    this.judgeAll();
    return resourceVersion;
  }

  private apply({ type, object }: WatchEvent): void {
    if (type === 'BOOKMARK') {
      return;
    }
    if (type === 'DELETED') {
      this.objects.delete(keyOf(object));
    } else {
      this.objects.set(keyOf(object), object as T);
    }
    this.judgeAll();
  }

  private judgeAll(): void {
    for (const waiter of this.waiters) {
      if (waiter.from <= this.listed) {
        waiter.judge(this.objects);
      }
    }
  }

  private broken(error: Error): void {
    this.trouble = error;
    this.waiters.forEach(({ stale }) => stale?.(error));
    const refused = error instanceof ApiError && (error.code === 401 || error.code === 403);
    // An API server that starts may refuse for a moment what it allowed before; one that never allowed it will not.
    if (!(error instanceof ApiError) || (refused && this.listed === 0)) {
      this.failAll(error);
    }
  }

  private failAll(error: Error): void {
    this.waiters.forEach(({ fail }) => fail(error));
  }
}

function keyOf({ metadata }: KubernetesObject): string {
  return metadata?.namespace === undefined ? metadata?.name ?? '' : `${metadata.namespace}/${metadata.name}`;
}

/** What is known at the deadline: the last reason, and why a newer one could not be had. */
function lastSeen(reason: string, trouble: Error | undefined): string {
  return trouble instanceof ApiError ? `${reason}; then the API server (${trouble.props.value}) ${trouble.props.rule}` : reason;
}

/** A list's answer, as a watch goes on from it. */
export function listed<T extends KubernetesObject>({ items, metadata }: { readonly items: readonly T[]; readonly metadata?: { readonly resourceVersion?: string } }) {
  return { items, resourceVersion: metadata?.resourceVersion ?? '' };
}
