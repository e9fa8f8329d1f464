import { CORDONED_FOR, readCordon } from '../../llmos/cordon';
import type { Taint, TaintEffect } from '../../llmos/node';
import { readSetAside, SET_ASIDE } from '../../llmos/set-aside';
import type { NodeView } from '../../membership/ports/cluster-api';
import type { V1Node, V1Taint } from './kubernetes-types';

/** k3s and RKE2 put these on management nodes; a management node without etcd (an external database) has the first alone. */
const MANAGEMENT_LABELS = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/etcd'];

/** The annotations with which k3s, and RKE2 under its own name, are asked for an etcd member's removal and answer. */
const ETCD_ANNOTATIONS = { k3s: 'etcd.k3s.cattle.io/', rke2: 'etcd.rke2.cattle.io/' } as const;

/** What membership looks at of a Node, whether it came from a list (dates) or a watch (text). */
export function nodeView(node: V1Node): NodeView {
  const { metadata = {}, spec = {}, status = {} } = node;
  const labels = metadata.labels ?? {};
  const condition = (type: string) => status.conditions?.find((each) => each.type === type);
  const address = (type: string) => status.addresses?.find((each) => each.type === type)?.address;
  const ready = condition('Ready');
  return {
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    role: MANAGEMENT_LABELS.some((label) => label in labels) ? 'management' : 'worker',
    ready: ready?.status === 'True',
    notReadyReason: ready?.status === 'True' ? '' : ready?.message || ready?.reason || 'its kubelet has not reported yet',
    etcdIsVoter: condition('EtcdIsVoter')?.status === 'True',
    unschedulable: spec.unschedulable ?? false,
    cordonedFor: spec.unschedulable ? readCordon(metadata.annotations?.[CORDONED_FOR]) : undefined,
    setAside: readSetAside(metadata.annotations?.[SET_ASIDE]),
    deleting: metadata.deletionTimestamp !== undefined,
    labels,
    taints: (spec.taints ?? []).map(taintView),
    internalAddress: address('InternalIP'),
    externalAddress: address('ExternalIP'),
    kubeletVersion: status.nodeInfo?.kubeletVersion ?? '',
    machineId: status.nodeInfo?.machineID ?? '',
    bootId: status.nodeInfo?.bootID || undefined,
    cpu: status.capacity?.cpu ?? '',
    memory: status.capacity?.memory ?? '',
    gpu: gpus(status.capacity ?? {}),
    createdAt: metadata.creationTimestamp === undefined ? '' : new Date(metadata.creationTimestamp).toISOString(),
    removedMember: metadata.annotations?.[`${etcdAnnotations(node)}removed-node-name`],
  };
}

/** The annotation that asks this node's distribution to take its etcd member out. */
export function removeMemberAnnotation(node: V1Node): string {
  return `${etcdAnnotations(node)}remove`;
}

function etcdAnnotations({ metadata }: V1Node): string {
  const rke2 = Object.keys(metadata?.annotations ?? {}).some((key) => key.startsWith(ETCD_ANNOTATIONS.rke2));
  return rke2 ? ETCD_ANNOTATIONS.rke2 : ETCD_ANNOTATIONS.k3s;
}

function taintView({ key, value, effect }: V1Taint): Taint {
  return { key, ...(value ? { value } : {}), effect: effect as TaintEffect };
}

/** `nvidia.com/gpu`, `amd.com/gpu`: device plugins count whole devices. */
function gpus(capacity: Record<string, string>): string {
  const counts = Object.entries(capacity).filter(([resource]) => resource.endsWith('.com/gpu')).map(([, count]) => Number(count));
  return String(counts.reduce((sum, count) => sum + count, 0));
}
