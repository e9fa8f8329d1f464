import { ZONE_LABEL, formatTaint } from '../../llmos/node';
import { Deadline } from '../../membership/deadline';
import { join } from '../../membership/join/join';
import { mayInitialise } from '../../membership/preflight';
import type { NodeView } from '../../membership/ports/cluster-api';
import { remove } from '../../membership/remove/remove';
import { formatProblem } from '../../problem';
import { reportProgress } from '../report-progress';
import { run } from '../run';
import type { StackConfig } from '../settings';
import { toTarget, type MembershipInputs, type NodeInputs, type NodeOutputs } from '../state';
import { removalIsConfirmed } from './confirmation';
import { changedKeys, failure, plain, storable, type CheckResult, type DiffResult } from './provider';

/** A change of one of these is another machine, or the same one set up anew: it leaves and joins. */
const REPLACING = ['cluster', 'name', 'role', 'address', 'internalAddress'] as const;
/** These change in place. How a machine is reached is only recorded. */
const UPDATING = ['labels', 'taints', 'zone', 'port', 'user', 'hostKey'] as const;

/** How long a join or a removal may take where customTimeouts says nothing, in seconds. */
const DEFAULT_DEADLINE_SECONDS = 20 * 60;

/** One machine: create joins or adopts it, update changes what can change in place, delete removes it. */
export const node = {
  async configure({ config }: { config: StackConfig }): Promise<void> {
    run.configure(config);
  },

  /** A node comes only with a Membership that was checked in the same run: `--target` cannot walk round the gate. */
  async check(_olds: Partial<NodeInputs>, news: NodeInputs): Promise<CheckResult<NodeInputs>> {
    const declared = run.membership(news.cluster)?.nodes.some(({ name }) => name === news.name) ?? false;
    const reason = formatProblem({
      subject: `node '${news.name}'`,
      rule: `the membership of cluster '${news.cluster}' was not checked in this run, and nothing joins or leaves without that`,
      remedy: 'run `pulumi up` without --target, or target the Membership as well',
    });
    return { inputs: news, failures: declared ? [] : [failure(reason)] };
  },

  async diff(_id: string, olds: NodeOutputs, news: NodeInputs): Promise<DiffResult> {
    const replaces = changedKeys(olds, news, REPLACING);
    return {
      changes: replaces.length > 0 || changedKeys(olds, news, UPDATING).length > 0,
      replaces,
      // The name, the etcd member and the node password are taken until the old one has left.
      deleteBeforeReplace: true,
    };
  },

  async create(news: NodeInputs): Promise<{ id: string; outs: NodeOutputs }> {
    const membership = declaredMembership(news);
    const session = run.session(membership, membership.nodes);
    try {
      const target = toTarget(news);
      const joined = await join({
        session, node: target, installer: membership.installer, settings: membership.settings,
        initialise: news.initialise === true && await mayInitialise(session, target),
        deadline: new Deadline(membership.deadlines.create ?? DEFAULT_DEADLINE_SECONDS), progress: reportProgress,
      });
      return { id: news.name, outs: outputs(news, membership, joined) };
    } catch (error) {
      throw await halfJoined(news, membership, error);
    }
  },

  async update(_id: string, olds: NodeOutputs, news: NodeInputs): Promise<{ outs: NodeOutputs }> {
    // Recorded half-joined: the engine comes back with an update, and it is still to join.
    if (olds.identity === '') return node.create(news);
    const membership = declaredMembership(news);
    const target = toTarget(news);
    const { api } = await run.session(membership, olds.peers.map(asManagement), olds.identity).server('join');
    await api.applyNode(news.name, { labels: target.labels, taints: target.taints });
    return { outs: outputs(news, membership, olds) };
  },

  /**
   * The live view, for `pulumi refresh`. Only a cluster that was reached can say that a node is gone, and only a machine that was
   * reached that it is clean: one that does not answer keeps its place in the state.
   */
  async read(id: string, props: NodeOutputs): Promise<{ id: string; props: NodeOutputs }> {
    const session = run.session(props, props.peers.map(asManagement), props.identity);
    const target = toTarget(props);
    session.know([target]);
    const view = await session.server('join').then(({ api }) => api.node(props.name)).then(found => ({ found }), () => undefined);
    if (!view) return { id, props };
    if (view.found) return { id, props: storable({ ...props, ...declaredPart(props, view.found) }) };
    const facts = await session.machine(target).facts().catch(() => undefined);
    return { id: facts?.bootstrap === 'absent' ? '' : id, props };
  },

  async delete(_id: string, props: NodeOutputs): Promise<void> {
    try {
      const destroyingCluster = removalIsConfirmed(props, run.settings, run.confirmedRemovals(props.cluster)) && !run.membership(props.cluster);
      const session = run.session(props, props.peers.map(asManagement), props.identity);
      session.know([toTarget(props)]);
      const seconds = run.membership(props.cluster)?.deadlines.delete ?? props.deleteDeadline ?? DEFAULT_DEADLINE_SECONDS;
      await remove({
        session, node: toTarget(props), destroyingCluster, machineId: props.machineId || undefined,
        deadline: new Deadline(seconds), progress: reportProgress,
      });
    } catch (error) {
      throw plain(error, `node '${props.name}' was not removed`);
    }
  },
};

/** What the cluster has of the labels and taints that we declared: what others added is theirs. */
function declaredPart({ labels, taints, zone }: NodeOutputs, view: NodeView): Pick<NodeOutputs, 'labels' | 'taints' | 'zone'> {
  const own = Object.fromEntries(Object.keys(labels ?? {}).flatMap(key => (view.labels[key] === undefined ? [] : [[key, view.labels[key]]])));
  return {
    ...(labels === undefined ? {} : { labels: own }),
    ...(taints === undefined ? {} : { taints: taints.filter(taint => view.taints.some(found => formatTaint(found) === formatTaint(taint))) }),
    ...(zone === undefined ? {} : { zone: view.labels[ZONE_LABEL] }),
  };
}

function declaredMembership(news: NodeInputs): MembershipInputs {
  // check has refused a node without it already.
  return run.membership(news.cluster)!;
}

function asManagement(peer: NodeOutputs['peers'][number]) {
  return { ...peer, role: 'management' as const };
}

function outputs(news: NodeInputs, membership: MembershipInputs, found: { readonly machineId: string; readonly identity: string }): NodeOutputs {
  const { registrationAddress, registrationPort, connection, deadlines } = membership;
  return storable({
    ...news, registrationAddress, registrationPort, connection, machineId: found.machineId, identity: found.identity,
    peers: membership.nodes.filter(({ name, role }) => role === 'management' && name !== news.name)
      .map(({ name, address, internalAddress, port, user, hostKey }) => ({ name, address, internalAddress, port, user, hostKey })),
    deleteDeadline: deadlines.delete,
  });
}

/**
 * A join that failed half-way is recorded, so that the next `up` carries it on and a removal knows the machine. Where not even
 * the connection stood there is nothing to record.
 */
async function halfJoined(news: NodeInputs, membership: MembershipInputs, error: unknown): Promise<Error> {
  const message = error instanceof Error ? error.message : String(error);
  const facts = await run.session(membership, []).machine(toTarget(news)).facts().catch(() => undefined);
  if (!facts || facts.bootstrap === 'absent') return plain(error, `node '${news.name}' did not join`);
  const properties = { ...outputs(news, membership, { machineId: facts.machineId, identity: '' }), ...provider(news) };
  return Object.assign(plain(error, `node '${news.name}' joined half-way`), { id: news.name, reasons: [message], properties });
}

/** The shim's text, which Pulumi puts in by itself except when a create fails. */
function provider(news: object): object {
  return '__provider' in news ? { __provider: news.__provider } : {};
}
