import { formatTaint, type Taint } from '../llmos/node';
import { mergeConfirmations, readConfirmations, type ConfirmedRemoval } from '../llmos/removal';
import type { Finding } from './impact-report';
import { InputProblem } from './input-problem';
import { UNKNOWN_ADDRESS, type MembershipSnapshot, type SnapshotNode } from './membership-snapshot';
import { isRecord, propertiesOf, type PreviewStep, type ResourceState } from './preview-json';

/** What a preview says of one cluster; `impact(before, after, preview)` makes the report of it. */
export interface PreviewedChange {
  /** @default - there is no cluster yet, or the preview does not say */
  readonly before?: MembershipSnapshot;
  /** @default - the cluster is destroyed, or the preview was refused before it came so far */
  readonly after?: MembershipSnapshot;
  /** Why the preview was refused. */
  readonly refusals: readonly Finding[];
  /** Nodes whose removal an earlier run began and did not end. */
  readonly leftOver: readonly string[];
}

/** What the engine writes for a value that is not known yet; the same one that pulumi/handlers/unknown.ts knows. */
const UNKNOWN_VALUE = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

/**
 * The membership before and after, from its own step and those of the nodes. The nodes correct what the membership was: after a
 * run that failed half-way it names nodes that did not join yet, and not those whose removal is still to be ended.
 */
export function changedMembership(
  step: PreviewStep, nodeSteps: readonly PreviewStep[], config: Readonly<Record<string, unknown>>,
): PreviewedChange {
  const confirmed = parseConfirmations(config['llmos:confirmRemoval']);
  const old = step.oldState === undefined ? undefined : snapshot(step.oldState, confirmed);
  const after = step.op === 'delete' || step.newState === undefined ? undefined : snapshot(step.newState, confirmed);
  const cluster = (after ?? old)!.cluster;
  const ours = nodeSteps.filter(each => propertiesOf(each.newState ?? each.oldState).cluster === cluster);

  const deleted = ours.filter(({ op }) => op === 'delete').map(each => node(propertiesOf(each.oldState)));
  const deletedNames = new Set(deleted.map(({ name }) => name));
  const notThere = new Set(ours.filter(isToBeMade).map(nameOf).filter(name => !deletedNames.has(name)));
  const there = (old?.nodes ?? []).filter(({ name }) => !notThere.has(name));
  const mentioned = new Set([...there.map(({ name }) => name), ...(after?.nodes ?? []).map(({ name }) => name)]);
  const leftOver = deleted.filter(({ name }) => !mentioned.has(name));
  const swapped = new Map(ours.flatMap(swappedMachine));
  const before = old === undefined && leftOver.length === 0 ? undefined
    : { ...(old ?? { ...after!, nodes: [] }), nodes: [...there, ...leftOver].map(each => withMachine(each, swapped.get(each.name)?.joined)) };
  return {
    ...(before !== undefined && { before: after === undefined ? confirmedAsWhole(before, config['llmos:confirmDestroy']) : before }),
    ...(after !== undefined && { after: { ...after, nodes: after.nodes.map(each => withMachine(each, swapped.get(each.name)?.found)) } }),
    leftOver: leftOver.map(({ name }) => name),
    refusals: [],
  };
}

interface SwappedMachine {
  readonly joined: string;
  readonly found: string;
}

/** What a refresh found behind the name and the address of a node, of which the membership knows nothing. */
function swappedMachine(step: PreviewStep): [string, SwappedMachine][] {
  const { machineId, anotherMachine } = propertiesOf(step.oldState);
  return typeof anotherMachine === 'string' ? [[nameOf(step), { joined: String(machineId), found: anotherMachine }]] : [];
}

function withMachine(each: SnapshotNode, machineId: string | undefined): SnapshotNode {
  return machineId === undefined ? each : { ...each, machineId };
}

/** One that failed half-way is recorded without the identity of its cluster, and its join is carried on. */
function isToBeMade({ op, oldState }: PreviewStep): boolean {
  return op === 'create' || (oldState?.outputs !== undefined && oldState.outputs.identity === '');
}

/** The node's name, whatever the step does with it. */
export function nameOf(step: PreviewStep): string {
  return String(propertiesOf(step.newState ?? step.oldState).name);
}

/** Whoever destroys the cluster types its name: that counts for every node, and nothing else does. */
function confirmedAsWhole(before: MembershipSnapshot, typed: unknown): MembershipSnapshot {
  return { ...before, confirmRemoval: typed === before.cluster ? before.nodes.map(({ name }) => ({ name })) : [] };
}

function snapshot(state: ResourceState, confirmed: readonly ConfirmedRemoval[]): MembershipSnapshot {
  const properties = propertiesOf(state);
  const { kubernetesVersion, ...settings } = isRecord(properties.settings) ? properties.settings : {};
  const { version } = isRecord(properties.installer) ? properties.installer : {};
  const { registrationAddress, registrationPort } = properties;
  return {
    cluster: String(properties.cluster),
    ...(typeof kubernetesVersion === 'string' && { kubernetesVersion }),
    ...(typeof version === 'string' && { llmosVersion: version }),
    settings: {
      registration: `${String(registrationAddress)}:${String(registrationPort)}`,
      ...Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, Array.isArray(value) ? value.join(', ') : String(value)])),
    },
    nodes: nodesOf(properties).map(node),
    confirmRemoval: mergeConfirmations([readConfirmations(properties.confirmRemoval ?? [], 'confirmRemoval').removals, confirmed], 'confirmRemoval').removals,
    checked: true,
  };
}

/** @throws InputProblem where they are a secret, as all of them are where the address of one is: a preview does not show it */
function nodesOf({ cluster, nodes }: Readonly<Record<string, unknown>>): Record<string, unknown>[] {
  if (Array.isArray(nodes)) return nodes.filter(isRecord);
  throw new InputProblem('unknown', {
    subject: `membership of cluster '${String(cluster)}'`, rule: 'an address in it is a secret, so the preview shows none of its nodes',
    remedy: 'take that off in the program, pulumi.unsecret(address), or compare two synthesised definitions with --from and --to',
  });
}

function node(properties: Readonly<Record<string, unknown>>): SnapshotNode {
  const { name, role, zone, labels, taints } = properties;
  const address = addressOf(properties.address);
  const internalAddress = addressOf(properties.internalAddress);
  return {
    name: String(name), role: role === 'management' ? 'management' : 'worker',
    ...(typeof zone === 'string' && { zone }), ...(address !== undefined && { address }), ...(internalAddress !== undefined && { internalAddress }),
    labels: isRecord(labels) ? Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, String(value)])) : {},
    taints: (Array.isArray(taints) ? taints : []).filter(isRecord).map(taint => formatTaint(taint as unknown as Taint)),
  };
}

function addressOf(value: unknown): string | undefined {
  if (value === UNKNOWN_VALUE) return UNKNOWN_ADDRESS;
  return typeof value === 'string' ? value : undefined;
}

/** Set with `--path` it is JSON; written by hand it may be `m2, m3`. What is wrong with it the gate has said. */
function parseConfirmations(value: unknown): readonly ConfirmedRemoval[] {
  if (typeof value !== 'string') return [];
  return readConfirmations(listOf(value), 'llmos:confirmRemoval').removals;
}

function listOf(value: string): unknown {
  try {
    const parsed: unknown = JSON.parse(value);
    if (typeof parsed === 'object') return parsed;
  } catch {
    // Not JSON: a plain list.
  }
  return value.split(',').map(name => name.trim()).filter(name => name !== '');
}
