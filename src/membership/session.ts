import { Problem } from '../problem';
import type { ClusterTarget, NodeTarget } from './node-target';
import type { ClusterApi } from './ports/cluster-api';
import type { Machine } from './ports/machine';

/** With which rights the API server is asked: the administrator's, or those of the ServiceAccount made for removals. */
export type Purpose = 'join' | 'remove';

/** How the two ports are had. Connections open at the first use. */
export interface Adapters {
  machine(node: NodeTarget): Machine;
  api(via: Machine, purpose: Purpose): Promise<ClusterApi>;
}

/** A management host of this cluster that works, and the API server reached through it. */
export interface Server {
  readonly node: NodeTarget;
  readonly machine: Machine;
  readonly api: ClusterApi;
}

/**
 * One cluster during one run: its connections, shared by everything that works on it, and its identity, so that no step
 * ever acts on another cluster than the one it was meant for.
 */
export class ClusterSession {
  private readonly machines = new Map<string, Machine>();
  private readonly apis = new Map<string, Promise<ClusterApi>>();
  private readonly known = new Map<string, NodeTarget>();
  private identity?: string;

  constructor(readonly cluster: ClusterTarget, private readonly adapters: Adapters) {}

  /** Every management node that may be asked: the declared ones, those that leave and those recorded earlier. */
  get management(): readonly NodeTarget[] {
    return [...this.known.values()];
  }

  /** Adds management nodes that may be asked. One that is known already keeps its newer declaration. */
  know(nodes: readonly NodeTarget[]): void {
    for (const node of nodes) if (node.role === 'management' && !this.known.has(node.name)) this.known.set(node.name, node);
  }

  /** @param identity UID of the cluster's kube-system namespace, from an earlier run; the first one told is kept */
  expect(identity: string | undefined): void {
    this.identity ??= identity || undefined;
  }

  /** The identity every server was checked against; undefined until one was reached. */
  get knownIdentity(): string | undefined {
    return this.identity;
  }

  machine(node: NodeTarget): Machine {
    const key = `${node.user ?? ''}@${node.address}:${node.port ?? ''}`;
    const known = this.machines.get(key);
    if (known) return known;
    const machine = this.adapters.machine(node);
    this.machines.set(key, machine);
    return machine;
  }

  /**
   * A management host other than `except` that is part of this cluster and answers.
   * @throws Problem that says of every host why it does not serve
   */
  async server(purpose: Purpose, except?: string): Promise<Server> {
    const reasons: string[] = [];
    for (const node of this.management.filter(({ name }) => name !== except)) {
      try {
        return await this.serverAt(node, purpose);
      } catch (error) {
        if (error instanceof WrongCluster) throw error;
        reasons.push(`${node.name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    throw new Problem({
      subject: `cluster '${this.cluster.name}'`,
      rule: `none of its management nodes can be worked with${reasons.length === 0 ? ': none is known' : ` (${reasons.join(' · ')})`}`,
      remedy: 'bring one of them back, then run the same command again; nothing was changed',
    });
  }

  /** The named management host as a server, or the reason why it is none. */
  async serverAt(node: NodeTarget, purpose: Purpose): Promise<Server> {
    const machine = this.machine(node);
    const { bootstrap, role, nodeName } = await machine.facts();
    if (bootstrap !== 'done' || role !== 'management') throw new Error(`is not a running management node (LLMOS: ${bootstrap})`);
    if (nodeName !== undefined && nodeName !== node.name) throw new Error(`${machine.label} calls itself '${nodeName}'`);
    const api = await this.api(machine, purpose);
    this.verify(node, await api.identity());
    return { node, machine, api };
  }

  async close(): Promise<void> {
    const apis = await Promise.allSettled(this.apis.values());
    await Promise.allSettled(apis.map(api => (api.status === 'fulfilled' ? api.value.close() : undefined)));
    await Promise.allSettled([...this.machines.values()].map(machine => machine.close()));
    this.apis.clear();
    this.machines.clear();
  }

  private api(machine: Machine, purpose: Purpose): Promise<ClusterApi> {
    const key = `${purpose} ${machine.label}`;
    const known = this.apis.get(key);
    if (known) return known;
    const api = this.adapters.api(machine, purpose);
    this.apis.set(key, api);
    // A connection that failed must not be remembered: the next step may find the host back.
    api.catch(() => this.apis.delete(key));
    return api;
  }

  private verify(node: NodeTarget, found: string): void {
    this.identity ??= found;
    if (found !== this.identity) throw new WrongCluster(this.cluster.name, node.name, found, this.identity);
  }
}

/** Never a second cluster: a host that belongs to another one stops everything, whatever other hosts say. */
class WrongCluster extends Problem {
  constructor(cluster: string, node: string, found: string, expected: string) {
    super({
      subject: `management node '${node}'`,
      value: `cluster id ${found}`,
      rule: `it is part of another cluster than '${cluster}' (cluster id ${expected}), so nothing is done`,
      remedy: 'check its address; if the machine was set up by mistake, clean it with llmos-uninstall.sh',
    });
  }
}
