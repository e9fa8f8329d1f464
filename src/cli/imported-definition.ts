import type { ManagementPoolProps } from '../definition/management-pool';
import type { MachineProps } from '../definition/machine';
import type { WorkerPoolProps } from '../definition/worker-pool';
import { isNewerKubernetes } from '../llmos/kubernetes-version';
import { ZONE_LABEL, formatTaint, type Taint } from '../llmos/node';
import type { NodeView } from '../membership/ports/cluster-api';
import { Problem } from '../problem';
import { failureTolerance, zoneFailureTolerance } from '../quorum';

/** A definition as it is written for a cluster that is there. */
export interface ImportedDefinition {
  readonly name: string;
  readonly kubernetesVersion: string;
  readonly registrationAddress: string;
  readonly management: ManagementPoolProps;
  /** Each with its pool's id. */
  readonly workers: readonly { readonly id: string; readonly props: WorkerPoolProps }[];
}

/** What is said of the cluster beside its name. */
export interface ImportOptions {
  readonly name: string;
  /** @default - the address of the first management node */
  readonly registrationAddress?: string;
}

/** Domains whose labels Kubernetes, LLMOS and device plugins put on nodes by themselves: nobody declares those. */
const LABELS_OF_OTHERS = ['kubernetes.io', 'k8s.io', 'cattle.io', 'k3s.io', 'rke2.io', 'llmos.ai', 'nvidia.com', 'amd.com', 'intel.com'];

/** Taints that Kubernetes and its autoscaler put on nodes and take off; those of device plugins' domains are people's. */
const TAINTS_OF_OTHERS = /^(node\.kubernetes\.io\/|node\.cloudprovider\.kubernetes\.io\/|ToBeDeletedByClusterAutoscaler$|DeletionCandidateOfClusterAutoscaler$)/;

/**
 * The definition of a cluster, read from its Nodes: what people set, and nothing that Kubernetes, LLMOS or a device plugin adds.
 * @throws Problem where there is no management node with an address
 */
export function importedDefinition(nodes: readonly NodeView[], { name, registrationAddress }: ImportOptions): ImportedDefinition {
  const [management, workers] = (['management', 'worker'] as const).map(role => nodes.filter(node => node.role === role).sort(byName));
  const first = management![0];
  if (first === undefined) {
    throw new Problem({ subject: 'cluster', rule: 'it has no management node with embedded etcd, so it is no cluster of LLMOS', remedy: 'check which cluster the kubeconfig leads to' });
  }
  const unaddressed = nodes.filter(node => addresses(node).address === '');
  if (unaddressed.length > 0) {
    throw new Problem({ subject: 'cluster', value: unaddressed.map(node => node.name).join(', '), rule: 'these Nodes have no address', remedy: 'wait until their kubelets have reported, or delete Nodes that are left over' });
  }
  return {
    name,
    kubernetesVersion: nodes.map(node => node.kubeletVersion).reduce((oldest, version) => (isNewerKubernetes(oldest, version) ? version : oldest)),
    registrationAddress: registrationAddress ?? addresses(first).address,
    management: { ...pool(management!), ...tolerances(management!) },
    workers: workerPools(workers!),
  };
}

/** What the management nodes tolerate today is declared, so that a later change that costs it is refused. */
function tolerances(management: readonly NodeView[]): Pick<ManagementPoolProps, 'failureTolerance' | 'zoneFailureTolerance' | 'allowEven'> {
  const count = management.length;
  const zones = zoneFailureTolerance(management.map(node => node.labels[ZONE_LABEL]));
  return {
    ...(failureTolerance(count) > 0 && { failureTolerance: failureTolerance(count) }),
    ...(zones > 0 && { zoneFailureTolerance: zones }),
    ...(count % 2 === 0 && { allowEven: `the cluster had ${count} management nodes when it was imported` }),
  };
}

/** Workers with the same labels and taints are a pool. */
function workerPools(workers: readonly NodeView[]): ImportedDefinition['workers'] {
  const groups = new Map<string, NodeView[]>();
  for (const node of workers) {
    const key = JSON.stringify([labelsOf(node), taintsOf(node).map(formatTaint)]);
    groups.set(key, [...(groups.get(key) ?? []), node]);
  }
  const taken = new Set<string>();
  return [...groups.values()].map(group => ({ id: poolId(group[0]!, taken), props: pool(group) }));
}

/** `workers`, or after what sets the pool apart: `accelerator-h200`. */
function poolId(node: NodeView, taken: Set<string>): string {
  const [label] = Object.entries(labelsOf(node)).map(([key, value]) => [key.split('/').at(-1), value].filter(Boolean).join('-'));
  const [taint] = taintsOf(node).map(({ key, value }) => [key.split('/').at(-1), value].filter(Boolean).join('-'));
  const base = (label ?? taint ?? 'workers').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '').slice(0, 40) || 'workers';
  let id = base;
  for (let number = 2; taken.has(id); number += 1) id = `${base}-${number}`;
  taken.add(id);
  return id;
}

/** What all nodes have in common is the pool's, the rest is each machine's own. */
function pool(nodes: readonly NodeView[]): { readonly machines: readonly MachineProps[]; readonly labels?: Record<string, string>; readonly taints?: readonly Taint[] } {
  const common = Object.fromEntries(Object.entries(labelsOf(nodes[0]!)).filter(([key, value]) => nodes.every(node => labelsOf(node)[key] === value)));
  const shared = taintsOf(nodes[0]!).filter(taint => nodes.every(node => taintsOf(node).some(each => formatTaint(each) === formatTaint(taint))));
  return {
    machines: nodes.map((node) => {
      const labels = Object.fromEntries(Object.entries(labelsOf(node)).filter(([key]) => !(key in common)));
      const taints = taintsOf(node).filter(taint => !shared.some(each => formatTaint(each) === formatTaint(taint)));
      return {
        name: node.name, ...addresses(node),
        ...(node.labels[ZONE_LABEL] && { zone: node.labels[ZONE_LABEL] }),
        ...(Object.keys(labels).length > 0 && { labels }),
        ...(taints.length > 0 && { taints }),
      };
    }),
    ...(Object.keys(common).length > 0 && { labels: common }),
    ...(shared.length > 0 && { taints: shared }),
  };
}

function addresses({ externalAddress, internalAddress }: NodeView): { readonly address: string; readonly internalAddress?: string } {
  if (externalAddress === undefined || externalAddress === internalAddress) return { address: internalAddress ?? '' };
  return { address: externalAddress, ...(internalAddress !== undefined && { internalAddress }) };
}

function labelsOf({ labels }: NodeView): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !isOfOthers(key)).sort(([a], [b]) => a.localeCompare(b, 'en')));
}

function taintsOf({ taints }: NodeView): Taint[] {
  return taints.filter(({ key }) => !TAINTS_OF_OTHERS.test(key));
}

function isOfOthers(label: string): boolean {
  const [domain, ...name] = label.split('/');
  return name.length > 0 && LABELS_OF_OTHERS.some(each => domain === each || domain!.endsWith(`.${each}`));
}

/** m2 before m10. */
function byName(a: NodeView, b: NodeView): number {
  return a.name.localeCompare(b.name, 'en', { numeric: true });
}
