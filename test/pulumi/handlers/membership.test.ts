import type { MembershipInputs, NodeState } from '../../../src/pulumi/state';
import { ByHand } from '../../adapters/rehearsal/by-hand';
import { CLUSTER, inputs, m1, m2, m3, membershipOf, Provider, reasons, w1 } from './provider';

let provider: Provider;
beforeEach(async () => { provider = await Provider.start(); });
afterEach(() => provider.dispose());

describe('the membership', () => {
  test('finds what nobody declared, and keeps that until somebody has', async () => {
    await provider.given(m1, w1);
    const olds = { ...await provider.created([m1, w1]), initialise: '' };
    const hand = new ByHand(provider.folder);
    const w9: NodeState = { name: 'w9', role: 'worker', address: '192.0.2.29' };
    await hand.join(w9, m1);
    // A learner does not cost the quorum.
    hand.members(members => { members.push({ ...members[0]!, id: 'aa', name: 'm9-aaaaaaaa', node: 'm9', learner: true }); });
    await provider.newRun();
    const { props } = await provider.membership.read(CLUSTER, olds);
    expect(props).toEqual({ ...olds, drift: { w9: { 'not declared': expect.anything() }, m9: { 'ghost member': expect.stringContaining('it has no Node') } } });
    expect(await provider.membership.diff(CLUSTER, props, membershipOf([m1, w1]))).toMatchObject({ changes: true });

    hand.restore();
    await provider.declare([m1, w1]);
    expect(await provider.membership.diff(CLUSTER, props, membershipOf([m1, w1]))).toMatchObject({ changes: false });
    expect(Object.keys((await provider.updated(props, [m1, w1, w9])).drift!)).toEqual(['m9']);
  });

  test('is left as it was recorded where nobody answers', async () => {
    await provider.given(m1, w1);
    const olds = await provider.created([m1, w1]);
    await provider.rehearsed.kill('m1');
    await provider.newRun();
    expect(await provider.membership.read(CLUSTER, olds)).toEqual({ id: CLUSTER, props: olds });
  });

  test('takes out its confirmed dead before it looks at those that join', async () => {
    await provider.given(m1, m2, m3);
    const olds = { ...await provider.created([m1, m2, m3]), initialise: '' };
    await provider.rehearsed.kill('m2');
    const m4: NodeState = { name: 'm4', role: 'management', address: '192.0.2.14' };
    await provider.rehearsed.kill('m4');
    const news = await provider.declare([m1, m3, m4], { confirmRemoval: [{ name: 'm2', removal: 'unreachable' }] });
    // The machine that would join is dead as well: nothing joins, and the dead one has left all the same.
    await expect(provider.membership.update(CLUSTER, olds, news)).rejects.toThrow('192.0.2.14');
    expect((await provider.rehearsed.machine(m1).members()).map(({ node }) => node).sort()).toEqual(['m1', 'm3']);
  });

  test('keeps the management nodes that leave until it has seen the cluster without them', async () => {
    const { m3: leaving } = await provider.given(m1, m2, m3);
    const olds = { ...await provider.created([m1, m2, m3]), initialise: '' };
    const left = await provider.updated(olds, [m1, m2]);
    expect(left.leaving).toEqual([{ ...m3, uid: (await provider.rehearsed.api().node('m3'))!.uid }]);
    await provider.newRun();
    expect((await provider.membership.read(CLUSTER, left)).props).toEqual({ ...left, drift: expect.anything() });
    expect((await provider.updated(left, [m1, m2])).leaving).toEqual(left.leaving);
    const moved = await provider.updated(left, [m1, m2, { ...m3, address: '192.0.2.98' }]);
    expect((await provider.updated(moved, [m1, m2, { ...m3, address: '192.0.2.99' }])).leaving).toEqual(left.leaving);
    expect(await provider.updated(left, [m1, m2, m3])).not.toHaveProperty('leaving');

    await provider.declare([m1, m2], { confirmRemoval: ['m3'] });
    await provider.node.delete('m3', leaving!);
    expect(await provider.updated(left, [m1, m2])).not.toHaveProperty('leaving');
  });

  test('has something to do where one that leaves is confirmed as gone, and only then', async () => {
    await provider.given(m1, m2, m3);
    const left = await provider.updated({ ...await provider.created([m1, m2, m3]), initialise: '' }, [m1, m2]);
    const change = async (...confirmRemoval: MembershipInputs['confirmRemoval']) => {
      const news = await provider.declare([m1, m2], { confirmRemoval });
      return provider.membership.diff(CLUSTER, left, news);
    };
    expect(await change()).toEqual({ changes: false });
    expect(await change('m3')).toEqual({ changes: false });
    expect(await change({ name: 'm3', removal: 'unreachable' })).toEqual({ changes: true });
    provider.settings['llmos:confirmRemoval'] = '[{"name":"m3","removal":"unreachable"}]';
    expect(await change()).toEqual({ changes: true });
    await provider.newRun();
    expect(await provider.membership.diff(CLUSTER, left, membershipOf([m1, m2]))).toEqual({ changes: false });
  });

  test('that did not pass the gate lets no node come or go', async () => {
    await provider.newRun();
    const refused = await reasons(provider.membership.check(membershipOf([m1, w1]), membershipOf([m1])));
    expect(refused).toEqual([expect.stringContaining("removal from cluster 'prod' (w1)")]);
    expect(await reasons(provider.node.check({}, inputs(m1)))).toEqual([expect.stringContaining('was not checked in this run')]);
  });

  test('an upgrade in the change in which management nodes leave is refused, unless they are gone and leave first', async () => {
    const check = (after: readonly NodeState[], confirmRemoval: MembershipInputs['confirmRemoval']) => reasons(provider.membership.check(
      membershipOf([m1, m2, m3, w1]), membershipOf(after, { confirmRemoval, settings: { kubernetesVersion: 'v1.34.5+k3s1' } }),
    ));
    expect(await check([m1, w1], ['m2', 'm3'])).toEqual([
      "kubernetesVersion of cluster 'prod' (v1.34.4+k3s1 → v1.34.5+k3s1): m2, m3 would leave in the same change, which is last, and no worker is ever ahead of an API server that runs; "
      + 'make two changes of it: the removal and the upgrade, each with a `pulumi up` of its own',
    ]);
    expect(await check([m1, m2, w1], [{ name: 'm3', removal: 'unreachable' }])).toEqual([]);
    await provider.newRun();
    expect(await check([m1, m2, m3], ['w1'])).toEqual([]);
  });

  test('of two Clusters with charts of one name the second is refused', async () => {
    await provider.declare([m1, m2, m3]);
    expect(await reasons(provider.membership.check({}, membershipOf([m1, m2, m3])))).toEqual([]);
    expect(await reasons(provider.membership.check({}, membershipOf([{ ...m1, address: '192.0.2.91' }])))).toEqual([
      "cluster 'prod': two Clusters of this program have a chart of that name; give each chart a name of its own",
    ]);
  });

  test('of a cluster under another name is refused', async () => {
    expect(await reasons(provider.membership.check(membershipOf([m1]), membershipOf([m1], { cluster: 'other' }))))
      .toEqual([expect.stringMatching(/^cluster 'prod' \(other\): a cluster keeps its name/)]);
  });

  test('an address that is not known yet is neither another machine nor the double of one', async () => {
    const unknown = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';
    const unmade = (node: NodeState) => ({ ...node, address: unknown });
    expect(await reasons(provider.membership.check(membershipOf([m1, w1]), membershipOf([unmade(m1), unmade(w1)])))).toEqual([]);
  });

  test('may still start its cluster where the first run granted it and came to nothing', async () => {
    const olds = await provider.created([m1]);
    expect(await provider.updated(olds, [m1, w1])).toMatchObject({ initialise: 'm1' });
  });

  test('starts none where the machine that was granted it does not answer', async () => {
    const olds = await provider.created([m1]);
    await provider.rehearsed.kill('m1');
    await expect(provider.updated(olds, [m2, w1])).rejects.toThrow("cluster 'prod': none of its management nodes can be worked with");
  });

  test('starts none where the machine that was granted it has become the cluster', async () => {
    const olds = await provider.created([m1]);
    await provider.node.create(inputs(m1, { initialise: true }));
    expect(await provider.updated(olds, [m2, m1, m3])).toMatchObject({ initialise: '', identity: await provider.rehearsed.api().identity() });
  });

  test('starts none in the place of the machine that has become the cluster', async () => {
    const olds = await provider.created([m1]);
    await provider.node.create(inputs(m1, { initialise: true }));
    expect(await provider.updated(olds, [{ ...m1, address: '192.0.2.99' }])).toMatchObject({ initialise: '' });
  });

  test('may change while a declared member is still a learner, half-joined', async () => {
    await provider.given(m1);
    await provider.rehearsed.setFaults('m2', { lagging: true });
    const olds = await provider.created([m1, m2, m3], { deadlines: { create: 1 } });
    await expect(provider.node.create(inputs(m2))).rejects.toMatchObject({ id: 'm2', properties: { identity: '' } });
    expect((await provider.rehearsed.machine(m1).members()).map(({ node, learner }) => `${node} ${learner}`)).toContain('m2 true');
    await expect(provider.updated(olds, [{ ...m1, labels: { rack: 'r1' } }, m2, m3])).resolves.toBeDefined();
  });
});
