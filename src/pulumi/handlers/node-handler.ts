import { Deadline } from '../../membership/deadline';
import { driftOf } from '../../membership/drift';
import { leaves } from '../../membership/gate';
import { join } from '../../membership/join/join';
import type { NodeTarget } from '../../membership/node-target';
import { mayInitialise } from '../../membership/preflight';
import { remove } from '../../membership/remove/remove';
import type { ClusterSession } from '../../membership/session';
import { whyReplaced } from '../../membership/why-replaced';
import { formatProblem } from '../../problem';
import { reportsOnly } from '../report-only';
import { reportProgress } from '../report-progress';
import { run } from '../run';
import type { StackConfig } from '../settings';
import { DEFAULT_DEADLINE_SECONDS, toTarget, type MembershipInputs, type NodeInputs, type NodeOutputs } from '../state';
import { lookForAnotherMachine, refusedReplacement } from './another-machine';
import { allowedRemoval } from './confirmation';
import { declaredNode } from './declared-node';
import { expectedNode, isMendable, isOutdated, liveView, nodeRecord, type LiveView } from './node-record';
import { changedKeys, failure, messageOf, plain, type CheckResult, type DiffResult } from './provider';
import { lookOnce, recallDrift, sayKept, warnOfDrift } from './refresh';
import { isTakenOver, refuseAnotherMachine } from './taken-over';
import { recordedVersion, refusedUpgrade, UPGRADING, upgradeNode } from './upgrade-node';

/** A change of one of these is another machine, or the same one set up anew: it leaves and joins. The last is what a refresh found. */
const REPLACING = ['name', 'role', 'address', 'internalAddress', 'anotherMachine'] as const;
/** These change in place, in the cluster. */
const UPDATING = ['labels', 'taints', 'zone'] as const;
/** How a machine is reached: a change is recorded and the node is left alone. */
const RECORDED = ['port', 'user', 'hostKey'] as const;

/** One machine: create joins or adopts it, update changes what can change in place, delete removes it. */
export const node = {
  async configure({ config }: { config: StackConfig }): Promise<void> {
    run.configure(config);
  },

  /** A node comes only with a Membership that was checked in the same run: `--target` cannot walk round the gate. */
  async check(olds: Partial<NodeInputs>, news: NodeInputs): Promise<CheckResult<NodeInputs>> {
    const membership = run.membership(news.cluster);
    const declared = membership?.nodes.some(({ name }) => name === news.name) ?? false;
    const reason = formatProblem({
      subject: `node '${news.name}'`,
      rule: `the membership of cluster '${news.cluster}' was not checked in this run, and nothing joins or leaves without that`,
      remedy: 'run `pulumi up` without --target, or target the Membership as well',
    });
    if (!declared) return { inputs: news, failures: [failure(reason)] };
    // Which releases nodes were brought to one by one is not in a report.
    const refused = [
      ...(reportsOnly() ? [] : refusedReplacement(olds, news, membership!, run.confirmedRemovals(membership!).removals)), ...refusedUpgrade(olds, news),
    ];
    return { inputs: news, failures: refused.map(failure) };
  },

  /** Also asked in a refresh, where no Membership is declared: whatever was found then counts as a difference, and nothing comes of it. */
  async diff(_id: string, olds: NodeOutputs, news: NodeInputs): Promise<DiffResult> {
    const membership = run.membership(news.cluster);
    const replaces = changedKeys(olds, news, REPLACING);
    if (membership !== undefined) {
      if (replaces.length === 0) recallDrift(news.name, olds.drift);
      else sayReplacement(olds, news);
    }
    return {
      // A refresh takes the failure of a half-joined node out of the state, and with it the engine's reason to come back.
      changes: replaces.length > 0 || isHalfJoined(olds) || run.hasReturned(news) || changedKeys(olds, news, [...UPDATING, ...UPGRADING, ...RECORDED]).length > 0
        || (membership === undefined ? olds.drift !== undefined : isMendable(olds) || isOutdated(olds, membership) || isTakenOver(olds, membership)),
      replaces,
      // The name, the etcd member and the node password are taken until the old one has left.
      deleteBeforeReplace: true,
    };
  },

  async create(news: NodeInputs): Promise<{ id: string; outs: NodeOutputs }> {
    const membership = declaredMembership(news);
    const session = run.session(membership);
    const target = toTarget(news);
    try {
      const joined = await run.inTurn(news, 'join', async () => join({
        session, node: target, installer: { ...membership.installer, registries: membership.registries }, settings: membership.settings,
        workers: run.targets(news.cluster, 'worker'), becoming: run.targets(news.cluster, 'management')?.length,
        initialise: news.initialise === true && await mayInitialise(session, target),
        deadline: new Deadline(membership.deadlines.create ?? DEFAULT_DEADLINE_SECONDS), progress: reportProgress,
      }));
      return { id: news.name, outs: nodeRecord({ ...news, kubernetesVersion: recordedVersion(news, joined.kubeletVersion) }, membership, joined) };
    } catch (error) {
      throw await halfJoined(news, membership, error);
    }
  },

  async update(_id: string, olds: NodeOutputs, news: NodeInputs): Promise<{ outs: NodeOutputs }> {
    const membership = declaredMembership(news);
    if (isHalfJoined(olds) || run.hasReturned(news) || isTakenOver(olds, membership)) return node.create(news);
    if (changedKeys(olds, news, [...UPDATING, ...UPGRADING]).length > 0 || isMendable(olds)) refuseAnotherMachine(olds);
    if (changedKeys(olds, news, UPDATING).length > 0 || isMendable(olds)) {
      const { labels, taints } = toTarget(news);
      const { api } = await run.session(membership, olds.peers.map(asManagement), olds.identity).server('join');
      await api.applyNode(news.name, { labels, taints });
    }
    await upgradeNode(olds, news, membership);
    return { outs: nodeRecord(news, membership, olds) };
  },

  /**
   * The live view, for `pulumi refresh`. Only a cluster that was reached can say that a node is gone, and only a machine that was
   * reached that it is clean: one that does not answer keeps its place in the state.
   */
  async read(id: string, props: NodeOutputs): Promise<{ readonly id: string } & Pick<LiveView, 'props'> & Partial<LiveView>> {
    // Without an identity it cannot be told whether the cluster that answers is the node's.
    if (isHalfJoined(props)) return { id, props };
    const target = toTarget(props);
    try {
      const session = run.session(props, props.peers.map(asManagement), props.identity);
      session.know([target]);
      const look = await lookOnce(session);
      const view = look.nodes.get(props.name);
      if (view === undefined && !look.members.some(({ name }) => name === props.name) && await isClean(session, target)) return { id: '', props };
      const record = view ? { ...props, anotherMachine: await lookForAnotherMachine(session, target, props, view) } : props;
      const drift = driftOf(expectedNode(record), view, look);
      warnOfDrift(props.name, drift);
      return { id, ...liveView(record, view, drift) };
    } catch (error) {
      sayKept(`node '${props.name}'`, error);
      return { id, props };
    }
  },

  async delete(_id: string, props: NodeOutputs): Promise<void> {
    try {
      const membership = run.membership(props.cluster);
      if (membership !== undefined && isDeclaredAsItIs(props, membership)) {
        return console.log(`node '${props.name}' stays: it is declared as it is, and what goes is another record that Pulumi had of it`);
      }
      const allowed = allowedRemoval(props, run.settings, membership && run.confirmedRemovals(membership).removals);
      const session = run.session(props, props.peers.map(asManagement), props.identity);
      session.know([toTarget(props)]);
      await run.inTurn(props, 'leave', () => remove({
        session, node: toTarget(props), ...allowed, machineId: props.machineId || undefined,
        workers: run.targets(props.cluster, 'worker'), becoming: run.targets(props.cluster, 'management')?.length,
        // Another machine is about to join under its name, and once it has a vote the token can be changed.
        leavesToken: membership?.nodes.some(({ name, role }) => name === props.name && role === 'management'),
        deadline: new Deadline(membership?.deadlines.delete ?? props.deleteDeadline ?? DEFAULT_DEADLINE_SECONDS), progress: reportProgress,
      }));
    } catch (error) {
      throw plain(error, `node '${props.name}' was not removed`);
    }
  },
};

/**
 * With --replace, or after the Cluster was moved in the program, Pulumi makes a node anew, which finds that it has joined, and then deletes
 * the record from before. Of one that a refresh found to be another machine, that machine's predecessor goes.
 */
function isDeclaredAsItIs(props: NodeOutputs, { nodes }: MembershipInputs): boolean {
  return props.anotherMachine === undefined && !leaves(declaredNode(props), nodes.map(declaredNode));
}

/** Of a replacement the engine shows the property and its old and new values; this is what it means. */
function sayReplacement(olds: NodeOutputs, news: NodeInputs): void {
  const reason = whyReplaced(declaredNode(olds), declaredNode(news)) ?? `its machine changes from the one that joined to one with machine-id ${olds.anotherMachine}`;
  console.log(`node '${news.name}' cannot change in place, because ${reason}: it leaves, and joins again`);
}

/** A machine that does not answer is not known to be clean. */
async function isClean(session: ClusterSession, target: NodeTarget): Promise<boolean> {
  return session.machine(target).facts().then(({ bootstrap }) => bootstrap === 'absent', () => false);
}

/** Recorded by a join that failed: the cluster was not seen with it yet. */
function isHalfJoined({ identity }: NodeOutputs): boolean {
  return identity === '';
}

function declaredMembership(news: NodeInputs): MembershipInputs {
  // check has refused a node without it already.
  return run.membership(news.cluster)!;
}

function asManagement(peer: NodeOutputs['peers'][number]) {
  return { ...peer, role: 'management' as const };
}

/**
 * A join that failed half-way is recorded, so that the next `up` carries it on and a removal knows the machine. Where not even
 * the connection stood there is nothing to record.
 */
async function halfJoined(news: NodeInputs, membership: MembershipInputs, error: unknown): Promise<Error> {
  const facts = await run.session(membership).machine(toTarget(news)).facts().catch(() => undefined);
  if (!facts || facts.bootstrap === 'absent') return plain(error, `node '${news.name}' did not join`);
  const properties = { ...nodeRecord(news, membership, { machineId: facts.machineId, identity: '' }), ...provider(news) };
  return Object.assign(plain(error, `node '${news.name}' joined half-way`), { id: news.name, reasons: [messageOf(error)], properties });
}

/** The shim's text, which Pulumi puts in by itself except when a create fails. */
function provider(news: object): object {
  return '__provider' in news ? { __provider: news.__provider } : {};
}
