import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';

import { openRehearsal, type Rehearsal } from '../../src/adapters/rehearsal';
import { Deadline } from '../../src/membership/deadline';
import { join } from '../../src/membership/join/join';
import type { ClusterApi } from '../../src/membership/ports/cluster-api';
import type { Machine } from '../../src/membership/ports/machine';
import { mayInitialise, preflight } from '../../src/membership/preflight';
import type { Progress } from '../../src/membership/progress';
import { remove } from '../../src/membership/remove/remove';
import type { RemoveRequest } from '../../src/membership/remove/remove-context';
import { ClusterSession } from '../../src/membership/session';
import { addressOf } from '../adapters/rehearsal/cluster-fixture';
import { target } from './scene';

/**
 * How a run is cut off at one of its calls through the ports: `killed`, so that this call and everything after it is never made
 * (SIGKILL); `failed`, so that this one does nothing and throws; `unanswered`, so that it does its work and throws all the same.
 */
export type Cut = 'killed' | 'failed' | 'unanswered';

/** Where a run is cut off. */
export interface Interruption {
  readonly cut: Cut;
  /** The call, counted from 1; or the first one of that name. */
  readonly at: number | string;
  /** Killed so many calls after that, in what a run still does after a failure. @default - never */
  readonly killedAfter?: number;
}

/** How a run ended, and the calls it made: `m3.blockRestart`, `api.evict`. */
export interface Run {
  readonly ended: 'done' | 'refused' | 'killed';
  readonly calls: readonly string[];
  /** The title of the step that each of them was made in; empty before the first one. */
  readonly steps: readonly string[];
  /** It was cut off at one of them, and may have come to its end all the same. */
  readonly cut: boolean;
  /** What it threw. */
  readonly error?: unknown;
}

/** What a run does with its session. */
export type Work = (session: ClusterSession, progress: Progress) => Promise<unknown>;

/** A rehearsed cluster in a folder of its own, on which runs are cut off: each with a session of its own, as processes have. */
export class Interrupted {
  private static readonly folders: string[] = [];

  private constructor(readonly rehearsed: Rehearsal, private readonly declared: readonly string[]) {}

  /**
   * A copy of a rehearsal.
   * @param declared names of all nodes that the definition had or has
   */
  static copyOf(original: Rehearsal, declared: readonly string[]): Interrupted {
    // In memory where the system has a place for that: these are a thousand folders, each gone after a tenth of a second.
    const folder = mkdtempSync(joinPath(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'interrupted-'));
    Interrupted.folders.push(folder);
    cpSync(original.folder, folder, { recursive: true });
    return new Interrupted(openRehearsal(folder), declared);
  }

  /** Once more, for what a run that was cut off still wrote afterwards. */
  static removeFolders(): void {
    for (const folder of Interrupted.folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  }

  dispose(): void {
    rmSync(this.rehearsed.folder, { recursive: true, force: true });
  }

  /** Runs `work`, cut off there. */
  async run(work: Work, interruption?: Interruption): Promise<Run> {
    const calls: string[] = [];
    const steps: string[] = [];
    let step = '';
    let die: () => void;
    const killed = new Promise<Run>(resolve => { die = () => resolve({ ended: 'killed', calls: [...calls], steps: [...steps], cut: true }); });
    const { cut, at: place, killedAfter = Infinity } = interruption ?? {};
    let at = typeof place === 'number' ? place : Infinity;
    const record = async (call: string, proceed: () => Promise<unknown>) => {
      const count = calls.push(call);
      steps.push(step);
      if (call === place) at = Math.min(at, count);
      if ((cut === 'killed' && count >= at) || count >= at + killedAfter) {
        die();
        return new Promise(() => undefined);
      }
      if (cut === 'unanswered' && count === at) await proceed();
      if (count === at) throw new Error(`${call} is cut off`);
      return proceed();
    };
    const done = work(this.session(record), ({ title }) => { step = title; }).then((): Run => ({ ended: 'done', calls, steps, cut: calls.length >= at }), (error: unknown): Run => ({ ended: 'refused', calls, steps, cut: calls.length >= at, error }));
    return Promise.race([done, killed]);
  }

  private session(record: (call: string, proceed: () => Promise<unknown>) => Promise<unknown>): ClusterSession {
    const real = new Map<Machine, Machine>();
    const recorded = <T extends Machine | ClusterApi>(name: string, port: T): T => new Proxy(port, {
      get(object, key) {
        const value: unknown = Reflect.get(object, key);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => record(`${name}.${String(key)}`, async () => value.apply(object, args) as Promise<unknown>);
      },
    });
    const session = new ClusterSession({ name: 'prod', registrationAddress: addressOf('m1'), registrationPort: 6443 }, {
      machine: node => {
        const machine = this.rehearsed.machine(node);
        const port = recorded(node.name, machine);
        real.set(port, machine);
        return port;
      },
      api: async via => recorded('api', this.rehearsed.api(real.get(via))),
    });
    session.know(this.declared.map(name => target(name)));
    return session;
  }

  /** What the machines hold, whether or not anything of it answers. */
  kept(): Kept {
    const clusters = this.read<Cluster[]>('clusters.json') ?? [];
    const nodes = clusters.flatMap(({ identity }) => this.nodesOf(identity));
    const members = clusters.flatMap(cluster => cluster.members);
    return {
      identities: clusters.map(({ identity }) => identity),
      ids: { ...Object.fromEntries(members.map(({ node, id }) => [`member ${node}`, id])), ...Object.fromEntries(nodes.map(({ name, uid }) => [`node ${name}`, uid])) },
    };
  }

  /** Everything that runs leave behind, in words, as the cluster and the machines say it. */
  async look(): Promise<Found> {
    const machines = (await Promise.all(this.declared.map(async name => {
      const machine = this.rehearsed.machine(target(name));
      const facts = await machine.facts().catch(() => undefined);
      return facts ? [{ name, facts, leftovers: await machine.leftovers() }] : [];
    }))).flat();
    const kept = this.kept();
    const setUp = Object.fromEntries(machines.flatMap(({ name, leftovers }) => (leftovers.length > 0 ? [[name, leftovers]] : [])));
    if (kept.identities.length === 0) return { ...kept, members: [], nodes: [], fenced: [], holder: '', setUp, joinsBy: {}, outdatedTokens: [] };
    const api = this.rehearsed.api();
    const [nodes, fenced, lease] = await Promise.all([api.nodes(), api.fencedNames(), api.lease()]);
    const { members, tokenDigest } = this.read<Cluster[]>('clusters.json')![0]!;
    return {
      ...this.kept(), setUp,
      members: members.map(({ node, learner }) => `${node}${learner ? ' (learner)' : ''}`).sort(),
      nodes: nodes.map(node => [node.name, node.role, node.ready ? 'Ready' : 'NotReady', ...(node.unschedulable ? ['cordoned'] : []), ...(node.deleting ? ['deleting'] : [])].join(' ')).sort(),
      fenced: fenced.sort(),
      holder: lease?.holder ?? '',
      outdatedTokens: machines.filter(({ name, leftovers }) => leftovers.length > 0 && ![undefined, tokenDigest].includes(this.tokenOf(name))).map(({ name }) => name),
      joinsBy: Object.fromEntries(machines.flatMap(({ name, facts: { role, server } }) => (role === 'management' && server !== undefined ? [[name, new URL(server).hostname]] : []))),
    };
  }

  private tokenOf(name: string): string | undefined {
    return this.read<{ config?: { tokenDigest?: string } }>(`machines/${addressOf(name)}.json`)?.config?.tokenDigest;
  }

  private nodesOf(identity: string): { readonly name: string; readonly uid: string }[] {
    const folder = `nodes/${identity}`;
    if (!existsSync(joinPath(this.rehearsed.folder, folder))) return [];
    return readdirSync(joinPath(this.rehearsed.folder, folder)).map(file => this.read(`${folder}/${file}`)!);
  }

  private read<T>(file: string): T | undefined {
    const path = joinPath(this.rehearsed.folder, file);
    return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) as T : undefined;
  }
}

/** What a rehearsal's folder has of a cluster. */
interface Cluster {
  readonly identity: string;
  readonly tokenDigest: string;
  readonly members: readonly { readonly id: string; readonly node: string; readonly learner: boolean }[];
}

/** What is worth keeping. */
export interface Kept {
  /** Of the clusters that these machines hold data of. */
  readonly identities: readonly string[];
  /** Of members and Nodes: they change where one is made anew. */
  readonly ids: Readonly<Record<string, string>>;
}

/** How things stand in a rehearsal. */
export interface Found extends Kept {
  /** `m2 (learner)` */
  readonly members: readonly string[];
  /** `m1 management Ready` */
  readonly nodes: readonly string[];
  readonly fenced: readonly string[];
  /** Of the lock. */
  readonly holder: string;
  /** Machines that answer and have anything of LLMOS on them, and what. */
  readonly setUp: Readonly<Record<string, readonly string[]>>;
  /** Which address each management node's configuration names as the server. */
  readonly joinsBy: Readonly<Record<string, string>>;
  /** Nodes that would not come back from a restart: they know another join token than the cluster takes. */
  readonly outdatedTokens: readonly string[];
}

/** A join as Node.create does it. */
export function joining(name: string, seconds = 10): Work {
  return (session, progress) => join({ session, node: target(name), settings: {}, installer: { binary: { path: 'llmos' } }, initialise: false, deadline: new Deadline(seconds), progress });
}

/** The join of the node that Membership granted the right to start the cluster, in this run or in an earlier one. */
export function starting(name: string): Work {
  return async (session, progress) => {
    const node = target(name);
    const initialise = await mayInitialise(session, node);
    return join({ session, node, settings: {}, installer: {}, initialise, deadline: new Deadline(10), progress });
  };
}

/** The same in a run that found nothing in its state: Membership looks at all machines first. */
export function startingAnew(name: string, declared: readonly string[]): Work {
  return async (session, progress) => {
    const { initialise } = await preflight(session, declared.map(each => target(each)), false);
    return initialise === name ? starting(name)(session, progress) : joining(name)(session, progress);
  };
}

/** A removal as Node.delete does it. */
export function removing(name: string, request: Partial<Pick<RemoveRequest, 'destroyingCluster' | 'confirmed'>> = {}): Work {
  return (session, progress) => remove({ session, node: target(name), destroyingCluster: false, deadline: new Deadline(10), progress, ...request });
}
