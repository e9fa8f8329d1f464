import { randomUUID } from 'node:crypto';
import type { Eviction, PodView } from '../../membership/ports/cluster-api';
import type { Workload } from './faults';
import { kubeletWorks, nodeIsReady } from './node-view';
import type { ClusterState, NodeState, Pod } from './state';
import { randomHex, type World } from './world';

/** The DaemonSet every cluster of LLMOS runs on each node. */
const DAEMON = { namespace: 'llmos-system', name: 'llmos-tunnel-proxy' } as const;

/** Pods of a node, the DaemonSet's among them: that one is not stored, there is simply one on each node. */
export function podsOn(world: World, cluster: ClusterState, node: NodeState): PodView[] {
  const ready = nodeIsReady(world, node);
  const daemon: PodView = {
    namespace: DAEMON.namespace, name: `${DAEMON.name}-${node.uid.slice(0, 5)}`, uid: `${node.uid}-daemon`,
    phase: 'Running', ready, ownerKind: 'DaemonSet', deleting: false,
  };
  const others = cluster.pods.filter(pod => pod.node === node.name && !isGone(world, cluster, pod)).map(pod => ({
    namespace: pod.namespace, name: pod.name, uid: pod.uid, phase: pod.running ? 'Running' : 'Pending',
    ready: ready && pod.running, ownerKind: pod.ownerKind, deleting: pod.endsAt !== undefined, endsBy: pod.endsAt,
  }));
  return [daemon, ...others];
}

/** Asks for a pod's eviction, as the API server answers it. */
export function evictPod(world: World, cluster: ClusterState, { uid }: PodView): Eviction {
  const pod = cluster.pods.find(each => each.uid === uid && !isGone(world, cluster, each));
  if (!pod) return { kind: 'gone' };
  const workload = workloadsByKey(world).get(pod.workload);
  if (workload?.minAvailable !== undefined && pod.endsAt === undefined) {
    const available = cluster.pods.filter(each => each.workload === pod.workload && isAvailable(world, cluster, each)).length;
    // A pod that is not ready is nothing the budget counts on, and going takes nothing from it.
    if (isAvailable(world, cluster, pod) && available <= workload.minAvailable) {
      return { kind: 'blocked', reason: `budget '${workload.name}' allows 0 disruptions now: it needs ${workload.minAvailable} healthy pods and has ${available}` };
    }
  }
  deletePod(world, cluster, pod);
  return { kind: 'evicted' };
}

/** Lets a pod end, whatever its budget says. */
export function deletePod(world: World, { pods }: ClusterState, { uid }: Pick<PodView, 'uid'>): void {
  const pod = pods.find(each => each.uid === uid);
  if (pod) pod.endsAt ??= world.now + world.faults.cluster.podSeconds * 1000;
}

/** Controllers and the scheduler at work: pods that went are gone, missing ones are made, waiting ones find a node. */
export function reconcilePods(world: World, cluster: ClusterState): void {
  const workloads = workloadsByKey(world);
  if (workloads.size === 0 && cluster.pods.length === 0) return;
  cluster.pods = cluster.pods.filter(pod => !isGone(world, cluster, pod) && workloads.has(pod.workload)
    && (pod.node === undefined || world.node(cluster, pod.node) !== undefined));
  for (const pod of cluster.pods.filter(({ startsAt }) => startsAt !== undefined && startsAt <= world.now)) {
    pod.running = true;
    delete pod.startsAt;
  }
  for (const [key, workload] of workloads) {
    const first = !cluster.deployed.includes(key);
    if (workload.kind === 'Pod' && !first) continue;
    const present = cluster.pods.filter(pod => pod.workload === key && pod.endsAt === undefined).length;
    for (let count = present; count < (workload.replicas ?? 1); count++) cluster.pods.push(newPod(key, workload));
    const own = cluster.pods.filter(pod => pod.workload === key);
    for (const pod of own.filter(({ node }) => node === undefined)) place(world, cluster, pod, first ? workload.node : undefined);
    if (first && own.every(({ node }) => node !== undefined)) cluster.deployed.push(key);
  }
}

/** When a pod next starts or ends. */
export function nextPodChangeAt(world: World, cluster: ClusterState): number {
  return Math.min(...cluster.pods.map(pod => Math.min(pod.startsAt ?? Infinity, (hasKubelet(world, cluster, pod) ? pod.endsAt : undefined) ?? Infinity)));
}

function place(world: World, cluster: ClusterState, pod: Pod, wish: string | undefined): void {
  const load = (node: NodeState) => cluster.pods.filter(each => each.node === node.name).length;
  const [node] = world.nodes(cluster)
    .filter(each => (wish === undefined || each.name === wish) && isSchedulable(world, each))
    .sort((a, b) => load(a) - load(b));
  if (!node) return;
  pod.node = node.name;
  pod.startsAt = world.now + world.faults.cluster.podSeconds * 1000;
}

function isSchedulable(world: World, node: NodeState): boolean {
  return nodeIsReady(world, node) && !node.unschedulable && !node.deleting && node.taints.every(({ effect }) => effect === 'PreferNoSchedule');
}

function isAvailable(world: World, cluster: ClusterState, pod: Pod): boolean {
  const node = pod.node === undefined ? undefined : world.node(cluster, pod.node);
  return node !== undefined && pod.endsAt === undefined && pod.running && nodeIsReady(world, node);
}

/** A pod is gone when its kubelet has said so: on a machine that is dead it ends for ever. */
function isGone(world: World, cluster: ClusterState, pod: Pod): boolean {
  return pod.endsAt !== undefined && pod.endsAt <= world.now && hasKubelet(world, cluster, pod);
}

/** One that has no node yet, or whose Node was deleted, is nobody's to end. */
function hasKubelet(world: World, cluster: ClusterState, { node: name }: Pod): boolean {
  const node = name === undefined ? undefined : world.node(cluster, name);
  return node === undefined || kubeletWorks(world, node);
}

function newPod(workload: string, { name, namespace = 'default', kind = 'ReplicaSet' }: Workload): Pod {
  return { namespace, name: `${name}-${randomHex(5)}`, uid: randomUUID(), workload, running: false, ownerKind: kind === 'Pod' ? undefined : kind };
}

function workloadsByKey(world: World): ReadonlyMap<string, Workload> {
  return new Map(world.faults.workloads.map(workload => [`${workload.namespace ?? 'default'}/${workload.name}`, workload]));
}
