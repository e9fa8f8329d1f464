import { lostRegistration } from '../../llmos/registration';
import type { ConfirmedRemoval } from '../../llmos/removal';
import { upgradeBesideRemoval, type DeclaredRelease } from '../../llmos/version-change';
import { Deadline } from '../../membership/deadline';
import { strangersIn } from '../../membership/drift';
import { gate, leaves, staleConfirmations } from '../../membership/gate';
import type { NodeTarget } from '../../membership/node-target';
import { preflight } from '../../membership/preflight';
import { removeDead } from '../../membership/remove/remove-dead';
import { withdrawRemovals } from '../../membership/remove/withdraw-removal';
import type { ClusterSession } from '../../membership/session';
import { snapshotBefore } from '../../membership/snapshot';
import { checkSuccessors, type Succession } from '../../membership/successors';
import { waitForBoot } from '../../membership/wait-for-boot';
import { formatProblem, type ProblemProps } from '../../problem';
import { reportsOnly } from '../report-only';
import { reportProgress, reportWarning } from '../report-progress';
import { run } from '../run';
import type { StackConfig } from '../settings';
import { DEFAULT_DEADLINE_SECONDS, toTarget, type LeavingNode, type MembershipInputs, type MembershipOutputs, type NodeState } from '../state';
import { declaredNode } from './declared-node';
import { leavingSince, stillThere } from './leaving-nodes';
import { foundDrift } from './node-record';
import { changedKeys, failure, storable, type CheckResult, type DiffResult } from './provider';
import { lookOnce, recallDrift, sayKept, warnOfDrift } from './refresh';

/** What may stand in the state in the open. */
type OpenOutputs = Omit<MembershipOutputs, 'credentials' | 'registries'>;

/** What is compared; credentials and where things are looked up may change without anything to do. */
const COMPARED = ['nodes', 'registrationAddress', 'registrationPort', 'settings'] as const;

/** The gate in front of every change of the membership, and the look at all machines before the first of them is touched. */
export const membership = {
  async configure({ config }: { config: StackConfig }): Promise<void> {
    run.configure(config);
  },

  /** Runs in a preview too: what is refused here is refused before anything is touched. */
  async check(olds: Partial<MembershipInputs>, news: MembershipInputs): Promise<CheckResult<MembershipInputs>> {
    const fileProblems = await installerProblems(olds.nodes ?? [], news);
    const [before, after] = [(olds.nodes ?? []).map(declaredNode), news.nodes.map(declaredNode)];
    const { removals, problems } = run.confirmedRemovals(news);
    const lost = lostRegistration(news.cluster, news.registrationAddress, before, after) ?? [];
    const behind = upgradeBesideRemoval(news.cluster, release(olds), release(news), removals.filter(({ removal }) => removal === 'unreachable').map(({ name }) => name)) ?? [];
    // A report judges the rest by itself; and where one is made, the files of those who carry a change out need not lie.
    const reasons = reportsOnly() ? problems.map(formatProblem)
      : [...renamed(olds.cluster, news.cluster), ...namedTwice(news), ...problems.concat(lost, behind, fileProblems).map(formatProblem), ...gate(news.cluster, before, after, removals, run.settings.listedRemovals)];
    staleConfirmations(news.cluster, before, after, removals).forEach(reportWarning);
    // Nodes ask for it: what did not pass was not declared, and with --continue-on-error they would go on without.
    if (reasons.length === 0) run.declare(news, returned(olds.nodes, news.nodes).map(({ name }) => name), olds.settings?.kubernetesVersion);
    return { inputs: news, failures: reasons.map(failure) };
  },

  async diff(_id: string, olds: MembershipOutputs, news: MembershipInputs): Promise<DiffResult> {
    const isRefresh = run.membership(news.cluster) === undefined;
    const isChanged = changedKeys(olds, news, COMPARED).length > 0;
    if (isRefresh) return { changes: isChanged || olds.drift !== undefined };
    Object.entries(undeclaredStill(olds, news) ?? {}).forEach(([name, drift]) => recallDrift(name, drift));
    // Said here, because the nodes have to know it also where nothing is updated.
    run.expectLeaving(news.cluster, leavingSince(olds, news));
    return { changes: isChanged || hasDied(olds, news) };
  },

  async create(news: MembershipInputs): Promise<{ id: string; outs: OpenOutputs }> {
    const session = run.session(news, []);
    await waitUntilBooted(session, news, news.nodes);
    const { initialise, identity } = await preflight(session, news.nodes.map(toTarget), false);
    return { id: news.cluster, outs: outputs(news, initialise, identity) };
  },

  async update(_id: string, olds: MembershipOutputs, news: MembershipInputs): Promise<{ outs: OpenOutputs }> {
    const session = run.session(news, olds.nodes, olds.identity);
    await waitUntilBooted(session, news, news.nodes.filter(node => isAnotherMachine(node, olds.nodes)));
    const started = await mayHaveStarted(session, olds);
    let leaving: readonly LeavingNode[] = [];
    if (started) {
      const confirmed = run.confirmedRemovals(news).removals;
      const targets = await leavingTargets(session, olds, news);
      await checkSuccessors(session, successions(olds.nodes, news.nodes, confirmed));
      await removeDead({
        session, leaving: targets, confirmed, deadlineSeconds: news.deadlines.delete ?? DEFAULT_DEADLINE_SECONDS, progress: reportProgress,
      });
      leaving = await stillThere(session, targets);
    }
    if (started) await withdrawRemovals(session, returned(olds.nodes, news.nodes).map(toTarget));
    const looked = started ? news.nodes.filter(node => isAnotherMachine(node, olds.nodes)) : news.nodes;
    const { initialise, identity } = await preflight(session, looked.map(toTarget), started);
    // Before the first step of all. Each join and removal takes its own as well, for the point right before it.
    const snapshot = started && managementChanges(olds.nodes, news.nodes)
      ? await snapshotBefore(await session.server('join'), 'changing-the-membership') : olds.snapshot;
    return { outs: outputs(news, initialise, identity, { snapshot, leaving, drift: undeclaredStill(olds, news) }) };
  },

  /** Finds what nobody declared, for `pulumi refresh`; what is declared is each Node's own affair. */
  async read(id: string, props: MembershipOutputs): Promise<{ readonly id: string; readonly props: MembershipOutputs }> {
    try {
      const look = await lookOnce(run.session(props, props.nodes, props.identity));
      const strangers = [...strangersIn(new Set(props.nodes.map(({ name }) => name)), look)];
      for (const [name, found] of strangers) warnOfDrift(name, found);
      const drift = strangers.length === 0 ? undefined : Object.fromEntries(strangers.map(([name, found]) => [name, foundDrift(found)]));
      return { id, props: storable({ ...props, drift }) };
    } catch (error) {
      sayKept(`the membership of cluster '${props.cluster}'`, error);
      return { id, props };
    }
  },

  /** Takes nothing away by itself: the nodes are removed one by one, each by its own resource. */
  async delete(): Promise<void> {},
};

function renamed(before: string | undefined, after: string): string[] {
  if (before === undefined || before === after) return [];
  return [formatProblem({
    subject: `cluster '${before}'`, value: after, rule: 'a cluster keeps its name: its nodes are confirmed and found by it',
    remedy: `give the chart its name '${before}' back; for another cluster make another Cluster`,
  })];
}

function release({ settings, nodes = [] }: Partial<MembershipInputs>): DeclaredRelease {
  return { kubernetesVersion: settings?.kubernetesVersion, nodes };
}

/** Confirmations, connections and the lock go by the name of the cluster. */
function namedTwice(news: MembershipInputs): string[] {
  const declared = run.membership(news.cluster);
  if (declared === undefined || changedKeys(declared, news, COMPARED).length === 0) return [];
  return [formatProblem({
    subject: `cluster '${news.cluster}'`, rule: 'two Clusters of this program have a chart of that name', remedy: 'give each chart a name of its own',
  })];
}

/**
 * Whether the right to start the cluster, granted by an earlier run, may have been used. Where the first node then failed before
 * it was set up there is no cluster to join yet; a host that does not answer may be the one that holds it.
 */
async function mayHaveStarted(session: ClusterSession, { initialise, nodes }: MembershipOutputs): Promise<boolean> {
  if (initialise === '') return true;
  const management = nodes.filter(({ role }) => role === 'management').map(toTarget);
  const stages = await Promise.all(management.map(node => session.machine(node).facts().then(({ bootstrap }) => bootstrap, () => undefined)));
  return stages.some(stage => stage === undefined || stage === 'done');
}

/** The files that machines are to be given, where one is to join: gigabytes are not read for nothing. */
async function installerProblems(olds: readonly NodeState[], { nodes, installer }: MembershipInputs): Promise<ProblemProps[]> {
  const { script, binary, images } = installer;
  if (returned(olds, nodes).length === 0 || (script ?? binary ?? images) === undefined) return [];
  const { installerFileProblems } = require('../../adapters/ssh/local-file') as typeof import('../../adapters/ssh/local-file');
  return installerFileProblems(installer);
}

/** A cloud provider says that a machine is there before it answers. */
async function waitUntilBooted(session: ClusterSession, { bootSeconds = 0 }: MembershipInputs, nodes: readonly NodeState[]): Promise<void> {
  if (bootSeconds > 0) await waitForBoot(session, nodes.map(toTarget), { deadline: new Deadline(bootSeconds), report: line => console.log(line) });
}

/** New, or to be set up anew: it is looked at before what stands there now is removed. */
function isAnotherMachine(node: NodeState, olds: readonly NodeState[]): boolean {
  const old = olds.find(({ name }) => name === node.name);
  return old === undefined || changedKeys(old, node, ['role', 'address', 'internalAddress']).length > 0;
}

/** Nodes that stay under their name on another machine, or in another role. */
function successions(olds: readonly NodeState[], news: readonly NodeState[], confirmed: readonly ConfirmedRemoval[]): Succession[] {
  const names = new Set(olds.map(({ name }) => name));
  return news.filter(node => names.has(node.name) && isAnotherMachine(node, olds))
    .map(node => ({ node: toTarget(node), removal: confirmed.find(({ name }) => name === node.name)?.removal }));
}

/** New, or declared again after it was taken out or moved to another machine: nobody knows which, as long as its removal may not have ended. */
function returned(olds: readonly NodeState[] | undefined, news: readonly NodeState[]): NodeState[] {
  return olds === undefined ? [] : news.filter(node => isAnotherMachine(node, olds));
}

/** Management nodes that are no longer declared as they are. */
function leavingManagement(olds: MembershipOutputs, news: MembershipInputs): NodeTarget[] {
  const after = news.nodes.map(declaredNode);
  return olds.nodes.filter(node => node.role === 'management' && leaves(declaredNode(node), after)).map(toTarget);
}

/** Those, after the ones that an earlier change took out and that have not left yet: until then all are asked where they stand. */
async function leavingTargets(session: ClusterSession, olds: MembershipOutputs, news: MembershipInputs): Promise<NodeTarget[]> {
  const [earlier, now] = [leavingSince(olds, news), leavingManagement(olds, news)];
  session.knowFormer(now);
  const since = (await stillThere(session, earlier)).map(toTarget);
  earlier.forEach(({ name }) => session.forgetFormer(name));
  session.knowFormer([...now, ...since]);
  // Where one has not left yet, what was declared under its name has not joined.
  return [...since, ...now.filter(({ name }) => !since.some(node => node.name === name))];
}

/** One that has not left since an earlier change is confirmed as gone: it is taken out before anything joins, and nothing else says so. */
function hasDied(olds: MembershipOutputs, news: MembershipInputs): boolean {
  const { removals } = run.confirmedRemovals(news);
  return leavingSince(olds, news).some(({ name }) => removals.some(each => each.name === name && each.removal === 'unreachable'));
}

/** A management node joins, leaves or is set up anew. */
function managementChanges(olds: readonly NodeState[], news: readonly NodeState[]): boolean {
  const [before, after] = [olds, news].map(nodes => nodes.filter(({ role }) => role === 'management'));
  return before!.length !== after!.length || after!.some(node => isAnotherMachine(node, before!));
}

/** What the latest refresh found that nobody declared, as far as nobody has since. */
function undeclaredStill({ drift = {} }: MembershipOutputs, { nodes }: MembershipInputs): MembershipOutputs['drift'] {
  const left = Object.entries(drift).filter(([stranger]) => !nodes.some(({ name }) => name === stranger));
  return left.length === 0 ? undefined : Object.fromEntries(left);
}

function outputs(
  { credentials: _, registries: __, ...inputs }: MembershipInputs, initialise: string, identity = '',
  { leaving = [], ...more }: Pick<MembershipOutputs, 'snapshot' | 'leaving' | 'drift'> = {},
): OpenOutputs {
  return storable({ ...inputs, initialise, identity, ...more, leaving: leaving.length === 0 ? undefined : leaving });
}
