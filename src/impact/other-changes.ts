import { byName } from './compare-nodes';
import type { OtherChange } from './impact-report';
import { UNKNOWN_ADDRESS, type MembershipSnapshot, type SnapshotNode } from './membership-snapshot';

/** What changes besides who is a member, each change once with all nodes it concerns. */
export function otherChanges(before: MembershipSnapshot, after: MembershipSnapshot): OtherChange[] {
  const old = byName(before.nodes);
  const nodes = new Map<string, { readonly subject: OtherChange['subject']; readonly change: string; readonly nodes: string[] }>();
  for (const node of after.nodes) {
    const was = old.get(node.name);
    for (const { subject, change } of was === undefined ? unknownAddress(node) : nodeChanges(was, node)) {
      const key = JSON.stringify([subject, change]);
      const group = nodes.get(key) ?? { subject, change, nodes: [] };
      group.nodes.push(node.name);
      nodes.set(key, group);
    }
  }
  return [...clusterChanges(before, after), ...nodes.values()];
}

type Change = Pick<OtherChange, 'subject' | 'change'>;

function clusterChanges(before: MembershipSnapshot, after: MembershipSnapshot): OtherChange[] {
  const changes: Change[] = [
    ...difference('kubernetes', '', before.kubernetesVersion, after.kubernetesVersion),
    ...difference('llmos', '', before.llmosVersion, after.llmosVersion),
    ...recordChanges('setting', before.settings, after.settings),
  ];
  return changes.map(change => ({ ...change, nodes: [] }));
}

function nodeChanges(was: SnapshotNode, node: SnapshotNode): Change[] {
  return [
    ...difference('zone', '', was.zone, node.zone),
    // Only definitions know pools.
    ...(was.pool === undefined || node.pool === undefined ? [] : difference('pool', '', was.pool, node.pool)),
    ...recordChanges('label', was.labels, node.labels),
    ...was.taints.filter(taint => !node.taints.includes(taint)).map((taint): Change => ({ subject: 'taint', change: `- ${taint}` })),
    ...node.taints.filter(taint => !was.taints.includes(taint)).map((taint): Change => ({ subject: 'taint', change: `+ ${taint}` })),
    ...(was.address === UNKNOWN_ADDRESS ? [] : unknownAddress(node)),
  ];
}

/** Until it is known nobody can say whether the node moves to another machine. */
function unknownAddress({ address, internalAddress }: SnapshotNode): Change[] {
  return [address, internalAddress].includes(UNKNOWN_ADDRESS) ? [{ subject: 'address', change: 'not known before the machine is made' }] : [];
}

function recordChanges(subject: OtherChange['subject'], was: Readonly<Record<string, string>>, now: Readonly<Record<string, string>>): Change[] {
  const keys = new Set([...Object.keys(was), ...Object.keys(now)]);
  return [...keys].flatMap(key => difference(subject, `${key}: `, was[key], now[key]));
}

function difference(subject: OtherChange['subject'], name: string, was: string | undefined, now: string | undefined): Change[] {
  return was === now ? [] : [{ subject, change: `${name}${shown(was)} → ${shown(now)}` }];
}

function shown(value: string | undefined): string {
  if (value === undefined) return 'none';
  return value === '' ? "''" : value;
}
