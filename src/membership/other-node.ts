import type { ProblemProps } from '../problem';
import type { NodeTarget } from './node-target';
import type { ClusterApi } from './ports/cluster-api';
import type { MachineFacts } from './ports/machine';

/**
 * Why a machine cannot be this node where it is another one of the same cluster. Asked before anybody is told to clean a machine: this
 * one may have a vote.
 */
export async function otherNode(api: ClusterApi, node: NodeTarget, { nodeName, machineId }: MachineFacts, label: string): Promise<ProblemProps | undefined> {
  if (nodeName === undefined || nodeName === node.name) return undefined;
  const there = await api.node(nodeName);
  if (there === undefined || (there.machineId !== '' && there.machineId !== machineId)) return undefined;
  return {
    subject: `machine '${node.name}'`,
    value: label,
    rule: `it is node '${nodeName}' of this cluster, and a node keeps its name`,
    remedy: `use another machine, or let '${nodeName}' leave first, in a change of its own`,
  };
}
