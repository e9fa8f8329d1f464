import { Deadline } from '../../../src/membership/deadline';
import type { NodeOutputs } from '../../../src/pulumi/state';
import { ByHand } from '../../adapters/rehearsal/by-hand';
import { type Handlers, inputs, m1, m2, m3, Provider, w1 } from './provider';

let provider: Provider;
beforeEach(async () => { provider = await Provider.start(); });
afterEach(() => provider.dispose());

describe('the live view', () => {
  const gone = { id: '' };

  function read(name: string, state: Record<string, NodeOutputs>): ReturnType<Handlers['node']['read']> {
    return provider.newRun().then(() => provider.node.read(name, state[name]!));
  }

  test('is what was recorded where nothing was changed by hand', async () => {
    const state = await provider.given(m1, w1);
    expect(await read('w1', state)).toEqual({ id: 'w1', props: state.w1, inputs: { ...inputs(w1), initialise: false } });
  });

  test('shows our labels, taints and zone as the cluster has them, and nothing of others', async () => {
    const state = await provider.given(m1, w1);
    await provider.rehearsed.api().applyNode('w1', { labels: { rack: 'r9', 'topology.kubernetes.io/zone': 'z', theirs: 'yes' }, taints: [{ key: 'gpu', value: 'other', effect: 'NoSchedule' }] });
    const { id, props, inputs: declared } = await read('w1', state);
    expect(id).toBe('w1');
    expect(declared).toMatchObject({ labels: { rack: 'r9' }, zone: 'z', taints: [] });
    // The record keeps what was declared, so that the next refresh finds the same.
    expect(props).toEqual({ ...state.w1, drift: { labels: expect.stringContaining('rack is r9 and declared r1'), taints: 'taint gpu=h200:NoSchedule is missing' } });
    await provider.declare([m1, w1]);
    expect(await provider.node.diff('w1', props, inputs(w1))).toMatchObject({ changes: true, replaces: [] });
  });

  test('says that a node is gone where the cluster has none and its machine is clean', async () => {
    const state = await provider.given(m1, w1);
    await provider.rehearsed.api().deleteNode('w1', new Deadline(10));
    await provider.rehearsed.reinstall('w1');
    expect(await read('w1', state)).toMatchObject(gone);
  });

  test('keeps a node whose cluster does not answer', async () => {
    const state = await provider.given(m1, w1);
    await provider.rehearsed.setCluster({ apiAway: true });
    await provider.rehearsed.reinstall('w1');
    expect(await read('w1', state)).toEqual({ id: 'w1', props: state.w1 });
    // The news is the cluster's, and no line a node.
    expect(await provider.node.read('m1', state.m1!)).toEqual({ id: 'm1', props: state.m1 });
    expect(jest.mocked(console.log).mock.calls.flat().filter(line => /is left as/.test(String(line)))).toEqual([
      expect.stringMatching(/^node 'w1', like everything that needs the same answer, is left as it was recorded: cluster 'prod'/),
    ]);
  });

  test('keeps a node that the cluster has not while its machine does not answer', async () => {
    const state = await provider.given(m1, w1);
    await provider.rehearsed.api().deleteNode('w1', new Deadline(10));
    await provider.rehearsed.kill('w1');
    expect(await read('w1', state)).toMatchObject({ id: 'w1', props: { ...state.w1, drift: { missing: 'it had joined, and the cluster has no such Node' } } });
  });

  test('keeps a node that the cluster has not while its machine is set up', async () => {
    const state = await provider.given(m1, w1);
    state.w1 = { ...state.w1!, name: 'w9' };
    expect(await read('w1', state)).toMatchObject({ id: 'w1' });
  });

  test('keeps a management node that is still a member of etcd', async () => {
    const state = await provider.given(m1, m2, m3);
    await provider.rehearsed.kill('m3');
    await provider.rehearsed.loseNode('m3');
    await provider.rehearsed.reinstall('m3');
    await provider.rehearsed.revive('m3');
    expect((await provider.rehearsed.machine(m1).members()).map(({ node }) => node)).toContain('m3');
    expect(await read('m3', state)).toMatchObject({ id: 'm3', props: { ...state.m3, drift: { 'ghost member': expect.stringContaining('it has no Node') } } });
  });

  test('believes no other cluster', async () => {
    const state = await provider.given(m1, w1);
    await provider.rehearsed.reinstall('w1');
    expect(await read('w1', { w1: { ...state.w1!, identity: 'another' } })).toMatchObject({ id: 'w1' });
  });

  test('finds the same each time it is asked, because the record keeps what was declared', async () => {
    const state = await provider.given(m1, w1);
    new ByHand(provider.folder).node('w1', node => { node.labels.rack = 'r9'; });
    const first = await read('w1', state);
    expect(first.props.drift).toEqual({ labels: 'label rack is r9 and declared r1' });
    expect(await read('w1', { w1: first.props })).toEqual(first);
  });

  test('counts as a difference in a refresh whatever it finds, and in a change only where that puts it right', async () => {
    const state = await provider.given(m1, w1);
    const hand = new ByHand(provider.folder);
    const olds = async () => (await read('w1', state)).props;
    hand.node('w1', node => { node.role = 'management'; });
    const role = await olds();
    expect(await provider.node.diff('w1', role, inputs(w1))).toMatchObject({ changes: true });
    hand.restore();
    hand.node('w1', node => { node.taints = []; });
    const taints = await olds();
    await provider.declare([m1, w1]);
    expect(await provider.node.diff('w1', role, inputs(w1))).toMatchObject({ changes: false });
    expect(await provider.node.diff('w1', taints, inputs(w1))).toMatchObject({ changes: true, replaces: [] });
    const { outs } = await provider.node.update('w1', { ...taints, drift: { ...role.drift, ...taints.drift } }, inputs(w1));
    expect(outs.drift).toEqual(role.drift);
    expect((await provider.rehearsed.api().node('w1'))!.taints).toEqual(w1.taints);
  });

  test('of another machine behind the name lets nothing of that be changed before somebody says that it is meant', async () => {
    const state = await provider.given(m1, w1);
    await provider.rehearsed.loseNode('w1');
    await provider.rehearsed.reinstall('w1');
    await new ByHand(provider.folder).join(w1, m1);
    const { props: olds } = await read('w1', state);
    expect(olds).toEqual({ ...state.w1, drift: { machine: expect.stringContaining('another machine has its name') } });
    await provider.declare([m1, w1]);
    const news = inputs({ ...w1, labels: { rack: 'r2' } });
    expect(await provider.node.diff('w1', olds, inputs(w1))).toMatchObject({ changes: false });
    await expect(provider.node.update('w1', olds, news)).rejects.toThrow(/^node 'w1': another machine has its name: .*, so nothing of it is changed; .*confirm w1 --reinstall/);
    expect((await provider.rehearsed.api().node('w1'))!.labels).not.toHaveProperty('rack');

    provider.settings['llmos:confirmRemoval'] = '[{"name":"w1","removal":"reinstall"}]';
    await provider.declare([m1, w1]);
    expect(await provider.node.diff('w1', olds, inputs(w1))).toMatchObject({ changes: true, replaces: [] });
    const { outs } = await provider.node.update('w1', olds, news);
    expect(outs).toEqual({ ...state.w1, ...news, machineId: (await provider.rehearsed.machine(w1).facts()).machineId, initialise: undefined });
    expect((await provider.rehearsed.api().node('w1'))!.labels).toMatchObject({ rack: 'r2', 'topology.kubernetes.io/zone': 'a' });
  });

  test('leaves a half-joined node as it is', async () => {
    const state = await provider.given(m1, w1);
    await provider.rehearsed.api().deleteNode('w1', new Deadline(10));
    await provider.rehearsed.reinstall('w1');
    expect(await read('w1', { w1: { ...state.w1!, identity: '' } })).toMatchObject({ id: 'w1' });
  });
});
