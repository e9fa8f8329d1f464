import { createAdapters } from '../adapters/adapters';
import type { NodeRole } from '../llmos/node';
import { mergeConfirmations, readConfirmations, type RemovalConfirmations } from '../llmos/removal';
import type { NodeTarget } from '../membership/node-target';
import { ClusterSession } from '../membership/session';
import { endWithEngine } from './engine-watch';
import { readSettings, type Settings, type StackConfig } from './settings';
import { toTarget, type ClusterState, type Credentials, type MembershipInputs, type NodeState } from './state';
import { Turns } from './turns';

/**
 * What the resources of one engine run share. The engine runs one provider process for all of them, so what Membership
 * resolved is there when the nodes come: one connection a host, one view of the cluster.
 */
class Run {
  private readonly declared = new Map<string, MembershipInputs>();
  private readonly declaredTargets = new Map<string, Readonly<Record<NodeRole, readonly NodeTarget[]>>>();
  private readonly returned = new Map<string, readonly string[]>();
  private readonly leaving = new Map<string, readonly NodeTarget[]>();
  private readonly formerVersions = new Map<string, string | undefined>();
  private readonly sessions = new Map<string, ClusterSession>();
  private readonly turns = new Turns();
  private settingsOfStack: Settings = { confirmRemoval: { removals: [], problems: [] }, credentials: {} };

  configure(config: StackConfig): void {
    endWithEngine();
    this.settingsOfStack = readSettings(config);
  }

  get settings(): Settings {
    return this.settingsOfStack;
  }

  /** A Membership that passed the gate says what this run is about; nodes it did not mention are not joined. */
  declare(membership: MembershipInputs, returned: readonly string[] = [], formerVersion?: string): void {
    if (!this.declared.has(membership.cluster)) this.forgetSession(membership.cluster);
    this.declared.set(membership.cluster, membership);
    const nodes = membership.nodes.map(toTarget);
    const ofRole = (wanted: NodeRole) => nodes.filter(({ role }) => role === wanted);
    this.declaredTargets.set(membership.cluster, { management: ofRole('management'), worker: ofRole('worker') });
    this.formerVersions.set(membership.cluster, formerVersion);
    this.returned.set(membership.cluster, returned);
  }

  /** The node is declared again: a removal of it may have been begun and never ended, and Pulumi then still has it. */
  hasReturned({ cluster, name }: Pick<NodeState, 'name'> & Pick<ClusterState, 'cluster'>): boolean {
    return this.returned.get(cluster)?.includes(name) ?? false;
  }

  /** Management nodes that an earlier change took out: as long as they have not left they are asked where they stand. */
  expectLeaving(cluster: string, nodes: readonly NodeState[]): void {
    this.leaving.set(cluster, nodes.map(toTarget));
  }

  /** The Kubernetes that was declared for the cluster before. */
  formerVersion(cluster: string): string | undefined {
    return this.formerVersions.get(cluster);
  }

  membership(cluster: string): MembershipInputs | undefined {
    return this.declared.get(cluster);
  }

  /** The declared nodes of a role; undefined where nothing is declared. Every join asks, so that they are not made anew each time. */
  targets(cluster: string, role: NodeRole): readonly NodeTarget[] | undefined {
    return this.declaredTargets.get(cluster)?.[role];
  }

  /** Removals confirmed in the definition or in the stack's configuration. */
  confirmedRemovals({ confirmRemoval }: MembershipInputs): RemovalConfirmations {
    const inDefinition = readConfirmations(confirmRemoval, 'confirmRemoval');
    const inStack = this.settings.confirmRemoval;
    const both = mergeConfirmations([inDefinition.removals, inStack.removals], 'confirmRemoval and llmos:confirmRemoval');
    return { removals: both.removals, problems: [...inDefinition.problems, ...inStack.problems, ...both.problems] };
  }

  /**
   * Management nodes join and leave one by one. The order in which resources depend on each other sees to it, except where several
   * are replaced: the engine then deletes each before its replacement, whatever the others do. Workers leave at once, and join
   * as many at once as the program allows.
   */
  inTurn<T>({ cluster, role }: Pick<NodeState, 'role'> & Pick<ClusterState, 'cluster'>, action: 'join' | 'leave', work: () => Promise<T>): Promise<T> {
    if (role === 'management') return this.turns.take(`management nodes of '${cluster}'`, { limit: 1 }, work);
    if (action === 'leave') return work();
    return this.turns.take(`joins of '${cluster}'`, { limit: this.declared.get(cluster)?.maxParallelJoins ?? Infinity }, work);
  }

  /** Management nodes are upgraded one by one, workers so many at once; after one has failed none is begun any more. */
  inUpgradeTurn<T>({ cluster, role }: Pick<NodeState, 'role'> & Pick<ClusterState, 'cluster'>, work: () => Promise<T>): Promise<T> {
    if (role === 'management') return this.turns.take(`management nodes of '${cluster}'`, { limit: 1 }, work);
    const limit = this.declared.get(cluster)?.maxUnavailable ?? 1;
    return this.turns.take(`upgrades of the workers of '${cluster}'`, { limit, endsWithFailure: true }, work);
  }

  /**
   * The one session of a cluster.
   * @param state what the calling resource knows of it; this run's Membership, where there is one, knows better
   * @param peers management nodes that were recorded earlier
   */
  session(state: ClusterState & { readonly credentials?: Credentials }, peers: readonly NodeState[] = [], identity?: string): ClusterSession {
    const membership = this.declared.get(state.cluster);
    const session = this.sessions.get(state.cluster) ?? this.open(membership ?? state, membership?.credentials ?? state.credentials);
    session.know(this.targets(state.cluster, 'management') ?? []);
    session.know(peers.map(toTarget));
    session.expect(identity);
    return session;
  }

  /**
   * With `pulumi up --refresh` the run begins in the process that has refreshed, by what the state says: where the machines stood and how
   * they were reached then. The refresh is over, so nobody waits for what is closed.
   */
  private forgetSession(cluster: string): void {
    void this.sessions.get(cluster)?.close();
    this.sessions.delete(cluster);
  }

  private open(state: ClusterState, given: Credentials = {}): ClusterSession {
    const { cluster: name, registrationAddress, registrationPort, connection } = state;
    const { kubeconfig, ...keys } = { ...this.settings.credentials, ...given };
    const session = new ClusterSession({ name, registrationAddress, registrationPort }, createAdapters({
      rehearsal: this.settings.rehearsal, connection: { ...connection, ...keys }, kubeconfig,
    }));
    session.knowFormer(this.leaving.get(name) ?? []);
    this.sessions.set(name, session);
    return session;
  }
}

export const run = new Run();
