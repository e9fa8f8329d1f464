import { Problem } from '../problem';
import type { Deadline } from './deadline';
import type { ClusterApi, PodView } from './ports/cluster-api';
import type { Report } from './steps';
import { outOfTime } from './wait';

/** Between two tries of evictions of which a budget refused some; kubectl waits as long. */
const RETRY_MILLISECONDS = 2_000;

/**
 * Empties a node by eviction. DaemonSet and mirror pods are left: the one would come back at once, the other belongs to the
 * kubelet. Budgets are respected and what they hold back is named while waiting. The pods are listed again until none is left:
 * one that the scheduler placed just before the node was cordoned shows up late.
 * @throws Problem for pods nothing would recreate, before anything is evicted; and at the deadline, naming what is left
 */
export async function drain(api: ClusterApi, node: string, deadline: Deadline, report: Report): Promise<void> {
  for (;;) {
    const pods = (await api.pods(node)).filter(leaves);
    if (pods.length === 0) return;
    refuseBare(node, pods);
    const held = (await Promise.all(pods.map(pod => heldBack(api, pod)))).filter(reason => reason !== undefined);
    const left = held.length > 0 ? `held back: ${held.join(' · ')}` : `${pods.length} pods still end: ${pods.map(key).join(', ')}`;
    if (deadline.passed) {
      // The kubelet of a node that is not Ready may never end a pod; waiting for it would keep a broken node in the cluster.
      if (held.length === 0 && (await api.node(node))?.ready === false) return report(`${left}; the node is not Ready and is not waited for any longer`);
      throw outOfTime(`drain of '${node}'`, left, deadline);
    }
    report(left);
    await (held.length > 0 ? pause(deadline) : untilGone(api, node, pods, deadline));
  }
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

/** Asks for the eviction of a pod that is not ending yet. @returns what keeps it on the node */
async function heldBack(api: ClusterApi, pod: PodView): Promise<string | undefined> {
  if (pod.deleting) return undefined;
  const eviction = await api.evict(pod);
  return eviction.kind === 'blocked' ? `${key(pod)}: ${eviction.reason}` : undefined;
}

/** Until these pods are gone. A watch that fails, or the deadline, is no matter here: the next listing tells what is the case. */
async function untilGone(api: ClusterApi, node: string, pods: readonly PodView[], deadline: Deadline): Promise<void> {
  const uids = new Set(pods.map(({ uid }) => uid));
  await api.waitForPods(node, found => {
    const left = found.filter(pod => uids.has(pod.uid) && leaves(pod));
    return left.length === 0 ? { done: true } : { done: false, reason: `${left.length} pods still end` };
  }, deadline).catch(() => pause(deadline));
}

async function pause(deadline: Deadline): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, Math.min(RETRY_MILLISECONDS, deadline.remaining)));
}
