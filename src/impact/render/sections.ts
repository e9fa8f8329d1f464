import { figure, shortList } from '../group-names';
import type { ChangedNode, ImpactReport, OtherChange } from '../impact-report';

/** A titled list; every view shows the same ones. */
export interface Section {
  readonly title: string;
  readonly items: readonly string[];
}

/** What changes, who comes and who goes, in groups: ten thousand workers are one line. Empty lists are left out. */
export function sectionsOf(report: ImpactReport): Section[] {
  const { joins, removals, replacements, roleChanges, confirmations, exposures, otherChanges, allowEven, live } = report;
  return [
    { title: 'Risked on the way', items: exposures },
    { title: 'Joins', items: inGroups(joins, describeNode) },
    { title: 'Leaves', items: inGroups(removals, node => `${describeNode(node)}${node.leftOver ? ', begun by an earlier run' : ''}, ${confirmation(node)}`) },
    { title: 'Is replaced', items: replacements.map(node => `${node.name}: ${describeNode(node)}, ${node.why}, ${confirmation(node)}`) },
    { title: 'Changes its role', items: inGroups(roleChanges, node => `${node.from} → ${node.role}, ${confirmation(node)}`) },
    { title: 'Confirmed although it stays', items: confirmations.unused.length === 0 ? [] : [`${shortList(confirmations.unused)}: take the confirmation out, or the node can leave later without anyone asking`] },
    { title: 'An even number', items: allowEven === undefined ? [] : [`allowed because: ${allowEven}`] },
    { title: 'Health of the members', items: live === undefined ? [] : [`${live.healthy} of ${live.voters} voters answer; the majority is ${live.majority}`, ...live.members.filter(({ healthy }) => healthy !== true).map(({ name }) => `${name} does not answer`), ...live.members.filter(({ voter }) => !voter).map(({ name }) => `${name} is a learner`)] },
    { title: 'Also changes', items: otherChanges.map(describeChange) },
  ].filter(({ items }) => items.length > 0).map(({ title, items }) => ({ title, items: readable(items) }));
}

function describeNode({ role, pool, zone }: ChangedNode): string {
  return [`${role}${pool === undefined || pool === role ? '' : `, pool ${pool}`}`, ...(zone === undefined ? [] : [`zone ${zone}`])].join(', ');
}

function confirmation({ confirmed }: { readonly confirmed: boolean }): string {
  return confirmed ? 'confirmed' : 'NOT CONFIRMED';
}

/** Nodes of which the same is said are one line. More lines than anybody reads are summed up. */
const MOST_LINES = 12;

/** Where every node has a change of its own there is no group to make of them; the JSON has them all. */
function readable(items: readonly string[]): readonly string[] {
  return items.length <= MOST_LINES ? items : [...items.slice(0, MOST_LINES - 1), `and ${figure(items.length - MOST_LINES + 1)} more`];
}

function inGroups<Node extends ChangedNode>(nodes: readonly Node[], describe: (node: Node) => string): string[] {
  const groups = groupsOf(nodes, describe);
  if (groups.size <= MOST_LINES) return lines(groups);
  return lines(groupsOf(nodes, node => describe({ ...node, zone: undefined })));
}

function groupsOf<Node extends ChangedNode>(nodes: readonly Node[], describe: (node: Node) => string): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const node of nodes) {
    const text = describe(node);
    const group = groups.get(text);
    if (group === undefined) groups.set(text, [node.name]);
    else group.push(node.name);
  }
  return groups;
}

function lines(groups: ReadonlyMap<string, readonly string[]>): string[] {
  return [...groups].map(([text, names]) => `${shortList(names)}: ${text}`);
}

const SUBJECTS: Readonly<Record<OtherChange['subject'], string>> = {
  kubernetes: 'Kubernetes', llmos: 'LLMOS', setting: '', label: 'label', taint: 'taint', zone: 'zone', address: 'address', pool: 'pool',
};

function describeChange({ subject, change, nodes }: OtherChange): string {
  const what = `${SUBJECTS[subject]} ${change}`.trim();
  return nodes.length === 0 ? what : `${what} (${shortList(nodes, 4)})`;
}
