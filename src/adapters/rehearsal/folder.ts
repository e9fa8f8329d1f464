import { mkdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Deadline } from '../../membership/deadline';
import type { Awaited } from '../../membership/ports/cluster-api';
import { outOfTime } from '../../membership/wait';
import { advance } from './advance';
import { Documents, readText, writeAtomically } from './documents';
import { FAULTS_FILE, Faults } from './faults';
import { underLock } from './folder-lock';
import { nextPodChangeAt } from './pods';
import { Secrets } from './secrets';
import type { Host } from './state';
import { Unavailable } from './unavailable';
import { World } from './world';

/** Between two looks for what other processes or people have changed; what this process changes wakes its waits at once. */
export const LOOK_MILLISECONDS = 500;

const LOCK_FILE = 'lock';

interface Waiter {
  /** What it saw last depends on these files. */
  readonly paths: ReadonlySet<string>;
  readonly wake: () => void;
}

/** What waits for the lock. */
interface Due {
  /** Does it. @returns what tells whoever asked how it went, once it is written */
  work(documents: Documents): () => void;
  reject(error: unknown): void;
}

/** The folder of a rehearsal: who reads or changes it goes through here. One instance for each folder in a process. */
export class Folder {
  private static readonly instances = new Map<string, Folder>();

  static at(path: string): Folder {
    const absolute = resolve(path);
    const known = Folder.instances.get(absolute);
    if (known) return known;
    const folder = new Folder(absolute);
    Folder.instances.set(absolute, folder);
    return folder;
  }

  private readonly waiters = new Set<Waiter>();
  private due: Due[] = [];
  private clock?: NodeJS.Timeout;
  private nextAt = Infinity;
  private known?: { readonly stamp: string; readonly faults: Faults };

  private constructor(readonly path: string) {}

  /** Brings the simulation up to date and does something with it, alone. What a `work` that throws has changed is dropped. */
  async transact<T>(work: (world: World) => T): Promise<T> {
    return this.locked(documents => this.look(documents, work).result);
  }

  /** @throws Problem at the deadline with the last reason */
  async wait(subject: string, check: (world: World) => Awaited, deadline: Deadline): Promise<void> {
    for (;;) {
      // The next change is waited for from this look on: between them another wait of this process may change things.
      const outcome = await this.locked(documents => {
        const { result, paths } = this.look(documents, world => awaited(world, check));
        if (result.done) return undefined;
        if (deadline.passed) throw outOfTime(subject, result.reason, deadline);
        return { change: this.change(paths, Math.min(nextLook(), deadline.remaining)) };
      });
      if (!outcome) return;
      await outcome.change;
    }
  }

  /** Changes the file that people edit. */
  async editFaults(edit: (text: string) => string): Promise<void> {
    await this.locked(documents => {
      const text = edit(readText(join(this.path, FAULTS_FILE)) ?? '');
      new Faults(text);
      writeAtomically(join(this.path, FAULTS_FILE), text);
      // Off and on again at once is still a restart: each state is seen before the next edit.
      this.look(documents, () => undefined);
      for (const { wake } of [...this.waiters]) wake();
    });
  }

  /** Works under the folder's lock. What this process asks for in one moment shares the lock and is written at once: hundreds may wait here. */
  private locked<T>(work: (documents: Documents) => T): Promise<T> {
    return new Promise<T>((resolveWork, reject) => {
      if (this.due.length === 0) setImmediate(() => { void this.workOff(); });
      this.due.push({
        work(documents) {
          try {
            const result = work(documents);
            return () => resolveWork(result);
          } catch (error) {
            return () => reject(error);
          }
        },
        reject,
      });
    });
  }

  private async workOff(): Promise<void> {
    let due: readonly Due[] = [];
    try {
      mkdirSync(this.path, { recursive: true });
      const outcomes = await underLock(join(this.path, LOCK_FILE), () => {
        due = this.due.splice(0);
        const documents = new Documents(this.path);
        const told = due.map(({ work }) => work(documents));
        documents.commit();
        return told;
      });
      for (const tell of outcomes) tell();
    } catch (error) {
      for (const { reject } of [...due, ...this.due.splice(0)]) reject(error);
    }
  }

  private look<T>(documents: Documents, work: (world: World) => T): { readonly result: T; readonly paths: ReadonlySet<string> } {
    const { faults, changed } = this.faults();
    const world = new World(documents, faults, new Secrets(this.path));
    documents.startTrace();
    advance(world, changed ? newlyDead(world) : []);
    // On its own: what happens by itself happens even if what was asked for cannot be done.
    this.keep(documents);
    try {
      const result = work(world);
      return { result, paths: this.keep(documents) };
    } catch (error) {
      documents.drop();
      throw error;
    } finally {
      this.setClock(Math.min(world.nextEventAt, ...world.clusters.map(cluster => nextPodChangeAt(world, cluster))));
    }
  }

  /** Whoever is woken goes on after everything else that shares the lock, when it is written. @returns what was looked at */
  private keep(documents: Documents): ReadonlySet<string> {
    const changed = documents.keep();
    if (changed.length > 0) {
      for (const { paths, wake } of [...this.waiters]) if (changed.some(path => paths.has(path))) wake();
    }
    return documents.startTrace();
  }

  /** Resolves when one of these files was changed by this process, or after some time. */
  private change(paths: ReadonlySet<string>, milliseconds: number): Promise<void> {
    return new Promise(resolveChange => {
      const wake = () => {
        clearTimeout(timer);
        this.waiters.delete(waiter);
        if (this.waiters.size === 0) this.setClock(Infinity);
        resolveChange();
      };
      const timer = setTimeout(wake, milliseconds);
      const waiter = { paths, wake };
      this.waiters.add(waiter);
      this.setClock(this.nextAt);
    });
  }

  /** While somebody waits, the simulation is brought up to date whenever something is due. */
  private setClock(nextAt: number): void {
    this.nextAt = nextAt;
    clearTimeout(this.clock);
    if (this.waiters.size === 0 || nextAt === Infinity) return;
    // A wait that finds the folder unreadable says so itself.
    this.clock = setTimeout(() => { this.transact(() => undefined).catch(() => undefined); }, Math.max(0, nextAt - Date.now()));
  }

  private faults(): { readonly faults: Faults; readonly changed: boolean } {
    const path = join(this.path, FAULTS_FILE);
    const stat = statSync(path, { throwIfNoEntry: false, bigint: true });
    const stamp = stat === undefined ? '' : `${stat.ino} ${stat.size} ${stat.mtimeNs}`;
    if (this.known?.stamp === stamp) return { faults: this.known.faults, changed: false };
    const faults = new Faults(readText(path) ?? '');
    this.known = { stamp, faults };
    return { faults, changed: true };
  }
}

/** Machines whose power went since anybody looked. They are found by name in every machine's file, so only after an edit. */
function newlyDead(world: World): Host[] {
  const known = Object.entries(world.down).flatMap(([key, { name }]) => [key, name]);
  if (world.faults.dead.every(name => known.includes(name))) return [];
  return world.hosts().filter(host => world.faultsOf(host).dead && world.down[host.key] === undefined);
}

/** Everybody who waits looks at the same moments, so that they share the lock and what is read under it. */
function nextLook(): number {
  return LOOK_MILLISECONDS - Date.now() % LOOK_MILLISECONDS;
}

function awaited(world: World, check: (world: World) => Awaited): Awaited {
  try {
    return check(world);
  } catch (error) {
    if (error instanceof Unavailable) return { done: false, reason: error.reason };
    throw error;
  }
}
