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
  /** `api` leads to one API server, whichever host is worked with: the host itself has to say what it is part of. @default false */
  readonly apiIsDirect?: boolean;
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
  private readonly former = new Map<string, NodeTarget>();
  private identity?: string;

  constructor(readonly cluster: ClusterTarget, private readonly adapters: Adapters) {}

  /**
   * Every management node that may be asked: the declared ones, those that leave and those recorded earlier. One that is about to
   * be replaced under its name is there twice, as it is declared and then as it is.
   */
  get management(): readonly NodeTarget[] {
    return [...this.known.values(), ...this.former.values()];
  }

  /** Adds management nodes where they stand until the machine that is declared under their name takes over. */
  knowFormer(nodes: readonly NodeTarget[]): void {
    for (const node of nodes) if (node.role === 'management' && !isSameMachine(node, this.known.get(node.name))) this.former.set(node.name, node);
  }

  /** The node has left, and where it stood nobody is to be asked any more. */
  forgetFormer(name: string): void {
    this.former.delete(name);
  }

  /** Adds management nodes that may be asked. One that is known already keeps its newer declaration. */
  know(nodes: readonly NodeTarget[]): void {
    for (const node of nodes) if (node.role === 'management' && !this.known.has(node.name)) this.known.set(node.name, node);
  }

  /**
   * @param identity UID of the cluster's kube-system namespace, from an earlier run
   * @throws Problem where this run works on another cluster already
   */
  expect(identity: string | undefined): void {
    if (!identity) return;
    this.identity ??= identity;
    if (identity === this.identity) return;
    throw new Problem({
      subject: `cluster '${this.cluster.name}'`,
      value: `cluster id ${identity}`,
      rule: `this stack's state knows it by that id, and what answers under its name is another cluster (cluster id ${this.identity})`,
      remedy: 'see which of the two is meant; what belongs to the other one leaves the state with `pulumi state delete`',
    });
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
   * @throws Problem that says of every host why it does not serve; and at once where one belongs to another cluster
   */
  async server(purpose: Purpose, except?: string): Promise<Server> {
    const candidates = this.management.filter(({ name }) => name !== except);
    const reasons: string[] = [];
    for (const node of candidates) {
      try {
        return await this.serverAt(node, purpose);
      } catch (error) {
        if (error instanceof WrongCluster) throw error;
        reasons.push(error instanceof Problem ? error.message : `${node.name}: ${String(error)}`);
      }
    }
    throw new Problem({
      subject: `cluster '${this.cluster.name}'`,
      rule: `none of its management nodes can be worked with${candidates.length === 0 ? this.noneBut(except) : `:\n${reasons.map(reason => `  - ${reason}`).join('\n')}`}`,
      remedy: 'bring one of them back, then run the same command again; nothing was changed',
    });
  }

  /**
   * The named management host as a server.
   * @throws Problem that says why it is none: not set up, another node, of another cluster, or no voter of this one any more
   */
  async serverAt(node: NodeTarget, purpose: Purpose): Promise<Server> {
    const machine = this.machine(node);
    const subject = `management node '${node.name}'`;
    const { bootstrap, role, nodeName, hostname } = await machine.facts();
    if (bootstrap !== 'done' || role !== 'management') {
      throw new Problem({
        subject, value: `LLMOS: ${bootstrap}`,
        rule: `${machine.label} is ${role === 'worker' ? 'set up as a worker node' : 'not set up as a management node'}`, remedy: 'check its address, or let it join first',
      });
    }
    if ((nodeName ?? hostname) !== node.name) {
      throw new Problem({ subject, value: machine.label, rule: `the host is node '${nodeName ?? hostname}'`, remedy: 'correct the name or the address' });
    }
    const api = await this.api(machine, purpose);
    this.verify(node, await api.identity());
    if (this.adapters.apiIsDirect) this.verify(node, await machine.clusterIdentity());
    // A host that was removed may still run and hold what it last knew.
    if (!(await machine.members()).some(member => member.node === node.name && !member.learner)) {
      throw new Problem({ subject, value: machine.label, rule: 'it has no vote in etcd: it was removed, or has not joined for good', remedy: 'wait until it has joined, or clean it' });
    }
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

  private noneBut(except: string | undefined): string {
    return except === undefined ? ': none is known' : `: none is known besides '${except}', and a node is not asked about itself`;
  }

  private verify(node: NodeTarget, found: string): void {
    this.identity ??= found;
    if (found !== this.identity) throw new WrongCluster(this.cluster.name, node.name, found, this.identity);
  }
}

function isSameMachine(node: NodeTarget, other: NodeTarget | undefined): boolean {
  return other !== undefined && node.address === other.address && node.port === other.port;
}

/** Never a second cluster: a host that belongs to another one stops everything, whatever other hosts say. */
export class WrongCluster extends Problem {
  constructor(cluster: string, node: string, found: string, expected: string) {
    super({
      subject: `management node '${node}'`,
      value: `cluster id ${found}`,
      rule: `it is part of another cluster than '${cluster}' (cluster id ${expected}), so nothing is done`,
      remedy: 'check its address; if the machine was set up by mistake, clean it with llmos-uninstall.sh',
    });
  }
}
