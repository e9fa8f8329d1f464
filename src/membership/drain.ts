import { Problem } from '../problem';
import type { Deadline } from './deadline';
import type { ClusterApi, PodView } from './ports/cluster-api';
import { outOfTime } from './wait';
import type { Report } from './steps';

/** Between two tries of an eviction that a budget refused; kubectl waits as long. */
const RETRY_MILLISECONDS = 2_000;

/**
 * Empties a node by eviction, all pods side by side. DaemonSet and mirror pods are left: the one would come back at once, the
 * other belongs to the kubelet. Budgets are respected and what they hold back is named while waiting.
 * @throws Problem for pods nothing would recreate, before anything is evicted; and at the deadline, naming what is left
 */
export async function drain(api: ClusterApi, node: string, deadline: Deadline, report: Report): Promise<void> {
  const pods = (await api.pods(node)).filter(leaves);
  refuseBare(node, pods);
  const blocked = new Map<string, string>();
  await Promise.all(pods.map(pod => evictInTime(api, pod, deadline, reason => {
    if (reason === undefined) blocked.delete(key(pod));
    else blocked.set(key(pod), reason);
    if (blocked.size > 0) report(`held back: ${[...blocked].map(([name, why]) => `${name}: ${why}`).join(' · ')}`);
  })));
  if (blocked.size > 0) {
    throw outOfTime(`drain of '${node}'`, [...blocked].map(([name, why]) => `${name}: ${why}`).join(' · '), deadline);
  }
  await api.waitForPods(node, left => {
    const leaving = left.filter(leaves);
    return leaving.length === 0 ? { done: true } : { done: false, reason: `${leaving.length} pods still end: ${leaving.map(key).join(', ')}` };
  }, deadline);
}

function key(pod: PodView): string {
  return `${pod.namespace}/${pod.name}`;
}

function leaves(pod: PodView): boolean {
  const finished = pod.phase === 'Succeeded' || pod.phase === 'Failed';
  return !finished && pod.ownerKind !== 'DaemonSet' && pod.ownerKind !== 'Node';
}

function refuseBare(node: string, pods: readonly PodView[]): void {
  const bare = pods.filter(pod => pod.ownerKind === undefined && !pod.deleting);
  if (bare.length === 0) return;
  throw new Problem({
    subject: `drain of '${node}'`,
    value: bare.map(key).join(', '),
    rule: 'nothing would recreate a pod without a controller, so evicting it loses it',
    remedy: 'delete it yourself or give it a controller, then run `pulumi up` again',
  });
}

/** Tries until the pod is gone or the deadline has passed; `tell` is given the reason it is held back, or undefined. */
async function evictInTime(api: ClusterApi, pod: PodView, deadline: Deadline, tell: (reason?: string) => void): Promise<void> {
  for (;;) {
    const eviction = await api.evict(pod);
    if (eviction.kind !== 'blocked') return tell(undefined);
    tell(eviction.reason);
    if (deadline.passed) return;
    await new Promise(resolve => setTimeout(resolve, Math.min(RETRY_MILLISECONDS, deadline.remaining)));
  }
}
