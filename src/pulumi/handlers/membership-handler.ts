import { gate, type DeclaredNode } from '../../membership/gate';
import { preflight } from '../../membership/preflight';
import type { ClusterSession } from '../../membership/session';
import { formatProblem } from '../../problem';
import { run } from '../run';
import type { StackConfig } from '../settings';
import { toTarget, type MembershipInputs, type MembershipOutputs, type NodeState } from '../state';
import { changedKeys, failure, storable, type CheckResult, type DiffResult } from './provider';
import { isKnown } from './unknown';

/** What is compared; credentials and where things are looked up may change without anything to do. */
const COMPARED = ['nodes', 'registrationAddress', 'registrationPort', 'settings'] as const;

/** The gate in front of every change of the membership, and the look at all machines before the first of them is touched. */
export const membership = {
  async configure({ config }: { config: StackConfig }): Promise<void> {
    run.configure(config);
  },

  /** Runs in a preview too: what is refused here is refused before anything is touched. */
  async check(olds: Partial<MembershipInputs>, news: MembershipInputs): Promise<CheckResult<MembershipInputs>> {
    const reasons = [
      ...renamed(olds.cluster, news.cluster),
      ...gate(news.cluster, (olds.nodes ?? []).map(declaredNode), news.nodes.map(declaredNode), run.confirmedRemovals(news)),
    ];
    // Nodes ask for it: what did not pass was not declared, and with --continue-on-error they would go on without.
    if (reasons.length === 0) run.declare(news);
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
    const looked = started ? news.nodes.filter(node => isAnotherMachine(node, olds.nodes)) : news.nodes;
    const { initialise, identity } = await preflight(session, looked.map(toTarget), started);
    return { outs: outputs(news, initialise, identity) };
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

function outputs({ credentials: _, ...inputs }: MembershipInputs, initialise: string, identity = ''): Omit<MembershipOutputs, 'credentials'> {
  return storable({ ...inputs, initialise, identity });
}

function declaredNode({ name, role, address }: NodeState): DeclaredNode {
  return { name, role, address: isKnown(address) ? address : undefined };
}
