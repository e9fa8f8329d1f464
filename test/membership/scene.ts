import type { Rehearsal } from '../../src/adapters/rehearsal';
import { Deadline } from '../../src/membership/deadline';
import { join, type JoinedNode } from '../../src/membership/join/join';
import type { JoinRequest } from '../../src/membership/join/join-context';
import type { NodeTarget } from '../../src/membership/node-target';
import type { ClusterApi } from '../../src/membership/ports/cluster-api';
import type { Machine } from '../../src/membership/ports/machine';
import type { ProgressEvent } from '../../src/membership/progress';
import { remove } from '../../src/membership/remove/remove';
import type { RemoveRequest } from '../../src/membership/remove/remove-context';
import { ClusterSession } from '../../src/membership/session';
import { addressOf, cluster, rehearsal } from '../adapters/rehearsal/cluster-fixture';

/** Does something in place of a call, or around it. */
type Hook = (proceed: () => Promise<unknown>, ...args: never[]) => Promise<unknown>;

/** `m…` is a management node, everything else a worker. */
export function target(name: string, more: Partial<NodeTarget> = {}): NodeTarget {
  return { name, role: name.startsWith('m') ? 'management' : 'worker', address: addressOf(name), labels: {}, taints: [], ...more };
}

/** A rehearsed cluster, a session on it, and a record of every call through both ports: `m3.blockRestart`, `api.evict`. */
export class Scene {
  readonly calls: string[] = [];
  readonly events: ProgressEvent[] = [];
  readonly hooks = new Map<string, Hook>();
  private readonly real = new Map<Machine, Machine>();
  readonly session: ClusterSession;

  constructor(readonly rehearsed: Rehearsal, known: readonly NodeTarget[]) {
    this.session = this.newSession(known);
  }

  /** A cluster of these nodes, all of them known to the session. */
  static async of(...names: string[]): Promise<Scene> {
    return new Scene(await cluster(names), names.map(name => target(name)));
  }

  /** Fresh machines. */
  static async empty(...names: string[]): Promise<Scene> {
    return new Scene(await rehearsal(), names.map(name => target(name)));
  }

  /** What another run would begin with. */
  newSession(known: readonly NodeTarget[]): ClusterSession {
    const session = new ClusterSession({ name: 'prod', registrationAddress: addressOf('m1'), registrationPort: 6443 }, {
      machine: node => {
        const machine = this.rehearsed.machine(node);
        const recorded = this.recorded(node.name, machine);
        this.real.set(recorded, machine);
        return recorded;
      },
      api: async via => this.recorded('api', this.rehearsed.api(this.real.get(via))),
    });
    session.know(known);
    return session;
  }

  async join(name: string, request: Partial<JoinRequest> = {}): Promise<JoinedNode> {
    const node = request.node ?? target(name);
    this.session.know([node]);
    return join({
      session: this.session, node, settings: {}, installer: {}, initialise: false, deadline: new Deadline(10), progress: event => this.events.push(event), ...request,
    });
  }

  async remove(name: string, request: Partial<RemoveRequest> = {}): Promise<void> {
    await remove({
      session: this.session, node: target(name), destroyingCluster: false, deadline: new Deadline(10), progress: event => this.events.push(event), ...request,
    });
  }

  /** Fails a call with these words. */
  failing(call: string, message: string): void {
    this.hooks.set(call, async () => { throw new Error(message); });
  }

  /** The record without what only reads. */
  changes(): string[] {
    const reads = /\.(facts|members|memberHealthy|identity|nodes?|pods|fencedNames|removedNodes|tokenChangedBy|clusterIdentity|leftovers|joinToken|askServer|waitFor\w+|lease|datastore|leads)$/;
    return this.calls.filter(call => !reads.test(call));
  }

  machine(name: string): Machine {
    return this.rehearsed.machine({ name, address: addressOf(name) });
  }

  /** The cluster as somebody else sees it, not recorded. */
  get api(): ClusterApi {
    return this.rehearsed.api();
  }

  async members(through = 'm1'): Promise<string[]> {
    return (await this.machine(through).members()).map(({ node }) => node).sort();
  }

  private recorded<T extends Machine | ClusterApi>(name: string, port: T): T {
    return new Proxy(port, {
      get: (object, key) => {
        const value: unknown = Reflect.get(object, key);
        if (typeof value !== 'function') return value;
        return async (...args: never[]) => {
          const call = `${name}.${String(key)}`;
          this.calls.push(call);
          const proceed = async () => value.apply(object, args) as Promise<unknown>;
          return (this.hooks.get(call) ?? (() => proceed()))(proceed, ...args);
        };
      },
    });
  }
}
