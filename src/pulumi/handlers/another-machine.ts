import type { ConfirmedRemoval } from '../../llmos/removal';
import { gate } from '../../membership/gate';
import type { NodeTarget } from '../../membership/node-target';
import type { NodeView } from '../../membership/ports/cluster-api';
import type { ClusterSession } from '../../membership/session';
import { formatProblem } from '../../problem';
import type { MembershipInputs, NodeInputs, NodeOutputs } from '../state';
import { declaredNode } from './declared-node';

/**
 * What a refresh finds where a machine was reinstalled, or swapped, behind a node's name and address: nothing in the definition
 * says so, and the cluster still has the node of the machine that is no more. One that is the node by now was put there by hand.
 * @returns the machine-id of the machine that stands there; undefined where it is the one that joined, or does not answer
 */
export async function lookForAnotherMachine(session: ClusterSession, node: NodeTarget, recorded: NodeOutputs, view: NodeView): Promise<string | undefined> {
  try {
    const { machineId } = await session.machine(node).facts();
    return [recorded.machineId, view.machineId].includes(machineId) ? undefined : machineId;
  } catch {
    return recorded.anotherMachine;
  }
}

/**
 * Whether the node may be replaced by the machine that a refresh found in its place: asked of the gate as if its address had
 * changed, which is how a definition says the same. What joined there is gone, so that it is never cleaned.
 * @returns one message for each reason against it; empty where the machine is the one that joined
 */
export function refusedReplacement({ anotherMachine }: Partial<NodeInputs>, { name, cluster }: NodeInputs, { nodes }: MembershipInputs, confirmed: readonly ConfirmedRemoval[]): string[] {
  if (anotherMachine === undefined) return [];
  const after = nodes.map(declaredNode);
  const before = after.map(node => (node.name === name ? { ...node, address: `machine before ${anotherMachine}` } : node));
  const choice = confirmed.find(each => each.name === name && (each.removal ?? 'clean') !== 'clean');
  const reasons = gate(cluster, before, after, [choice ?? { name, removal: 'reinstall' }]);
  if (choice) return reasons;
  return [formatProblem({
    subject: `removal from cluster '${cluster}'`,
    value: name,
    rule: `another machine (machine-id ${anotherMachine}) stands at its address, so the node leaves and joins again; that happens only when its name was confirmed, and the machine that joined is not there to be cleaned`,
    remedy: `if it was reinstalled: npx llmos-nodes confirm ${name} --reinstall; if not, give it its address back`,
  }), ...reasons];
}
