import { type NodeRole, ZONE_LABEL } from '../llmos/node';
import { mayComeBack, type RemovedNode } from '../llmos/removed-node';
import type { NodeView } from '../membership/ports/cluster-api';
import { quorumFigures, zoneFailureTolerance } from '../quorum';

/** What `llmos-nodes nodes --json` prints: other programs read it, so names are added and never changed. */
export interface NodesReport {
  /** Management nodes first, then by name. */
  readonly nodes: readonly NodeReport[];
  readonly quorum: QuorumReport;
  /** Removed nodes whose machines were not cleaned, or still know the join token. */
  readonly notClean: readonly RemovedNode[];
}

export interface NodeReport {
  readonly name: string;
  readonly role: NodeRole;
  readonly zone?: string;
  /** Condition Ready, and what else the API server says of it. */
  readonly ready: boolean;
  /** Why it is not Ready. */
  readonly notReadyReason?: string;
  readonly unschedulable: boolean;
  readonly deleting: boolean;
  /** Its etcd member votes; false for a learner. Absent for workers. */
  readonly voter?: boolean;
  readonly internalAddress?: string;
  readonly externalAddress?: string;
  readonly version: string;
  /** As Kubernetes writes quantities. */
  readonly cpu: string;
  readonly memory: string;
  readonly gpu: string;
  /** ISO 8601. */
  readonly createdAt: string;
}

export interface QuorumReport {
  /** Names of the nodes whose etcd members vote. */
  readonly voters: readonly string[];
  readonly majority: number;
  readonly failureTolerance: number;
  readonly zoneFailureTolerance: number;
}

/** What there is to say of a cluster's nodes. */
export function nodesReport(views: readonly NodeView[], removed: readonly RemovedNode[] = []): NodesReport {
  const nodes = [...views].sort((a, b) => a.role.localeCompare(b.role) || a.name.localeCompare(b.name, 'en', { numeric: true })).map(nodeReport);
  const voters = nodes.filter(({ voter }) => voter);
  const { majority, failureTolerance } = quorumFigures(voters.length);
  return {
    nodes,
    notClean: removed.filter(each => each.removal !== 'clean' || mayComeBack(each)),
    quorum: {
      voters: voters.map(({ name }) => name), majority, failureTolerance,
      zoneFailureTolerance: voters.length === 0 ? 0 : zoneFailureTolerance(voters.map(({ zone }) => zone)),
    },
  };
}

function nodeReport(view: NodeView): NodeReport {
  const { name, role, ready, unschedulable, deleting, internalAddress, externalAddress, cpu, memory, gpu, createdAt } = view;
  return {
    name, role, zone: view.labels[ZONE_LABEL], ready, notReadyReason: ready ? undefined : view.notReadyReason, unschedulable, deleting,
    voter: role === 'management' ? view.etcdIsVoter : undefined, internalAddress, externalAddress, version: view.kubeletVersion,
    cpu, memory, gpu, createdAt,
  };
}
