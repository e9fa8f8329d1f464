import { formatTaint, ZONE_LABEL } from '../llmos/node';
import { mayComeBack, type RemovedNode } from '../llmos/removed-node';
import type { NodeView } from '../membership/ports/cluster-api';
import { formatProblem } from '../problem';
import type { LiveLook, LiveMembers } from './live-cluster';
import type { DeclaredCluster, DeclaredNode } from './nodes-declared';
import type { NodeReport } from './nodes-node';
import { driftOf, type Drift } from './nodes-drift';
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
  const ghosts = [...isMember].filter(name => !there.has(name) && !declaredNodes.has(name));
  const member = memberOf(members);
  const nodes = [
    ...views.map(view => present(view, declaredNodes.get(view.name), declared)),
    ...[...declaredNodes.values()].filter(({ name }) => !there.has(name)).map(node => absent(node, isMember.has(node.name))),
    ...ghosts.map((name): NodeReport => ({ ...nothing, name, role: 'management', state: 'no Node', ...(declared && { declared: 'no' }) })),
  ].map(node => ({ ...node, ...member(node.name), drift: [...node.drift, ...ghostDrift(node.name, members, declaredNodes.get(node.name))] }));
  const zones = new Map(nodes.map(({ name, zone }) => [name, zone]));
  return {
    ...(declared && { cluster: declared.name }),
    nodes: inOrder(nodes), quorum: quorumReport(members, name => zones.get(name)),
    notClean: removed.filter(each => each.removal !== 'clean' || mayComeBack(each)),
  };
}

const nothing = { ready: false, unschedulable: false, deleting: false, labels: {}, taints: [], drift: [] } as const;

function present(view: NodeView, node: DeclaredNode | undefined, declared: DeclaredCluster | undefined): NodeReport {
  const { name, role, ready, unschedulable, deleting, internalAddress, externalAddress, cpu, memory, gpu, createdAt, machineId, labels } = view;
  return {
    name, role, zone: labels[ZONE_LABEL], state: stateOf(view), ready, notReadyReason: ready ? undefined : view.notReadyReason, unschedulable, deleting,
    internalAddress, externalAddress, version: view.kubeletVersion, cpu, memory, gpu, createdAt, machineId, labels, taints: view.taints.map(formatTaint),
    ...(declared && { declared: node === undefined ? 'no' : node.leaving ? 'leaving' : 'yes' }),
    drift: declared === undefined ? [] : node === undefined ? [NOT_DECLARED] : driftOf(view, node, declared),
  };
}

const NOT_DECLARED: Drift = { kind: 'not declared', message: 'nobody declared it, so nothing of it is compared and no change takes it into account' };

function absent(node: DeclaredNode, isMember: boolean): NodeReport {
  const { name, role, zone, address, internalAddress, labels, taints, leaving } = node;
  const state = stateOf(undefined, node, isMember);
  return {
    ...nothing, name, role, zone, state, labels, taints, declared: leaving ? 'leaving' : 'yes',
    ...(internalAddress === undefined ? { internalAddress: address } : { internalAddress, externalAddress: address }),
    drift: state === 'gone' || state === 'not there yet' ? [{ kind: 'missing', message: state === 'gone' ? 'it had joined, and the cluster has no such Node' : 'it is declared and has not joined' }] : [],
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

/** While a run joins or removes the node, the two lists differ for a moment as they should. */
function ghostDrift(name: string, { ghosts }: LiveMembers, declared: DeclaredNode | undefined): Drift[] {
  if (declared?.operation !== undefined || declared?.leaving) return [];
  return ghosts.filter(({ node }) => node === name).map(({ kind, problem }) => ({
    kind: kind === 'Node without a member' ? 'no member' : 'ghost member', message: formatProblem(problem),
  }));
}
