import type { LiveMember } from '../impact';
import type { RemovedNode } from '../llmos/removed-node';
import { ghostsSeenFrom } from '../membership/cluster-look';
import type { Ghost } from '../membership/ghosts';
import { readMembers } from '../membership/members';
import type { NodeTarget } from '../membership/node-target';
import type { ClusterApi, NodeView } from '../membership/ports/cluster-api';
import type { ClusterSession } from '../membership/session';
import { Problem } from '../problem';

/** etcd's members as they are now. */
export interface LiveMembers {
  readonly members: readonly LiveMember[];
  /**
   * Where this is from: `members`, etcd's own list and each member's answer to a linearizable read; `nodes`, the conditions
   * EtcdIsVoter and Ready, which may be stale and do not show a member without a Node.
   */
  readonly from: 'members' | 'nodes';
  /** In what etcd's list and the Nodes do not agree; nothing is known of it where this is from the Nodes. */
  readonly ghosts: readonly Ghost[];
  /** Why the members themselves were not asked, or none of them could say. @default - they were */
  readonly reason?: string;
}

/** Everything there is to see of a cluster at one moment. */
export interface LiveLook {
  readonly nodes: readonly NodeView[];
  readonly removed: readonly RemovedNode[];
  readonly members: LiveMembers;
}

/** How a cluster is reached. */
export interface LiveClusterProps {
  /** Connects to an API server that answers; asked again after a connection failed. */
  readonly connect: () => Promise<ClusterApi>;
  /** UID of the kube-system namespace that is expected. @default - any cluster will do */
  readonly identity?: string;
  /** The machines, for asking the members. @default - they cannot be reached */
  readonly session?: ClusterSession;
  /** Why the machines cannot be reached, for people. */
  readonly withoutMachines?: string;
}

/** A cluster that is looked at and not changed. */
export class LiveCluster {
  private connection?: Promise<ClusterApi>;

  constructor(private readonly props: LiveClusterProps) {}

  /** @throws Problem where the cluster does not answer, or another one does */
  async look(): Promise<LiveLook> {
    const api = await this.api();
    const nodes = await api.nodes();
    const [removed, members] = await Promise.all([api.removedNodes(), this.members(nodes)]);
    return { nodes, removed, members };
  }

  /** etcd's members; from the Nodes where they cannot be asked. */
  async members(nodes: readonly NodeView[]): Promise<LiveMembers> {
    const { session, withoutMachines } = this.props;
    if (session === undefined) return { ...fromNodes(nodes), ...(withoutMachines !== undefined && { reason: withoutMachines }) };
    session.know(nodes.flatMap(asTarget));
    const api = await this.api();
    let reason = 'there is no management node';
    // Those with a Node first: only they can know.
    for (const node of session.management.filter(({ name }) => nodes.some(view => view.name === name && view.role === 'management'))) {
      try {
        const machine = session.machine(node);
        const members = await readMembers(session, { node, machine, api });
        return {
          members: members.map(({ name, voter, healthy }) => ({ name, voter, healthy })), from: 'members',
          ghosts: ghostsSeenFrom(session, machine, members, nodes),
        };
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        reason = error.message;
      }
    }
    return { ...fromNodes(nodes), reason };
  }

  /** Whether it is the cluster of that identity; one that was never recorded may be any. */
  async is(identity: string | undefined): Promise<boolean> {
    return identity === undefined || await (await this.api()).identity() === identity;
  }

  async removedNodes(): Promise<RemovedNode[]> {
    return (await this.api()).removedNodes();
  }

  /** Tells of the Nodes whenever one changes, until `signal` aborts. @throws Problem where the API server cannot be followed */
  async watchNodes(see: (nodes: () => NodeView[]) => void, signal: AbortSignal): Promise<void> {
    try {
      await (await this.api()).watchNodes(see, signal);
    } catch (error) {
      // The next one may be reached through another management node.
      this.disconnect();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.disconnect();
    await this.props.session?.close();
  }

  private api(): Promise<ClusterApi> {
    if (this.connection) return this.connection;
    const connection = this.connect();
    this.connection = connection;
    connection.catch(() => { if (this.connection === connection) this.connection = undefined; });
    return connection;
  }

  private async connect(): Promise<ClusterApi> {
    const { connect, identity } = this.props;
    const api = await connect();
    const found = identity === undefined ? undefined : await api.identity();
    if (found === identity) return api;
    await api.close();
    throw new OtherCluster(found!, identity!);
  }

  private disconnect(): void {
    // A connection that was never made has failed where it was asked for.
    this.connection?.then(api => api.close()).catch(() => undefined);
    this.connection = undefined;
  }
}

/** What answers is not the cluster that the stack records. */
export class OtherCluster extends Problem {
  constructor(found: string, expected: string) {
    super({
      subject: 'cluster', value: `cluster id ${found}`, rule: `it is not the cluster of the stack (cluster id ${expected})`,
      remedy: 'name the stack that belongs to it with --stack, or reach the stack\'s own cluster without --kubeconfig and --rehearsal',
    });
  }
}

function asTarget({ name, role, externalAddress, internalAddress }: NodeView): NodeTarget[] {
  const address = externalAddress ?? internalAddress;
  return role !== 'management' || address === undefined ? [] : [{ name, role, address, internalAddress, labels: {}, taints: [] }];
}

function fromNodes(nodes: readonly NodeView[]): LiveMembers {
  return {
    members: nodes.filter(({ role }) => role === 'management').map(({ name, ready, etcdIsVoter }) => ({ name, voter: etcdIsVoter, healthy: ready })),
    from: 'nodes', ghosts: [],
  };
}
