import { randomBytes } from 'node:crypto';
import type { Documents } from './documents';
import type { Faults, MachineFaults } from './faults';
import type { Secrets } from './secrets';
import type { ClusterState, Host, NodeState } from './state';

/** What happens by itself, each for one subject: a host's key, a cluster's identity, or a Node's `<identity>/<name>`. */
export type EventKind = 'bootstrap' | 'start' | 'register' | 'promote' | 'reconcile';

export interface SimulatedEvent {
  readonly kind: EventKind;
  readonly subject: string;
}

const CLUSTERS = 'clusters.json';
/** Apart from the clusters, because it changes at every step of every machine. */
const AGENDA = 'agenda.json';
/** Machines without power that had some: `{ key: { name, since } }`. */
const DOWN = 'down.json';

/** The simulated world at one moment, while the folder is locked. What is got from it may be changed. */
export class World {
  readonly now = Date.now();

  constructor(private readonly documents: Documents, readonly faults: Faults, readonly secrets: Secrets) {}

  // Machines

  host(key: string): Host | undefined {
    return this.documents.open<Host>(hostPath(key));
  }

  putHost(host: Host): Host {
    return this.documents.put(hostPath(host.key), host);
  }

  /** Every machine: reads every file, so only for what happens rarely. */
  hosts(): Host[] {
    return this.documents.list('machines').map(file => this.documents.open<Host>(`machines/${file}`)!);
  }

  faultsOf(host: Host): MachineFaults {
    return this.faults.of(host);
  }

  get down(): Record<string, { readonly name: string; readonly since: number }> {
    return this.documents.open(DOWN) ?? this.documents.put(DOWN, {});
  }

  // Clusters and their Nodes

  /** Oldest first. */
  get clusters(): ClusterState[] {
    return this.documents.open(CLUSTERS) ?? this.documents.put(CLUSTERS, []);
  }

  cluster(identity: string | undefined): ClusterState | undefined {
    return this.clusters.find(cluster => cluster.identity === identity);
  }

  removeCluster(cluster: ClusterState): void {
    this.clusters.splice(this.clusters.indexOf(cluster), 1);
    for (const node of this.nodes(cluster)) this.removeNode(cluster, node.name);
  }

  node({ identity }: ClusterState, name: string): NodeState | undefined {
    return this.documents.open<NodeState>(nodePath(identity, name));
  }

  /** Every Node: reads every file. */
  nodes({ identity }: ClusterState): NodeState[] {
    return this.documents.list(`nodes/${identity}`).map(file => this.documents.open<NodeState>(`nodes/${identity}/${file}`)!);
  }

  putNode({ identity }: ClusterState, node: NodeState): NodeState {
    return this.documents.put(nodePath(identity, node.name), node);
  }

  removeNode({ identity }: ClusterState, name: string): void {
    this.documents.delete(nodePath(identity, name));
    this.cancel('reconcile', `${identity}/${name}`);
  }

  // Time

  /** One event of a kind for a subject: a later call moves it. */
  schedule(kind: EventKind, subject: string, seconds: number): void {
    this.scheduleAt(kind, subject, this.now + seconds * 1000);
  }

  scheduleAt(kind: EventKind, subject: string, at: number): void {
    this.agenda[`${kind} ${subject}`] = Math.round(at);
  }

  /** For what is tried again until it works: at least a millisecond later, so that a moment ends. */
  retry(kind: EventKind, subject: string, seconds = this.faults.cluster.retrySeconds): void {
    this.schedule(kind, subject, Math.max(0.001, seconds));
  }

  cancel(kind: EventKind, subject: string): void {
    delete this.agenda[`${kind} ${subject}`];
  }

  /** Takes the next event that is due off the agenda. */
  takeDue(): SimulatedEvent | undefined {
    let [next, nextAt]: [string | undefined, number] = [undefined, this.now];
    for (const [key, at] of Object.entries(this.agenda)) if (at < nextAt || (next === undefined && at === nextAt)) [next, nextAt] = [key, at];
    if (next === undefined) return undefined;
    delete this.agenda[next];
    const [kind, subject] = next.split(' ') as [EventKind, string];
    return { kind, subject };
  }

  /** When something happens next, in milliseconds since the epoch; Infinity where nothing will. */
  get nextEventAt(): number {
    return Math.min(...Object.values(this.agenda));
  }

  private get agenda(): Record<string, number> {
    return this.documents.open(AGENDA) ?? this.documents.put(AGENDA, {});
  }
}

/** Hexadecimal digits nobody else got. */
export function randomHex(digits: number): string {
  return randomBytes(Math.ceil(digits / 2)).toString('hex').slice(0, digits);
}

function hostPath(key: string): string {
  return `machines/${encodeURIComponent(key)}.json`;
}

function nodePath(identity: string, name: string): string {
  return `nodes/${identity}/${encodeURIComponent(name)}.json`;
}
