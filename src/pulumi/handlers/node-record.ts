import { ZONE_LABEL, formatTaint } from '../../llmos/node';
import type { NodeView } from '../../membership/ports/cluster-api';
import type { MembershipInputs, NodeInputs, NodeOutputs } from '../state';
import { changedKeys, storable } from './provider';
import { isKnown } from './unknown';

/** What a Node's state keeps of the cluster, so that the node can be removed by a run that does not know the program. */
type Whereabouts = Pick<NodeOutputs, 'registrationAddress' | 'registrationPort' | 'connection' | 'deleteDeadline'>;

const WHEREABOUTS = ['registrationAddress', 'registrationPort', 'connection', 'deleteDeadline'] as const satisfies readonly (keyof Whereabouts)[];

function whereabouts({ registrationAddress, registrationPort, connection, deadlines }: MembershipInputs): Whereabouts {
  return { registrationAddress, registrationPort, connection, deleteDeadline: deadlines.delete };
}

/** What is stored of a node. */
export function nodeRecord(news: NodeInputs, membership: MembershipInputs, found: Pick<NodeOutputs, 'machineId' | 'identity'>): NodeOutputs {
  return storable({
    ...news, ...whereabouts(membership), machineId: found.machineId, identity: found.identity,
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

/** The record with what the cluster has of the labels, taints and zone that we declared; what others added is theirs. */
export function liveView(record: NodeOutputs, view: NodeView): LiveView {
  const { labels, taints, zone } = record;
  const props: NodeOutputs = storable({
    ...record,
    labels: labels && Object.fromEntries(Object.keys(labels).map(key => [key, view.labels[key]])),
    taints: taints?.filter(taint => view.taints.some(found => formatTaint(found) === formatTaint(taint))),
    zone: zone && view.labels[ZONE_LABEL],
  });
  const { registrationAddress, registrationPort, connection, deleteDeadline, machineId, identity, peers, ...inputs } = props;
  return { props, inputs };
}
