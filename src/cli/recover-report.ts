import type { Plan } from '../membership/recover/assess';
import type { Host } from '../membership/recover/survey';
import { majority } from '../quorum';

/** What a recovery sees and what it will do, for the person who is asked whether it is meant. */
export function describePlan(plan: Plan): string {
  const { cluster, survivor, returning, gone, revision, reset } = plan;
  const rows = [
    [survivor.node.name, survivor.machine.label, reset ? 'the cluster is recovered from it already' : `etcd's data up to revision ${revision}: the newest that is left`],
    ...returning.map(host => [host.node.name, host.machine.label, whatItHas(host, plan)]),
    ...gone.map(({ node, label, away, reason }) => [node.name, label, away ? 'does not answer; said to be lost for good' : `said to be lost: ${reason}`]),
  ];
  return [
    reset ? `A recovery of cluster '${cluster}' was begun and goes on.` : lossOf(plan),
    '',
    ...table(rows),
    '',
    'What will be done:',
    ...steps(plan).map((step, index) => `  ${index + 1}. ${step}`),
    ...(reset ? [] : ['', `What was written after revision ${revision} and reached only machines that are lost is lost with them.`]),
    ...(gone.length === 0 ? [] : [`${namesOf(gone)} must never start again with the old disk: with enough of the old members they would be a second cluster.`]),
  ].join('\n');
}

/** What there is to do once the cluster answers again. */
export function describeRecovered({ cluster, survivor, returning, gone, id, revision }: Plan): string {
  return [
    `Cluster '${cluster}' is recovered from ${survivor.node.name}, revision ${revision}. Its voters: ${namesOf([survivor, ...returning])}.`,
    `The data from before the recovery is kept in /var/lib/llmos-nodes/recovery-${id} on each of these hosts; delete it once you have looked at the cluster.`,
    ...(gone.length === 0 ? [] : [
      `${namesOf(gone)} ${gone.length === 1 ? 'is' : 'are'} still declared. Replace ${gone.length === 1 ? 'it' : 'them'}: put other machines into the definition, confirm with`,
      ...gone.map(({ node }) => `  llmos-nodes confirm ${node.name} --recovered`),
      'and run pulumi up. Until then the cluster tolerates fewer failures than declared, or none.',
    ]),
  ].join('\n');
}

function lossOf({ cluster, survivor, returning, gone }: Plan): string {
  const speaking = [survivor, ...returning].filter(({ datastore }) => datastore.revision !== undefined).length;
  const members = Math.max(1 + returning.length + gone.length, survivor.datastore.members ?? 0);
  return `Cluster '${cluster}' has lost its quorum: ${speaking} of ${members} etcd members run${speaking === 1 ? 's' : ''}, and ${majority(members)} are needed.`;
}

function whatItHas({ datastore: { present, revision, forgotten } }: Host, { id }: Plan): string {
  if (forgotten.includes(id)) return 'has been brought back, or is about to be';
  if (revision !== undefined) return `etcd's data up to revision ${revision}`;
  return present ? "etcd's data is not used" : 'has no data of etcd';
}

function steps({ survivor: { node }, returning, reset, id }: Plan): string[] {
  const others = namesOf(returning);
  return [
    ...(reset ? [] : [
      `Kubernetes is stopped on ${namesOf([{ node }, ...returning])}; with k3s the pods go on running.`,
      `etcd's data is copied to /var/lib/llmos-nodes/recovery-${id} on each.`,
      `The data of ${node.name} becomes a cluster of one member; this cannot be taken back.`,
      `${node.name} starts, and it is checked that it is this cluster with all its data.`,
    ]),
    ...(returning.length === 0 ? [] : [`The etcd data of ${others}, of which there is a copy by then, is deleted, and ${returning.length === 1 ? 'it joins' : 'they join one by one'} again.`]),
    'The members are verified.',
  ];
}

function namesOf(nodes: readonly { readonly node: { readonly name: string } }[]): string {
  return nodes.map(({ node }) => node.name).join(', ');
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = [0, 1].map(column => Math.max(...rows.map(row => row[column]!.length)));
  return rows.map(([name, label, text]) => `  ${name!.padEnd(widths[0]!)}  ${label!.padEnd(widths[1]!)}  ${text!}`);
}
