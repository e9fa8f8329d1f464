import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openRehearsal, type Rehearsal } from '../../src/adapters/rehearsal';
import { Deadline } from '../../src/membership/deadline';
import type { MembershipInputs, MembershipOutputs, NodeInputs, NodeOutputs, NodeState } from '../../src/pulumi/state';
import { ByHand } from '../adapters/rehearsal/by-hand';

type Handlers = typeof import('../../src/pulumi/handlers');

const CLUSTER = 'prod';
const m1: NodeState = { name: 'm1', role: 'management', address: '192.0.2.11' };
const m2: NodeState = { name: 'm2', role: 'management', address: '192.0.2.12' };
const m3: NodeState = { name: 'm3', role: 'management', address: '192.0.2.13' };
const w1: NodeState = { name: 'w1', role: 'worker', address: '192.0.2.21', zone: 'a', labels: { rack: 'r1' }, taints: [{ key: 'gpu', value: 'h200', effect: 'NoSchedule' }] };

let folder: string;
let scene: Rehearsal;
let handlers: Handlers;
let settings: Record<string, string>;

beforeEach(async () => {
  jest.spyOn(console, 'log').mockImplementation(() => undefined);
  folder = mkdtempSync(join(tmpdir(), 'llmos-nodes-handlers-'));
  scene = openRehearsal(folder);
  settings = { 'llmos:rehearsal': folder };
  await newRun();
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

/** What resources of one run share lives in a module: another process of the provider starts without it. */
async function newRun(): Promise<void> {
  jest.resetModules();
  handlers = require('../../src/pulumi/handlers') as Handlers;
  await handlers.node.configure({ config: { get: key => settings[key] } });
}

function membershipOf(nodes: readonly NodeState[], more: Partial<MembershipInputs> = {}): MembershipInputs {
  return {
    cluster: CLUSTER, registrationAddress: '192.0.2.11', registrationPort: 6443, connection: {}, settings: { kubernetesVersion: 'v1.34.4+k3s1' },
    nodes, confirmRemoval: [], installer: {}, deadlines: { create: 20, delete: 20 }, ...more,
  };
}

const inputs = (node: NodeState, more: Partial<NodeInputs> = {}): NodeInputs => ({ ...node, cluster: CLUSTER, ...more });

/** Another run whose Membership passed the gate. */
async function declare(nodes: readonly NodeState[], more: Partial<MembershipInputs> = {}): Promise<MembershipInputs> {
  await newRun();
  const membership = membershipOf(nodes, more);
  expect((await handlers.membership.check({}, membership)).failures).toEqual([]);
  return membership;
}

/** What the state keeps of a Membership that was just created. */
async function created(nodes: readonly NodeState[], more: Partial<MembershipInputs> = {}): Promise<MembershipOutputs> {
  const news = await declare(nodes, more);
  return (await handlers.membership.create(news)).outs;
}

/** What the state keeps of it after an update in another run. */
async function updated(olds: MembershipOutputs, nodes: readonly NodeState[]): Promise<MembershipOutputs> {
  const news = await declare(nodes);
  return (await handlers.membership.update(CLUSTER, olds, news)).outs;
}

/** Lets these nodes form a cluster and returns what the state keeps of each. */
async function given(...nodes: readonly NodeState[]): Promise<Record<string, NodeOutputs>> {
  const { initialise } = await created(nodes);
  const state: Record<string, NodeOutputs> = {};
  for (const node of nodes) state[node.name] = (await handlers.node.create(inputs(node, { initialise: node.name === initialise }))).outs;
  await newRun();
  return state;
}

const reasons = async (check: Promise<{ failures: { reason: string }[] }>) => (await check).failures.map(({ reason }) => reason);

describe('what a change of a node means', () => {
  const olds: NodeOutputs = {
    ...inputs(w1), registrationAddress: '192.0.2.11', registrationPort: 6443, connection: {}, deleteDeadline: 20, machineId: 'f'.repeat(32), identity: 'uid',
    peers: [m1, m2],
  };
  const diff = (change: Partial<NodeInputs>) => handlers.node.diff('w1', olds, inputs({ ...w1, ...change }));

  test.each([
    ['labels', { labels: { rack: 'r2' } }], ['taints', { taints: [] }], ['zone', { zone: 'b' }],
    ['port', { port: 2222 }], ['user', { user: 'ops' }], ['hostKey', { hostKey: 'SHA256:new' }],
  ])('%s changes in place', async (_, change) => {
    await declare([m1, m2, m3, w1]);
    expect(await diff(change)).toMatchObject({ changes: true, replaces: [] });
  });

  test.each([
    ['address', { address: '192.0.2.99' }], ['internalAddress', { internalAddress: '10.0.0.9' }], ['role', { role: 'management' as const }],
  ])('another %s is another machine, which comes when the old one has left', async (key, change) => {
    await declare([m1, m2, m3, w1]);
    expect(await diff(change)).toMatchObject({ changes: true, replaces: [key], deleteBeforeReplace: true });
  });

  test('peers that come, and some that leave, are no change of the node', async () => {
    await declare([m2, m3, { ...m1, name: 'm4', address: '192.0.2.14' }, w1]);
    expect(await diff({})).toMatchObject({ changes: false });
  });

  test('a node that knows only management nodes that have left is told of the others', async () => {
    await declare([m3, w1]);
    expect(await diff({})).toMatchObject({ changes: true, replaces: [] });
    const { outs } = await handlers.node.update('w1', olds, inputs(w1));
    expect(outs.peers.map(({ name }) => name)).toEqual(['m3']);
    expect(await handlers.node.diff('w1', outs, inputs(w1))).toMatchObject({ changes: false });
  });

  test.each([
    ['connection', { connection: { user: 'ops' } }], ['registration address', { registrationAddress: 'llmos.example.com' }], ['deadline', { deadlines: { delete: 60 } }],
  ])('another %s is recorded, for the day the program does not run', async (_, more) => {
    await declare([m1, m2, m3, w1], more);
    expect(await diff({})).toMatchObject({ changes: true, replaces: [] });
    const { outs } = await handlers.node.update('w1', olds, inputs(w1));
    expect(await handlers.node.diff('w1', outs, inputs(w1))).toMatchObject({ changes: false });
  });

  test('a half-joined node is always carried on, also where a refresh forgot that it failed', async () => {
    await declare([m1, m2, m3, w1]);
    expect(await handlers.node.diff('w1', { ...olds, identity: '' }, inputs(w1))).toMatchObject({ changes: true, replaces: [] });
  });

  test('a node that is declared again joins again, because a removal of it may have been begun and never ended', async () => {
    const olds = await given(m1, w1);
    await newRun();
    expect((await handlers.membership.check(membershipOf([m1]), membershipOf([m1, w1]))).failures).toEqual([]);
    expect(await handlers.node.diff('w1', olds.w1!, inputs(w1))).toMatchObject({ changes: true, replaces: [] });
    await scene.api().fence('w1');
    await handlers.node.update('w1', olds.w1!, inputs(w1));
    expect(await scene.api().fencedNames()).toEqual([]);
    expect(await handlers.node.diff('m1', olds.m1!, inputs(m1))).toMatchObject({ changes: false });
  });

  test('how a machine is reached is recorded without asking the cluster; labels are not', async () => {
    await scene.setCluster({ apiAway: true });
    await declare([m1, m2, m3, w1]);
    const { outs } = await handlers.node.update('w1', olds, inputs({ ...w1, port: 2222, hostKey: 'SHA256:new' }));
    expect(outs).toMatchObject({ port: 2222, hostKey: 'SHA256:new' });
    await expect(handlers.node.update('w1', olds, inputs({ ...w1, labels: { rack: 'r2' } }))).rejects.toThrow(CLUSTER);
  });
});

describe('the live view', () => {
  const gone = { id: '' };

  function read(name: string, state: Record<string, NodeOutputs>): ReturnType<Handlers['node']['read']> {
    return newRun().then(() => handlers.node.read(name, state[name]!));
  }

  test('is what was recorded where nothing was changed by hand', async () => {
    const state = await given(m1, w1);
    expect(await read('w1', state)).toEqual({ id: 'w1', props: state.w1, inputs: { ...inputs(w1), initialise: false } });
  });

  test('shows our labels, taints and zone as the cluster has them, and nothing of others', async () => {
    const state = await given(m1, w1);
    await scene.api().applyNode('w1', { labels: { rack: 'r9', 'topology.kubernetes.io/zone': 'z', theirs: 'yes' }, taints: [{ key: 'gpu', value: 'other', effect: 'NoSchedule' }] });
    const { id, props, inputs: declared } = await read('w1', state);
    expect(id).toBe('w1');
    expect(declared).toMatchObject({ labels: { rack: 'r9' }, zone: 'z', taints: [] });
    // The record keeps what was declared, so that the next refresh finds the same.
    expect(props).toEqual({ ...state.w1, drift: { labels: expect.stringContaining('rack is r9 and declared r1'), taints: 'taint gpu=h200:NoSchedule is missing' } });
    await declare([m1, w1]);
    expect(await handlers.node.diff('w1', props, inputs(w1))).toMatchObject({ changes: true, replaces: [] });
  });

  test('says that a node is gone where the cluster has none and its machine is clean', async () => {
    const state = await given(m1, w1);
    await scene.api().deleteNode('w1', new Deadline(10));
    await scene.reinstall('w1');
    expect(await read('w1', state)).toMatchObject(gone);
  });

  test('keeps a node whose cluster does not answer', async () => {
    const state = await given(m1, w1);
    await scene.setCluster({ apiAway: true });
    await scene.reinstall('w1');
    expect(await read('w1', state)).toEqual({ id: 'w1', props: state.w1 });
    expect(console.log).toHaveBeenCalledWith(expect.stringMatching(/^w1 is left as it was recorded: cluster 'prod'/));
  });

  test('keeps a node that the cluster has not while its machine does not answer', async () => {
    const state = await given(m1, w1);
    await scene.api().deleteNode('w1', new Deadline(10));
    await scene.kill('w1');
    expect(await read('w1', state)).toMatchObject({ id: 'w1', props: { ...state.w1, drift: { missing: 'it had joined, and the cluster has no such Node' } } });
  });

  test('keeps a node that the cluster has not while its machine is set up', async () => {
    const state = await given(m1, w1);
    state.w1 = { ...state.w1!, name: 'w9' };
    expect(await read('w1', state)).toMatchObject({ id: 'w1' });
  });

  test('keeps a management node that is still a member of etcd', async () => {
    const state = await given(m1, m2, m3);
    await scene.kill('m3');
    await scene.loseNode('m3');
    await scene.reinstall('m3');
    await scene.revive('m3');
    expect((await scene.machine(m1).members()).map(({ node }) => node)).toContain('m3');
    expect(await read('m3', state)).toMatchObject({ id: 'm3', props: { ...state.m3, drift: { 'ghost member': expect.stringContaining('it has no Node') } } });
  });

  test('believes no other cluster', async () => {
    const state = await given(m1, w1);
    await scene.reinstall('w1');
    expect(await read('w1', { w1: { ...state.w1!, identity: 'another' } })).toMatchObject({ id: 'w1' });
  });

  test('finds the same each time it is asked, because the record keeps what was declared', async () => {
    const state = await given(m1, w1);
    new ByHand(folder).node('w1', node => { node.labels.rack = 'r9'; });
    const first = await read('w1', state);
    expect(first.props.drift).toEqual({ labels: 'label rack is r9 and declared r1' });
    expect(await read('w1', { w1: first.props })).toEqual(first);
  });

  test('counts as a difference in a refresh whatever it finds, and in a change only where that puts it right', async () => {
    const state = await given(m1, w1);
    const hand = new ByHand(folder);
    const olds = async () => (await read('w1', state)).props;
    hand.node('w1', node => { node.role = 'management'; });
    const role = await olds();
    expect(await handlers.node.diff('w1', role, inputs(w1))).toMatchObject({ changes: true });
    hand.restore();
    hand.node('w1', node => { node.taints = []; });
    const taints = await olds();
    await declare([m1, w1]);
    expect(await handlers.node.diff('w1', role, inputs(w1))).toMatchObject({ changes: false });
    expect(await handlers.node.diff('w1', taints, inputs(w1))).toMatchObject({ changes: true, replaces: [] });
    const { outs } = await handlers.node.update('w1', { ...taints, drift: { ...role.drift, ...taints.drift } }, inputs(w1));
    expect(outs.drift).toEqual(role.drift);
    expect((await scene.api().node('w1'))!.taints).toEqual(w1.taints);
  });

  test('of another machine behind the name lets nothing of that be changed before somebody says that it is meant', async () => {
    const state = await given(m1, w1);
    await scene.loseNode('w1');
    await scene.reinstall('w1');
    await new ByHand(folder).join(w1, m1);
    const { props: olds } = await read('w1', state);
    expect(olds).toEqual({ ...state.w1, drift: { machine: expect.stringContaining('another machine has its name') } });
    await declare([m1, w1]);
    const news = inputs({ ...w1, labels: { rack: 'r2' } });
    expect(await handlers.node.diff('w1', olds, inputs(w1))).toMatchObject({ changes: false });
    await expect(handlers.node.update('w1', olds, news)).rejects.toThrow(/^node 'w1': another machine has its name: .*, so nothing of it is changed; .*confirm w1 --reinstall/);
    expect((await scene.api().node('w1'))!.labels).not.toHaveProperty('rack');

    settings['llmos:confirmRemoval'] = '[{"name":"w1","removal":"reinstall"}]';
    await declare([m1, w1]);
    expect(await handlers.node.diff('w1', olds, inputs(w1))).toMatchObject({ changes: true, replaces: [] });
    const { outs } = await handlers.node.update('w1', olds, news);
    expect(outs).toEqual({ ...state.w1, ...news, machineId: (await scene.machine(w1).facts()).machineId, initialise: undefined });
    expect((await scene.api().node('w1'))!.labels).toMatchObject({ rack: 'r2', 'topology.kubernetes.io/zone': 'a' });
  });

  test('leaves a half-joined node as it is', async () => {
    const state = await given(m1, w1);
    await scene.api().deleteNode('w1', new Deadline(10));
    await scene.reinstall('w1');
    expect(await read('w1', { w1: { ...state.w1!, identity: '' } })).toMatchObject({ id: 'w1' });
  });
});

describe('what may leave', () => {
  test('a node whose name was confirmed, in a run that checked the membership', async () => {
    const state = await given(m1, w1);
    await declare([m1]);
    await expect(handlers.node.delete('w1', state.w1!)).rejects.toThrow("removal of 'w1' from cluster 'prod': a node is removed only when its name was confirmed");
    settings['llmos:confirmRemoval'] = '["w1"]';
    await newRun();
    await expect(handlers.node.delete('w1', state.w1!)).rejects.toThrow('membership was not checked in this run');
    expect((await scene.api().nodes()).map(({ name }) => name)).toContain('w1');
    await declare([m1]);
    await handlers.node.delete('w1', state.w1!);
    expect((await scene.api().nodes()).map(({ name }) => name)).toEqual(['m1']);
  });

  test('everything, where the cluster\'s name was confirmed and no membership is declared', async () => {
    const state = await given(m1, w1);
    settings['llmos:confirmDestroy'] = CLUSTER;
    await newRun();
    await handlers.node.delete('w1', state.w1!);
    await handlers.node.delete('m1', state.m1!);
    expect(await scene.machine(m1).leftovers()).toEqual([]);
  });

  test('with the whole cluster a machine that is gone, where that was said by its name', async () => {
    const state = await given(m1, w1);
    await scene.kill('w1');
    settings['llmos:confirmDestroy'] = CLUSTER;
    await newRun();
    await expect(handlers.node.delete('w1', state.w1!)).rejects.toThrow('npx llmos-nodes confirm w1 --unreachable');
    settings['llmos:confirmRemoval'] = '[{"name":"w1","removal":"unreachable"}]';
    await newRun();
    await handlers.node.delete('w1', state.w1!);
    expect((await scene.api().nodes()).map(({ name }) => name)).toEqual(['m1']);
  });
});

describe('how removals are confirmed', () => {
  test('in the definition and in the stack\'s configuration, and not in two ways', async () => {
    settings['llmos:confirmRemoval'] = '[{"name":"w1","removal":"unreachable"}, "m2"]';
    await newRun();
    expect(await reasons(handlers.membership.check(membershipOf([m1, w1]), membershipOf([m1], { confirmRemoval: ['w1'] })))).toEqual([
      'confirmRemoval and llmos:confirmRemoval (w1): this removal is confirmed more than once, in different ways, and only one can be meant; delete all but one',
    ]);
    expect(await reasons(handlers.membership.check(membershipOf([m1, w1]), membershipOf([m1], { confirmRemoval: ['m2'] })))).toEqual([]);
  });

  test.each(['w1', 'w1, w2', '["w1"]', '[{"name":"w1","drain":"force"}]'])('the stack may say %s', async written => {
    settings['llmos:confirmRemoval'] = written;
    await newRun();
    expect(await reasons(handlers.membership.check(membershipOf([m1, w1]), membershipOf([m1])))).toEqual([]);
  });

  test('what the stack says and nobody understands is refused, with everything else', async () => {
    settings['llmos:confirmRemoval'] = '[{"name":"w1","removal":"gone"}]';
    await newRun();
    expect(await reasons(handlers.membership.check(membershipOf([m1, w1]), membershipOf([m1])))).toEqual([
      expect.stringContaining("llmos:confirmRemoval of 'w1' (removal: gone): that cannot be chosen"), expect.stringContaining("removal from cluster 'prod' (w1)"),
    ]);
  });

  test('one that is left over is named and refuses nothing', async () => {
    expect(await reasons(handlers.membership.check(membershipOf([m1]), membershipOf([m1], { confirmRemoval: ['m9', 'm1'] })))).toEqual([]);
    expect(jest.mocked(console.log).mock.calls.flat()).toEqual([
      expect.stringMatching(/^warning: .*\(m9\): it matches no node any more/), expect.stringMatching(/^warning: .*\(m1\): that node stays/),
    ]);
  });
});

describe('the membership', () => {
  test('finds what nobody declared, and keeps that until somebody has', async () => {
    await given(m1, w1);
    const olds = { ...await created([m1, w1]), initialise: '' };
    const hand = new ByHand(folder);
    const w9: NodeState = { name: 'w9', role: 'worker', address: '192.0.2.29' };
    await hand.join(w9, m1);
    // A learner does not cost the quorum.
    hand.members(members => { members.push({ ...members[0]!, id: 'aa', name: 'm9-aaaaaaaa', node: 'm9', learner: true }); });
    await newRun();
    const { props } = await handlers.membership.read(CLUSTER, olds);
    expect(props).toEqual({ ...olds, drift: { w9: { 'not declared': expect.anything() }, m9: { 'ghost member': expect.stringContaining('it has no Node') } } });
    expect(await handlers.membership.diff(CLUSTER, props, membershipOf([m1, w1]))).toMatchObject({ changes: true });

    hand.restore();
    await declare([m1, w1]);
    expect(await handlers.membership.diff(CLUSTER, props, membershipOf([m1, w1]))).toMatchObject({ changes: false });
    expect(Object.keys((await updated(props, [m1, w1, w9])).drift!)).toEqual(['m9']);
  });

  test('is left as it was recorded where nobody answers', async () => {
    await given(m1, w1);
    const olds = await created([m1, w1]);
    await scene.kill('m1');
    await newRun();
    expect(await handlers.membership.read(CLUSTER, olds)).toEqual({ id: CLUSTER, props: olds });
  });

  test('takes out its confirmed dead before it looks at those that join', async () => {
    await given(m1, m2, m3);
    const olds = { ...await created([m1, m2, m3]), initialise: '' };
    await scene.kill('m2');
    const m4: NodeState = { name: 'm4', role: 'management', address: '192.0.2.14' };
    await scene.kill('m4');
    const news = await declare([m1, m3, m4], { confirmRemoval: [{ name: 'm2', removal: 'unreachable' }] });
    // The machine that would join is dead as well: nothing joins, and the dead one has left all the same.
    await expect(handlers.membership.update(CLUSTER, olds, news)).rejects.toThrow('192.0.2.14');
    expect((await scene.machine(m1).members()).map(({ node }) => node).sort()).toEqual(['m1', 'm3']);
  });

  test('that did not pass the gate lets no node come or go', async () => {
    await newRun();
    const refused = await reasons(handlers.membership.check(membershipOf([m1, w1]), membershipOf([m1])));
    expect(refused).toEqual([expect.stringContaining("removal from cluster 'prod' (w1)")]);
    expect(await reasons(handlers.node.check({}, inputs(m1)))).toEqual([expect.stringContaining('was not checked in this run')]);
  });

  test('of a cluster under another name is refused', async () => {
    expect(await reasons(handlers.membership.check(membershipOf([m1]), membershipOf([m1], { cluster: 'other' }))))
      .toEqual([expect.stringMatching(/^cluster 'prod' \(other\): a cluster keeps its name/)]);
  });

  test('an address that is not known yet is neither another machine nor the double of one', async () => {
    const unknown = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';
    const unmade = (node: NodeState) => ({ ...node, address: unknown });
    expect(await reasons(handlers.membership.check(membershipOf([m1, w1]), membershipOf([unmade(m1), unmade(w1)])))).toEqual([]);
  });

  test('may still start its cluster where the first run granted it and came to nothing', async () => {
    const olds = await created([m1]);
    expect(await updated(olds, [m1, w1])).toMatchObject({ initialise: 'm1' });
  });

  test('starts none where the machine that was granted it does not answer', async () => {
    const olds = await created([m1]);
    await scene.kill('m1');
    await expect(updated(olds, [m2, w1])).rejects.toThrow("cluster 'prod': none of its management nodes can be worked with");
  });

  test('starts none where the machine that was granted it has become the cluster', async () => {
    const olds = await created([m1]);
    await handlers.node.create(inputs(m1, { initialise: true }));
    expect(await updated(olds, [m2, m1, m3])).toMatchObject({ initialise: '', identity: await scene.api().identity() });
  });

  test('starts none in the place of the machine that has become the cluster', async () => {
    const olds = await created([m1]);
    await handlers.node.create(inputs(m1, { initialise: true }));
    expect(await updated(olds, [{ ...m1, address: '192.0.2.99' }])).toMatchObject({ initialise: '' });
  });

  test('may change while a declared member is still a learner, half-joined', async () => {
    await given(m1);
    await scene.setFaults('m2', { lagging: true });
    const olds = await created([m1, m2, m3], { deadlines: { create: 1 } });
    await expect(handlers.node.create(inputs(m2))).rejects.toMatchObject({ id: 'm2', properties: { identity: '' } });
    expect((await scene.machine(m1).members()).map(({ node, learner }) => `${node} ${learner}`)).toContain('m2 true');
    await expect(updated(olds, [{ ...m1, labels: { rack: 'r1' } }, m2, m3])).resolves.toBeDefined();
  });
});

test('management nodes take turns, whatever the engine starts at once; workers do not wait', async () => {
  const state = await given(m1, m2, m3);
  await declare([m1], { confirmRemoval: ['m2', 'm3'] });
  const lines: string[] = [];
  jest.spyOn(console, 'log').mockImplementation(line => { lines.push(String(line).split(' ')[0]!); });
  await Promise.all([handlers.node.delete('m3', state.m3!), handlers.node.delete('m2', state.m2!)]);
  expect(lines.filter((name, index) => name !== lines[index - 1])).toEqual(['m3', 'm2']);
});
