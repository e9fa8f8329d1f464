import { isIP } from 'node:net';

import { formatTaint } from '../llmos/node';
import type { NodeView } from '../membership/ports/cluster-api';
import type { DeclaredCluster, DeclaredNode } from './nodes-declared';

/** One thing in which a node is not as it was declared. */
export interface Drift {
  readonly kind: 'role' | 'labels' | 'taints' | 'version' | 'address' | 'machine' | 'ghost member' | 'no member' | 'not declared' | 'missing';
  /** What it is and what it should be, for people. */
  readonly message: string;
}

/**
 * In what a node of the cluster is not as declared. Labels and taints that others added are theirs, as they are for `pulumi
 * refresh`; while a node joins, its labels are still to come.
 */
export function driftOf(view: NodeView, declared: DeclaredNode, { kubernetesVersion }: Pick<DeclaredCluster, 'kubernetesVersion'>): Drift[] {
  if (declared.leaving) return [];
  return [
    ...role(view, declared), ...machine(view, declared), ...addresses(view, declared),
    ...(kubernetesVersion === undefined || view.kubeletVersion === kubernetesVersion ? [] : [drift('version', view.kubeletVersion, kubernetesVersion)]),
    ...(declared.operation === 'joining' ? [] : [...labels(view, declared), ...taints(view, declared)]),
  ];
}

function role({ role: found }: NodeView, { role: wanted }: DeclaredNode): Drift[] {
  return found === wanted ? [] : [drift('role', found, wanted)];
}

function machine({ machineId }: NodeView, declared: DeclaredNode): Drift[] {
  if (declared.machineId === undefined || machineId === '' || machineId === declared.machineId) return [];
  return [{ kind: 'machine', message: `another machine has its name: machine-id ${machineId}, and ${declared.machineId} joined` }];
}

/** A host name is not compared: the Node has the address it resolved to. */
function addresses({ externalAddress, internalAddress }: NodeView, declared: DeclaredNode): Drift[] {
  const differs = (wanted: string | undefined, found: readonly (string | undefined)[]): Drift[] => {
    const there = found.filter(each => each !== undefined);
    return wanted === undefined || isIP(wanted) === 0 || there.length === 0 || there.includes(wanted) ? [] : [drift('address', there.join(', '), wanted)];
  };
  return [...differs(declared.address, [externalAddress, internalAddress]), ...differs(declared.internalAddress, [internalAddress])].slice(0, 1);
}

function labels(view: NodeView, declared: DeclaredNode): Drift[] {
  const changed = Object.entries(declared.labels).filter(([key, value]) => view.labels[key] !== value)
    .map(([key, value]) => (view.labels[key] === undefined ? `${key}=${value} is missing` : `${key} is ${view.labels[key]} and declared ${value}`));
  return changed.length === 0 ? [] : [{ kind: 'labels', message: `label ${changed.join(', ')}` }];
}

function taints(view: NodeView, declared: DeclaredNode): Drift[] {
  const found = view.taints.map(formatTaint);
  const gone = declared.taints.filter(taint => !found.includes(taint));
  return gone.length === 0 ? [] : [{ kind: 'taints', message: `taint ${gone.join(', ')} is missing` }];
}

function drift(kind: Drift['kind'], found: string, wanted: string): Drift {
  return { kind, message: `${kind} is ${found} and declared ${wanted}` };
}
