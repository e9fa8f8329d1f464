import { isIP } from 'node:net';

import { isNewerKubernetes } from '../llmos/kubernetes-version';
import { formatTaint, type NodeRole } from '../llmos/node';
import type { ClusterLook } from './cluster-look';
import type { Ghost } from './ghosts';
import type { NodeView } from './ports/cluster-api';

/** In what a node may differ from what was declared. */
export type DriftKind =
  | 'missing' | 'not ready' | 'machine' | 'role' | 'voter' | 'no member' | 'ghost member' | 'address' | 'version' | 'newer version' | 'labels' | 'taints'
  | 'not declared';

/** One thing in which a node is not as it was declared. */
export interface Drift {
  readonly kind: DriftKind;
  /** What it is and what it should be, for people. */
  readonly message: string;
  /** What to type, where that depends on the case. @default - {@link remedyOf} has it */
  readonly remedy?: string;
}

/** A node as it is to be. */
export interface ExpectedNode {
  readonly name: string;
  readonly role: NodeRole;
  /** @default - not known yet: it is not compared */
  readonly address?: string;
  /** @default - none, or not known yet */
  readonly internalAddress?: string;
  /** Those that were declared, the zone's among them. */
  readonly labels: Readonly<Record<string, string>>;
  /** `key=value:Effect` */
  readonly taints: readonly string[];
  /** @default - any version will do */
  readonly kubernetesVersion?: string;
  /** Of the machine that joined. @default - none has, as far as is known */
  readonly machineId?: string;
  /** Of a machine that was found at its address, which is not its Node's either. @default - none was */
  readonly anotherMachine?: string;
  /** It is still recorded and no longer declared: its removal is due. @default false */
  readonly leaving?: boolean;
  /** What a run of Pulumi is doing with it. @default - nothing */
  readonly operation?: 'joining' | 'removing';
}

/** etcd's members, and in what their list and the Nodes do not agree. */
export interface SeenMembers {
  readonly members: readonly { readonly name: string; readonly voter: boolean }[];
  readonly ghosts: readonly Ghost[];
}

/**
 * In what a node is not as declared: the one judge, for `pulumi refresh` and for `llmos-nodes nodes`. Labels and taints that others
 * added are theirs. While a run joins or removes the node, what is still to come is no drift, and nothing is compared of one that
 * leaves.
 * @param view its Node; undefined where the cluster has none
 */
export function driftOf(node: ExpectedNode, view: NodeView | undefined, seen: SeenMembers): Drift[] {
  if (node.leaving) return [];
  const ghosts = node.operation === undefined ? ghostDrift(node.name, seen.ghosts) : [];
  if (view === undefined) return [...missing(node, seen), ...ghosts];
  const other = machine(view, node);
  // What else differs is the other machine's own affair: nobody declared anything of it.
  if (other.length > 0) return [...notReady(view, node), ...other, ...ghosts];
  return [...notReady(view, node), ...role(view, node), ...voter(node, seen), ...addresses(view, node), ...version(view, node), ...labels(view, node), ...taints(view, node), ...ghosts];
}

/** What there is to say of a Node, or of an etcd member without one, that nobody declared. */
export function driftOfStranger(name: string, view: NodeView | undefined, { ghosts }: Pick<SeenMembers, 'ghosts'>): Drift[] {
  const undeclared: Drift[] = view === undefined ? [] : [{ kind: 'not declared', message: 'nobody declared it, so nothing of it is compared and no change takes it into account' }];
  return [...undeclared, ...ghostDrift(name, ghosts)];
}

/** Everything in a cluster that nobody declared, by name. */
export function strangersIn(declared: ReadonlySet<string>, { nodes, members, ghosts }: ClusterLook): ReadonlyMap<string, readonly Drift[]> {
  const names = [...new Set([...nodes.keys(), ...members.map(({ name }) => name)])].filter(name => !declared.has(name));
  return new Map(names.map(name => [name, driftOfStranger(name, nodes.get(name), { ghosts })]));
}

/** In what etcd's list and the Nodes do not agree about a node. */
export function ghostDrift(name: string, ghosts: readonly Ghost[]): Drift[] {
  return ghosts.filter(({ node }) => node === name).map(({ kind, problem: { subject, value, rule, remedy } }) => ({
    kind: kind === 'Node without a member' ? 'no member' : 'ghost member', message: `${subject}${value === undefined ? '' : ` (${value})`}: ${rule}`, remedy,
  }));
}

/** What `pulumi up` puts right in place, without anybody deciding anything. */
export function isMendedInPlace(kind: DriftKind): boolean {
  return kind === 'labels' || kind === 'taints' || kind === 'version';
}

/** What comes of it and what to do, for people. */
export function remedyOf(kind: DriftKind, name: string): string {
  switch (kind) {
    case 'labels':
    case 'taints': return 'the next `pulumi up` puts it right; to keep it, declare it so';
    case 'version': return 'the next `pulumi up` upgrades it';
    case 'newer version': return 'declare that version: nothing is ever downgraded';
    case 'not ready': return 'see to its machine; nothing is changed because of it';
    case 'missing': return 'restart k3s or k3s-agent on its machine, which then registers again; or take it out of the definition';
    case 'voter': return 'a learner is promoted when it has caught up; where it stays one, see the journal of k3s on its machine';
    case 'address': return 'give it that address back; declaring the one it has is a replacement, which wants its removal confirmed';
    case 'role': return 'a role is never taken over: take the node out of the definition, confirm its removal, and declare it in the pool it is to be in';
    case 'machine': return `if its machine was reinstalled: npx llmos-nodes confirm ${name} --reinstall, and the next \`pulumi up\` works with the new one; until then nothing of it is changed`;
    case 'not declared': return 'declare it, or remove it by hand';
    case 'ghost member':
    case 'no member': return '`llmos-nodes nodes` says what to type';
  }
}

function missing({ name, operation, machineId }: ExpectedNode, { members }: SeenMembers): Drift[] {
  // A member without a Node is a ghost, and said to be one.
  if (operation !== undefined || members.some(member => member.name === name)) return [];
  return [{ kind: 'missing', message: machineId === undefined ? 'it is declared and has not joined' : 'it had joined, and the cluster has no such Node' }];
}

function notReady({ ready, notReadyReason, deleting }: NodeView, { operation }: ExpectedNode): Drift[] {
  return ready || deleting || operation !== undefined ? [] : [{ kind: 'not ready', message: `it is not ready: ${notReadyReason}` }];
}

function role({ role: found }: NodeView, { role: wanted }: ExpectedNode): Drift[] {
  return found === wanted ? [] : [differs('role', 'role', found, wanted)];
}

/** One that has no member at all is told of by the comparison of the two lists. */
function voter({ name, role: wanted, operation }: ExpectedNode, { members }: SeenMembers): Drift[] {
  const isLearner = wanted === 'management' && operation === undefined && members.some(member => member.name === name && !member.voter);
  return isLearner ? [{ kind: 'voter', message: 'its etcd member is a learner, which does not count for the quorum' }] : [];
}

function machine({ machineId: found }: NodeView, { machineId: joined, anotherMachine }: ExpectedNode): Drift[] {
  if (joined === undefined) return [];
  if (found !== '' && found !== joined) return [{ kind: 'machine', message: `another machine has its name: machine-id ${found}, and ${joined} joined` }];
  return anotherMachine === undefined ? [] : [{ kind: 'machine', message: `another machine stands at its address: machine-id ${anotherMachine}, and ${joined} joined` }];
}

/** A host name is not compared: the Node has the address it resolved to. */
function addresses({ externalAddress, internalAddress }: NodeView, node: ExpectedNode): Drift[] {
  const other = (wanted: string | undefined, found: readonly (string | undefined)[]): Drift[] => {
    const there = [...new Set(found.filter(each => each !== undefined))];
    return wanted === undefined || isIP(wanted) === 0 || there.length === 0 || there.includes(wanted) ? [] : [differs('address', 'address', there.join(', '), wanted)];
  };
  return [...other(node.address, [externalAddress, internalAddress]), ...other(node.internalAddress, [internalAddress])].slice(0, 1);
}

function version({ kubeletVersion: found }: NodeView, { kubernetesVersion: wanted }: ExpectedNode): Drift[] {
  if (wanted === undefined || found === wanted) return [];
  return [differs(isNewerKubernetes(found, wanted) ? 'newer version' : 'version', 'version', found, wanted)];
}

function labels(view: NodeView, { labels: wanted, operation }: ExpectedNode): Drift[] {
  if (operation === 'joining') return [];
  const changed = Object.entries(wanted).filter(([key, value]) => view.labels[key] !== value)
    .map(([key, value]) => (view.labels[key] === undefined ? `${key}=${value} is missing` : `${key} is ${view.labels[key]} and declared ${value}`));
  return changed.length === 0 ? [] : [{ kind: 'labels', message: `label ${changed.join(', ')}` }];
}

function taints(view: NodeView, { taints: wanted, operation }: ExpectedNode): Drift[] {
  if (operation === 'joining') return [];
  const found = view.taints.map(formatTaint);
  const gone = wanted.filter(taint => !found.includes(taint));
  return gone.length === 0 ? [] : [{ kind: 'taints', message: `taint ${gone.join(', ')} is missing` }];
}

function differs(kind: DriftKind, what: string, found: string, wanted: string): Drift {
  return { kind, message: `${what} is ${found} and declared ${wanted}` };
}
