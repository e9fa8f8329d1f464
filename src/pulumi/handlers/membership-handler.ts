import { gate, type DeclaredNode } from '../../membership/gate';
import { preflight } from '../../membership/preflight';
import { run } from '../run';
import type { StackConfig } from '../settings';
import { toTarget, type MembershipInputs, type MembershipOutputs, type NodeState } from '../state';
import { changedKeys, failure, storable, type CheckResult, type DiffResult } from './provider';
import { isKnown } from './unknown';

/** Inputs that describe the cluster itself: another value is another cluster. */
const IDENTIFYING = ['cluster'] as const;
/** What is compared; credentials and where things are looked up may change without anything to do. */
const COMPARED = ['nodes', 'registrationAddress', 'registrationPort', 'settings'] as const;

/** The gate in front of every change of the membership, and the look at all machines before the first of them is touched. */
export const membership = {
  async configure({ config }: { config: StackConfig }): Promise<void> {
    run.configure(config);
  },

  /** Runs in a preview too: what is refused here is refused before anything is touched. */
  async check(olds: Partial<MembershipInputs>, news: MembershipInputs): Promise<CheckResult<MembershipInputs>> {
    run.declare(news);
    const confirmed = run.confirmedRemovals(news.cluster);
    const reasons = gate(news.cluster, (olds.nodes ?? []).map(declaredNode), news.nodes.map(declaredNode), confirmed);
    return { inputs: news, failures: reasons.map(failure) };
  },

  async diff(_id: string, olds: MembershipOutputs, news: MembershipInputs): Promise<DiffResult> {
    const replaces = changedKeys(olds, news, IDENTIFYING);
    return { changes: replaces.length > 0 || changedKeys(olds, news, COMPARED).length > 0, replaces };
  },

  async create(news: MembershipInputs): Promise<{ id: string; outs: Omit<MembershipOutputs, 'credentials'> }> {
    const session = run.session(news, []);
    const { initialise, identity } = await preflight(session, news.nodes.map(toTarget), false);
    return { id: news.cluster, outs: outputs(news, initialise, identity) };
  },

  async update(_id: string, olds: MembershipOutputs, news: MembershipInputs): Promise<{ outs: Omit<MembershipOutputs, 'credentials'> }> {
    const session = run.session(news, olds.nodes, olds.identity);
    const joining = news.nodes.filter(node => !olds.nodes.some(({ name }) => name === node.name)).map(toTarget);
    const { initialise, identity } = await preflight(session, joining, true);
    return { outs: outputs(news, initialise, identity) };
  },

  /** Takes nothing away by itself: the nodes are removed one by one, each by its own resource. */
  async delete(): Promise<void> {},
};

function outputs({ credentials: _, ...inputs }: MembershipInputs, initialise: string, identity = ''): Omit<MembershipOutputs, 'credentials'> {
  return storable({ ...inputs, initialise, identity });
}

function declaredNode({ name, role, address }: NodeState): DeclaredNode {
  return { name, role, address: isKnown(address) ? address : undefined };
}
