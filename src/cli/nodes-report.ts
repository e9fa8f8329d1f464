import { formatTaint, ZONE_LABEL } from '../llmos/node';
import { mayComeBack, type RemovedNode } from '../llmos/removed-node';
import { driftOf, driftOfStranger, ghostDrift } from '../membership/drift';
import type { NodeView } from '../membership/ports/cluster-api';
import type { LiveLook, LiveMembers } from './live-cluster';
import type { DeclaredCluster, DeclaredNode } from './nodes-declared';
import type { NodeReport } from './nodes-node';
import { inOrder } from './nodes-order';
import { quorumReport, type QuorumReport } from './nodes-quorum';
import { stateOf } from './nodes-state';

/** What `llmos-nodes nodes -o json` prints: other programs read it, so names are added and never changed. */
export interface NodesReport {
  /** The cluster's name. @default - nothing is declared, so nobody knows it */
  readonly cluster?: string;
  /** Management nodes first, then by name. */
  readonly nodes: readonly NodeReport[];
  /** Of the whole cluster, whichever nodes are shown. */
  readonly quorum: QuorumReport;
  /** Removed nodes whose machines were not cleaned, or still know the join token. */
  readonly notClean: readonly RemovedNode[];
}

/** What there is to say of a cluster's nodes. */
export function nodesReport({ nodes: views, removed, members }: LiveLook, declared?: DeclaredCluster): NodesReport {
  const declaredNodes = new Map(declared?.nodes.map(node => [node.name, node]));
  const there = new Set(views.map(({ name }) => name));
  const isMember = new Set(members.members.map(({ name }) => name));
  const strays = [...isMember].filter(name => !there.has(name) && !declaredNodes.has(name));
  const member = memberOf(members);
  const nodes = [
    ...views.map(view => present(view, declaredNodes.get(view.name), members, declared !== undefined)),
    ...[...declaredNodes.values()].filter(({ name }) => !there.has(name)).map(node => absent(node, members, isMember.has(node.name))),
    ...strays.map((name): NodeReport => ({ ...nothing, name, role: 'management', state: 'no Node', ...(declared && { declared: 'no' }), drift: driftOfStranger(name, undefined, members) })),
  ].map(node => ({ ...node, ...member(node.name) }));
  const zones = new Map(nodes.map(({ name, zone }) => [name, zone]));
  return {
    ...(declared && { cluster: declared.name }),
    nodes: inOrder(nodes), quorum: quorumReport(members, name => zones.get(name)),
    notClean: removed.filter(each => each.removal !== 'clean' || mayComeBack(each)),
  };
}

const nothing = { ready: false, unschedulable: false, deleting: false, labels: {}, taints: [] } as const;

function present(view: NodeView, node: DeclaredNode | undefined, members: LiveMembers, isDeclared: boolean): NodeReport {
  const { name, role, ready, unschedulable, setAside, deleting, internalAddress, externalAddress, cpu, memory, gpu, createdAt, machineId, labels } = view;
  return {
    name, role, zone: labels[ZONE_LABEL], state: stateOf(view), ready, notReadyReason: ready ? undefined : view.notReadyReason, unschedulable, setAside, deleting,
    internalAddress, externalAddress, version: view.kubeletVersion, cpu, memory, gpu, createdAt, machineId, labels, taints: view.taints.map(formatTaint),
    ...(isDeclared && { declared: node === undefined ? 'no' : node.leaving ? 'leaving' : 'yes' }),
    // Where nothing is known of what is declared, etcd and the Nodes may differ all the same.
    drift: node ? driftOf(node, view, members) : isDeclared ? driftOfStranger(name, view, members) : ghostDrift(name, members.ghosts),
  };
}

function absent(node: DeclaredNode, members: LiveMembers, isMember: boolean): NodeReport {
  const { name, role, zone, address, internalAddress, labels, taints, leaving } = node;
  return {
    ...nothing, name, role, zone, state: stateOf(undefined, node, isMember), labels, taints, declared: leaving ? 'leaving' : 'yes',
    ...(internalAddress === undefined ? { internalAddress: address } : { internalAddress, externalAddress: address }),
    drift: driftOf(node, undefined, members),
  };
}

/** Voter and health of a node's member. Of two members of one node nobody knows which is which: they count as the worse of them. */
function memberOf({ members }: LiveMembers): (name: string) => Pick<NodeReport, 'voter' | 'healthy'> {
  const found = new Map<string, Pick<NodeReport, 'voter' | 'healthy'>>();
  for (const { name, voter, healthy = false } of members) {
    const other = found.get(name);
    found.set(name, { voter, healthy: healthy && other?.healthy !== false });
  }
  return name => found.get(name) ?? {};
}
