import type { NodeView } from '../../membership/ports/cluster-api';
import { factsOf } from './facts';
import type { ClusterState, NodeState } from './state';
import type { World } from './world';

/** A Node as the API server shows it. */
export function nodeView(world: World, { kubernetesVersion }: ClusterState, node: NodeState): NodeView {
  const host = world.host(node.host)!;
  const { cores, memoryBytes } = factsOf(world, host);
  const notReadyReason = whyNotReady(world, node);
  return {
    name: node.name, uid: node.uid, role: node.role,
    ready: notReadyReason === '', notReadyReason,
    etcdIsVoter: node.etcdIsVoter,
    unschedulable: node.unschedulable, cordonedFor: node.unschedulable ? node.cordonedFor : undefined, setAside: node.setAside, deleting: node.deleting,
    labels: node.labels, taints: node.taints,
    internalAddress: node.internalAddress, externalAddress: node.externalAddress,
    kubeletVersion: host.runtime?.version ?? kubernetesVersion, machineId: node.machineId, bootId: `boot-${node.boot ?? 0}`,
    cpu: String(cores), memory: `${Math.floor(memoryBytes / 1024)}Ki`, gpu: String(world.faultsOf(host).gpus ?? 0),
    createdAt: node.createdAt, removedMember: node.removedMember,
  };
}

/** It runs on the machine whose Node this is, and reports. */
export function kubeletWorks(world: World, node: NodeState): boolean {
  const host = world.host(node.host);
  return world.down[node.host] === undefined && host?.runtime !== undefined && host.runtime.running && host.runtime.nodePassword === node.nodePassword;
}

export function nodeIsReady(world: World, node: NodeState): boolean {
  return whyNotReady(world, node) === '';
}

/** Empty where it is Ready. The API server learns of a dead machine only when its kubelet has been silent for a while. */
function whyNotReady(world: World, node: NodeState): string {
  const host = world.host(node.host);
  const down = world.down[node.host];
  if (down && world.now - down.since < world.faults.cluster.notReadySeconds * 1000) return '';
  if (!host || !kubeletWorks(world, node)) return 'Kubelet stopped posting node status.';
  if (!host.runtime!.registered) return 'container runtime is starting';
  return world.faultsOf(host).notReady ?? '';
}
