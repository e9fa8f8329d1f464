import { ZONE_LABEL, formatTaint } from '../../llmos/node';
import { isMendedInPlace, type Drift, type DriftKind, type ExpectedNode } from '../../membership/drift';
import type { NodeView } from '../../membership/ports/cluster-api';
import { toTarget, type FoundDrift, type MembershipInputs, type NodeInputs, type NodeOutputs } from '../state';
import { changedKeys, storable } from './provider';
import { isKnown } from './unknown';

/** What a Node's state keeps of the cluster, so that the node can be removed by a run that does not know the program. */
type Whereabouts = Pick<NodeOutputs, 'registrationAddress' | 'registrationPort' | 'connection' | 'deleteDeadline'>;

const WHEREABOUTS = ['registrationAddress', 'registrationPort', 'connection', 'deleteDeadline'] as const satisfies readonly (keyof Whereabouts)[];

function whereabouts({ registrationAddress, registrationPort, connection, deadlines }: MembershipInputs): Whereabouts {
  return { registrationAddress, registrationPort, connection, deleteDeadline: deadlines.delete };
}

/** What is stored of a node. What a refresh found stays until another one, where nothing has put it right. */
export function nodeRecord(news: NodeInputs, membership: MembershipInputs, found: Pick<NodeOutputs, 'machineId' | 'identity' | 'drift'>): NodeOutputs {
  return storable({
    ...news, ...whereabouts(membership), machineId: found.machineId, identity: found.identity, drift: unmended(found.drift),
    peers: membership.nodes.filter(({ name, role }) => role === 'management' && name !== news.name)
      .map(({ name, address, internalAddress, port, user, hostKey }) => ({ name, address, internalAddress, port, user, hostKey })),
  });
}

/**
 * Whether a record would no longer lead to the cluster as it is declared now. Peers that came, or some that left, do not
 * matter: a change of one node should not show as a change of all.
 */
export function isOutdated(olds: NodeOutputs, membership: MembershipInputs): boolean {
  if (changedKeys(olds, whereabouts(membership), WHEREABOUTS).length > 0) return true;
  const stays = (peer: NodeOutputs['peers'][number]) => membership.nodes.some(({ name, role, address }) =>
    role === 'management' && name === peer.name && (!isKnown(address) || address === peer.address));
  return olds.peers.length > 0 && !olds.peers.some(stays);
}

/** What is read for `pulumi refresh`: with the inputs as well, a preview can say what drifted. */
export interface LiveView {
  readonly props: NodeOutputs;
  readonly inputs: NodeInputs;
}

/** The node as its record has it, for the judge. */
export function expectedNode(record: NodeOutputs): ExpectedNode {
  const { name, role, address, internalAddress, labels, taints } = toTarget(record);
  const { kubernetesVersion } = record;
  return { name, role, address, internalAddress, kubernetesVersion, labels, taints: taints.map(formatTaint), machineId: record.machineId || undefined, anotherMachine: record.anotherMachine };
}

/**
 * The record with what was found, and as inputs what the cluster has of the labels, taints, zone and version that we declared, which a
 * preview compares: so it shows what the next update puts right. What others added is theirs. The record itself keeps what was
 * declared, and the next refresh finds the same again.
 */
export function liveView(record: NodeOutputs, view: NodeView | undefined, drift: readonly Drift[]): LiveView {
  const props: NodeOutputs = storable({ ...record, drift: drift.length === 0 ? undefined : foundDrift(drift) });
  const { registrationAddress, registrationPort, connection, deleteDeadline, machineId, identity, peers, drift: found, ...inputs } = props;
  const { labels, taints, zone, kubernetesVersion } = inputs;
  if (view === undefined || found?.machine !== undefined) return { props, inputs };
  return {
    props,
    inputs: storable({
      ...inputs,
      labels: labels && Object.fromEntries(Object.keys(labels).map(key => [key, view.labels[key]])),
      taints: taints?.filter(taint => view.taints.some(there => formatTaint(there) === formatTaint(taint))),
      zone: zone && view.labels[ZONE_LABEL],
      kubernetesVersion: found?.version === undefined ? kubernetesVersion : view.kubeletVersion,
    }),
  };
}

export function foundDrift(drift: readonly Drift[]): FoundDrift {
  return Object.fromEntries(drift.map(({ kind, message }) => [kind, message]));
}

/** Whether an update puts something right that a refresh found. */
export function isMendable({ drift = {} }: NodeOutputs): boolean {
  return Object.keys(drift).some(kind => isMendedInPlace(kind as DriftKind));
}

function unmended(drift: FoundDrift = {}): FoundDrift | undefined {
  const left = Object.entries(drift).filter(([kind]) => !isMendedInPlace(kind as DriftKind));
  return left.length === 0 ? undefined : Object.fromEntries(left);
}
