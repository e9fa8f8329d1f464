import type { ConfirmedRemoval } from '../llmos/removal';
import { Problem } from '../problem';
import type { Deadline } from './deadline';
import type { ClusterApi, PodView } from './ports/cluster-api';
import type { Report } from './steps';
import { outOfTime } from './wait';

/** Between two tries of evictions of which a budget refused some; kubectl waits as long. */
const RETRY_MILLISECONDS = 2_000;
/** How long pods are watched before the node is looked at again: it may stop being Ready meanwhile, and its pods then stay for ever. */
const WATCH_SECONDS = 15;
/** What `force` leaves of the time to the evictions: what is then deleted has to end, too. */
const EVICTION_SHARE = 3 / 4;

/** What the user decided, by name, about pods that do not simply go. */
export interface DrainOptions {
  /** What a budget still holds back when the time is over: the drain fails, or it is deleted. @default 'fail' */
  readonly atDeadline?: NonNullable<ConfirmedRemoval['drain']>;
  /** Pods that nothing would recreate: the drain is refused, or they are evicted like all others. @default 'keep' */
  readonly barePods?: NonNullable<ConfirmedRemoval['barePods']>;
  /** The node comes back, so there is no removal whose confirmation could say otherwise. @default false */
  readonly comesBack?: boolean;
}

/**
 * Empties a node by eviction. DaemonSet and mirror pods are left: the one would come back at once, the other belongs to the
 * kubelet. Budgets are respected and what they hold back is named while waiting. The pods are listed again until none is left:
 * one that the scheduler placed just before the node was cordoned shows up late.
 *
 * A kubelet that is dead never confirms that a pod has ended, so that its pods stay in the list for ever. While the node is not
 * Ready, a pod whose deletion was asked for is therefore not waited for any longer than its own grace period, as with
 * `kubectl drain --skip-wait-for-delete-timeout`: a kubelet that still works has ended it by then, and for one that does not, no
 * waiting helps. A pod that no deletion was asked for, because a budget holds it back, is never skipped.
 * @throws Problem for pods nothing would recreate, before anything is evicted; and at the deadline, naming what is left
 */
export async function drain(api: ClusterApi, node: string, deadline: Deadline, report: Report, { atDeadline = 'fail', barePods = 'keep', comesBack = false }: DrainOptions = {}): Promise<void> {
  const evicting = atDeadline === 'force' ? deadline.share(EVICTION_SHARE) : deadline;
  for (;;) {
    const pods = (await api.pods(node)).filter(leaves);
    if (pods.length === 0) return;
    if (barePods === 'keep') refuseBare(node, pods, comesBack);

    const ready = (await api.node(node))?.ready ?? false;
    const lost = ready ? [] : pods.filter(isOverdue);
    if (lost.length === pods.length) return report(`not waited for, because the node is not Ready and does not end them: ${list(lost)}`);

    const held = await evict(api, pods);
    const left = whatIsLeft(pods, held);
    if (deadline.passed) throw outOfTime(`drain of '${node}'`, left, deadline);
    report(left);
    if (held.length > 0 && evicting.passed && atDeadline === 'force') await force(api, held, report);
    await (held.length > 0 || !ready ? pause(evicting.passed ? deadline : evicting) : untilGone(api, node, pods, deadline));
  }
}

/** A pod that a budget keeps on the node. */
interface Held {
  readonly pod: PodView;
  /** The budget and its figures. */
  readonly reason: string;
}

function key(pod: PodView): string {
  return `${pod.namespace}/${pod.name}`;
}

function list(pods: readonly PodView[]): string {
  return pods.map(key).join(', ');
}

function leaves(pod: PodView): boolean {
  const finished = pod.phase === 'Succeeded' || pod.phase === 'Failed';
  return !finished && pod.ownerKind !== 'DaemonSet' && pod.ownerKind !== 'Node';
}

/** Its kubelet should have ended it by now. */
function isOverdue({ endsBy }: PodView): boolean {
  return endsBy !== undefined && endsBy <= Date.now();
}

function refuseBare(node: string, pods: readonly PodView[], comesBack: boolean): void {
  const bare = pods.filter(pod => pod.ownerKind === undefined && !pod.deleting);
  if (bare.length === 0) return;
  throw new Problem({
    subject: `drain of '${node}'`,
    value: list(bare),
    rule: 'nothing would recreate a pod without a controller, so evicting it loses it',
    remedy: `delete it yourself or give it a controller; ${comesBack ? '' : `or let it be lost by confirming the removal with { name: '${node}', barePods: 'delete' }; `}then run ${comesBack ? 'the same command' : '`pulumi up`'} again`,
  });
}

/** Asks for the eviction of all pods that are not ending yet, side by side. @returns those that a budget keeps */
async function evict(api: ClusterApi, pods: readonly PodView[]): Promise<Held[]> {
  const asked = await Promise.all(pods.filter(({ deleting }) => !deleting).map(async (pod): Promise<Held[]> => {
    const eviction = await api.evict(pod);
    return eviction.kind === 'blocked' ? [{ pod, reason: eviction.reason }] : [];
  }));
  return asked.flat();
}

function whatIsLeft(pods: readonly PodView[], held: readonly Held[]): string {
  if (held.length > 0) return `held back: ${held.map(({ pod, reason }) => `${key(pod)}: ${reason}`).join(' · ')}`;
  return `${pods.length === 1 ? '1 pod is' : `${pods.length} pods are`} ending: ${list(pods)}`;
}

/** Against their budgets, which were given the time there was; each is named, because somebody will miss it. */
async function force(api: ClusterApi, held: readonly Held[], report: Report): Promise<void> {
  for (const { pod, reason } of held) report(`deleting ${key(pod)} against its budget, as the removal was confirmed with drain: 'force' (${reason})`);
  await Promise.all(held.map(({ pod }) => api.deletePod(pod)));
}

/** Until these pods are gone, for a while. A watch that fails is no matter here: the next listing tells what is the case. */
async function untilGone(api: ClusterApi, node: string, pods: readonly PodView[], deadline: Deadline): Promise<void> {
  const uids = new Set(pods.map(({ uid }) => uid));
  await api.waitForPods(node, found => {
    const left = found.filter(pod => uids.has(pod.uid) && leaves(pod));
    return left.length === 0 ? { done: true } : { done: false, reason: whatIsLeft(left, []) };
  }, deadline.atMost(WATCH_SECONDS)).catch(() => pause(deadline));
}

async function pause(deadline: Deadline): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, Math.min(RETRY_MILLISECONDS, deadline.remaining)));
}
