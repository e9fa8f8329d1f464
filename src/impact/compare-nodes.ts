import type { ConfirmedRemoval } from '../llmos/removal';
import { UNKNOWN_ADDRESS, type MembershipSnapshot, type SnapshotNode } from './membership-snapshot';
import type { ChangedNode, ReassignedNode, RemovedNode, ReplacedNode } from './impact-report';

/** Who comes, who goes, and who comes back as another. */
export interface NodeChanges {
  readonly joins: readonly ChangedNode[];
  readonly removals: readonly RemovedNode[];
  readonly replacements: readonly ReplacedNode[];
  readonly roleChanges: readonly ReassignedNode[];
}

/**
 * Compares two memberships by the names of their nodes. Gone, in another role or on another machine: each takes the node out
 * of the cluster, so each asks for a confirmation.
 */
export function compareNodes(
  before: readonly SnapshotNode[], after: readonly SnapshotNode[], confirmed: ReadonlySet<string>, leftOver: ReadonlySet<string>,
): NodeChanges {
  const old = byName(before);
  const kept = byName(after);
  const both = after.flatMap(node => {
    const was = old.get(node.name);
    return was === undefined ? [] : [{ was, node, confirmed: confirmed.has(node.name) }];
  });
  return {
    joins: after.filter(({ name }) => !old.has(name)).map(changed),
    removals: before.filter(({ name }) => !kept.has(name))
      .map(node => ({ ...changed(node), confirmed: confirmed.has(node.name), leftOver: leftOver.has(node.name) })),
    replacements: both.flatMap(({ was, node, ...rest }) => {
      const why = was.role === node.role ? otherMachine(was, node) : undefined;
      return why === undefined ? [] : [{ ...changed(node), ...rest, why }];
    }),
    roleChanges: both.filter(({ was, node }) => was.role !== node.role).map(({ was, node, ...rest }) => ({ ...changed(node), ...rest, from: was.role })),
  };
}

/** Names whose removal somebody confirmed; with `removal` only those confirmed in that way. */
export function confirmedNames(confirmations: readonly ConfirmedRemoval[], removal?: ConfirmedRemoval['removal']): Set<string> {
  return new Set(confirmations.filter(each => removal === undefined || each.removal === removal).map(({ name }) => name));
}

/** What takes a node out of the cluster. */
export function leaving({ removals, replacements, roleChanges }: NodeChanges): readonly { readonly name: string; readonly confirmed: boolean }[] {
  return [...removals, ...replacements, ...roleChanges];
}

export function byName(nodes: readonly SnapshotNode[]): Map<string, SnapshotNode> {
  return new Map(nodes.map(node => [node.name, node]));
}

export function managementOf(membership: MembershipSnapshot | undefined): SnapshotNode[] {
  return (membership?.nodes ?? []).filter(({ role }) => role === 'management');
}

function changed({ name, role, zone, pool }: SnapshotNode): ChangedNode {
  return { name, role, ...(zone !== undefined && { zone }), ...(pool !== undefined && { pool }) };
}

/** How it shows that the node is another machine; undefined where it is the same, or nobody can know yet. */
function otherMachine(was: SnapshotNode, node: SnapshotNode): string | undefined {
  for (const key of ['address', 'internalAddress'] as const) {
    const unknown = was[key] === UNKNOWN_ADDRESS || node[key] === UNKNOWN_ADDRESS;
    if (!unknown && was[key] !== node[key]) return `${key}: ${was[key] ?? 'none'} → ${node[key] ?? 'none'}`;
  }
  if (was.machineId !== node.machineId) return `machine-id: ${was.machineId ?? 'none'} → ${node.machineId ?? 'none'}`;
  return undefined;
}
