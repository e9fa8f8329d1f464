import type { LiveLook } from '../../src/cli/live-cluster';
import type { DeclaredCluster, DeclaredNode } from '../../src/cli/nodes-declared';
import type { NodeView } from '../../src/membership/ports/cluster-api';

/** `m1` is a management node, `w1` a worker; both as they are when all is well. */
export function node(name: string, { zone, labels = {}, ...more }: Partial<NodeView> & { readonly zone?: string } = {}): NodeView {
  return {
    name, uid: `${name}-uid`, role: name.startsWith('m') ? 'management' : 'worker', ready: true, notReadyReason: '',
    etcdIsVoter: name.startsWith('m'), unschedulable: false, deleting: false,
    labels: { ...labels, ...(zone !== undefined && { 'topology.kubernetes.io/zone': zone }) }, taints: [], internalAddress: `192.0.2.${name.slice(1)}`,
    kubeletVersion: 'v1.34.4+k3s1', machineId: `${name}-machine`, cpu: '8', memory: '16777216Ki', gpu: '0', createdAt: '2026-03-01T11:00:00Z', ...more,
  };
}

/** A look at these nodes; the members of the management nodes are voters that are well, those in `more` as they say. */
export function look(nodes: readonly NodeView[], more: Partial<LiveLook['members']> = {}): LiveLook {
  const members = nodes.filter(({ role }) => role === 'management').map(({ name }) => ({ name, voter: true, healthy: true }));
  return { nodes, removed: [], members: { members, from: 'members', ghosts: [], ...more } };
}

/** As the node of that name is when all is well. */
export function declaredNode(name: string, more: Partial<DeclaredNode> = {}): DeclaredNode {
  return { name, role: name.startsWith('m') ? 'management' : 'worker', address: `192.0.2.${name.slice(1)}`, labels: {}, taints: [], kubernetesVersion: 'v1.34.4+k3s1', machineId: `${name}-machine`, ...more };
}

export function declared(...nodes: DeclaredNode[]): DeclaredCluster {
  return { name: 'prod', nodes };
}
