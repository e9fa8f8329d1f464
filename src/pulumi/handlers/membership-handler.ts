import { gate, leaves, staleConfirmations } from '../../membership/gate';
import type { NodeTarget } from '../../membership/node-target';
import { preflight } from '../../membership/preflight';
import { removeDead } from '../../membership/remove/remove-dead';
import { withdrawRemoval } from '../../membership/remove/withdraw-removal';
import type { ClusterSession } from '../../membership/session';
import { snapshotBefore } from '../../membership/snapshot';
import { formatProblem } from '../../problem';
import { reportsOnly } from '../report-only';
import { reportProgress, reportWarning } from '../report-progress';
import { run } from '../run';
import type { StackConfig } from '../settings';
import { DEFAULT_DEADLINE_SECONDS, toTarget, type MembershipInputs, type MembershipOutputs, type NodeState } from '../state';
import { declaredNode } from './declared-node';
import { changedKeys, failure, storable, type CheckResult, type DiffResult } from './provider';

/** What is compared; credentials and where things are looked up may change without anything to do. */
const COMPARED = ['nodes', 'registrationAddress', 'registrationPort', 'settings'] as const;

/** The gate in front of every change of the membership, and the look at all machines before the first of them is touched. */
export const membership = {
  async configure({ config }: { config: StackConfig }): Promise<void> {
    run.configure(config);
  },

  /** Runs in a preview too: what is refused here is refused before anything is touched. */
  async check(olds: Partial<MembershipInputs>, news: MembershipInputs): Promise<CheckResult<MembershipInputs>> {
    const [before, after] = [(olds.nodes ?? []).map(declaredNode), news.nodes.map(declaredNode)];
    const { removals, problems } = run.confirmedRemovals(news);
    const reasons = [...renamed(olds.cluster, news.cluster), ...problems.map(formatProblem), ...gate(news.cluster, before, after, removals)];
    staleConfirmations(news.cluster, before, after, removals).forEach(reportWarning);
    if (reportsOnly()) reasons.length = 0;
    // Nodes ask for it: what did not pass was not declared, and with --continue-on-error they would go on without.
    if (reasons.length === 0) run.declare(news, returned(olds.nodes, news.nodes).map(({ name }) => name));
    return { inputs: news, failures: reasons.map(failure) };
  },

  async diff(_id: string, olds: MembershipOutputs, news: MembershipInputs): Promise<DiffResult> {
    return { changes: changedKeys(olds, news, COMPARED).length > 0 };
  },

  async create(news: MembershipInputs): Promise<{ id: string; outs: Omit<MembershipOutputs, 'credentials'> }> {
    const session = run.session(news, []);
    const { initialise, identity } = await preflight(session, news.nodes.map(toTarget), false);
    return { id: news.cluster, outs: outputs(news, initialise, identity) };
  },

  async update(_id: string, olds: MembershipOutputs, news: MembershipInputs): Promise<{ outs: Omit<MembershipOutputs, 'credentials'> }> {
    const session = run.session(news, olds.nodes, olds.identity);
    const started = await mayHaveStarted(session, olds);
    if (started) {
      await removeDead({
        session, leaving: leavingManagement(olds, news), confirmed: run.confirmedRemovals(news).removals,
        deadlineSeconds: news.deadlines.delete ?? DEFAULT_DEADLINE_SECONDS, progress: reportProgress,
      });
    }
    if (started) {
      for (const node of returned(olds.nodes, news.nodes)) await withdrawRemoval(session, toTarget(node));
    }
    const looked = started ? news.nodes.filter(node => isAnotherMachine(node, olds.nodes)) : news.nodes;
    const { initialise, identity } = await preflight(session, looked.map(toTarget), started);
    // Before the first step of all. Each join and removal takes its own as well, for the point right before it.
    const snapshot = started && managementChanges(olds.nodes, news.nodes)
      ? await snapshotBefore(await session.server('join'), 'changing-the-membership') : olds.snapshot;
    return { outs: outputs(news, initialise, identity, snapshot) };
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

/** New, or to be set up anew: it is looked at before what stands there now is removed. */
function isAnotherMachine(node: NodeState, olds: readonly NodeState[]): boolean {
  const old = olds.find(({ name }) => name === node.name);
  return old === undefined || changedKeys(old, node, ['role', 'address', 'internalAddress']).length > 0;
}

/** New, or declared again after it was taken out: nobody knows which, as long as its removal may not have ended. */
function returned(olds: readonly NodeState[] | undefined, news: readonly NodeState[]): NodeState[] {
  return olds === undefined ? [] : news.filter(({ name }) => !olds.some(old => old.name === name));
}

/** Management nodes that are no longer declared as they are. */
function leavingManagement(olds: MembershipOutputs, news: MembershipInputs): NodeTarget[] {
  const after = news.nodes.map(declaredNode);
  return olds.nodes.filter(node => node.role === 'management' && leaves(declaredNode(node), after)).map(toTarget);
}

/** A management node joins, leaves or is set up anew. */
function managementChanges(olds: readonly NodeState[], news: readonly NodeState[]): boolean {
  const [before, after] = [olds, news].map(nodes => nodes.filter(({ role }) => role === 'management'));
  return before!.length !== after!.length || after!.some(node => isAnotherMachine(node, before!));
}

function outputs({ credentials: _, ...inputs }: MembershipInputs, initialise: string, identity = '', snapshot?: string): Omit<MembershipOutputs, 'credentials'> {
  return storable({ ...inputs, initialise, identity, snapshot });
}
