import type { NodeInputs, NodeOutputs } from '../../../src/pulumi/state';
import { REPORT_ONLY } from '../../../src/pulumi/report-only';
import { CLUSTER, inputs, m1, m2, m3, membershipOf, Provider, reasons, w1 } from './provider';

let provider: Provider;
beforeEach(async () => { provider = await Provider.start(); });
afterEach(() => provider.dispose());

describe('what a change of a node means', () => {
  const olds: NodeOutputs = {
    ...inputs(w1), registrationAddress: '192.0.2.11', registrationPort: 6443, connection: {}, deleteDeadline: 20, machineId: 'f'.repeat(32), identity: 'uid',
    peers: [m1, m2],
  };
  const diff = (change: Partial<NodeInputs>) => provider.node.diff('w1', olds, inputs({ ...w1, ...change }));

  test.each([
    ['labels', { labels: { rack: 'r2' } }], ['taints', { taints: [] }], ['zone', { zone: 'b' }],
    ['port', { port: 2222 }], ['user', { user: 'ops' }], ['hostKey', { hostKey: 'SHA256:new' }],
  ])('%s changes in place', async (_, change) => {
    await provider.declare([m1, m2, m3, w1]);
    expect(await diff(change)).toMatchObject({ changes: true, replaces: [] });
  });

  test.each([
    ['address', { address: '192.0.2.99' }], ['internalAddress', { internalAddress: '10.0.0.9' }], ['role', { role: 'management' as const }],
  ])('another %s is another machine, which comes when the old one has left', async (key, change) => {
    await provider.declare([m1, m2, m3, w1]);
    expect(await diff(change)).toMatchObject({ changes: true, replaces: [key], deleteBeforeReplace: true });
  });

  test('peers that come, and some that leave, are no change of the node', async () => {
    await provider.declare([m2, m3, { ...m1, name: 'm4', address: '192.0.2.14' }, w1]);
    expect(await diff({})).toMatchObject({ changes: false });
  });

  test('a node that knows only management nodes that have left is told of the others', async () => {
    await provider.declare([m3, w1]);
    expect(await diff({})).toMatchObject({ changes: true, replaces: [] });
    const { outs } = await provider.node.update('w1', olds, inputs(w1));
    expect(outs.peers.map(({ name }) => name)).toEqual(['m3']);
    expect(await provider.node.diff('w1', outs, inputs(w1))).toMatchObject({ changes: false });
  });

  test.each([
    ['connection', { connection: { user: 'ops' } }], ['registration address', { registrationAddress: 'llmos.example.com' }], ['deadline', { deadlines: { delete: 60 } }],
  ])('another %s is recorded, for the day the program does not run', async (_, more) => {
    await provider.declare([m1, m2, m3, w1], more);
    expect(await diff({})).toMatchObject({ changes: true, replaces: [] });
    const { outs } = await provider.node.update('w1', olds, inputs(w1));
    expect(await provider.node.diff('w1', outs, inputs(w1))).toMatchObject({ changes: false });
  });

  test('a half-joined node is always carried on, also where a refresh forgot that it failed', async () => {
    await provider.declare([m1, m2, m3, w1]);
    expect(await provider.node.diff('w1', { ...olds, identity: '' }, inputs(w1))).toMatchObject({ changes: true, replaces: [] });
  });

  test('a node that is declared again joins again, because a removal of it may have been begun and never ended', async () => {
    const olds = await provider.given(m1, w1);
    await provider.newRun();
    expect((await provider.membership.check(membershipOf([m1]), membershipOf([m1, w1]))).failures).toEqual([]);
    expect(await provider.node.diff('w1', olds.w1!, inputs(w1))).toMatchObject({ changes: true, replaces: [] });
    await provider.rehearsed.api().fence('w1');
    await provider.node.update('w1', olds.w1!, inputs(w1));
    expect(await provider.rehearsed.api().fencedNames()).toEqual([]);
    expect(await provider.node.diff('m1', olds.m1!, inputs(m1))).toMatchObject({ changes: false });
  });

  test('how a machine is reached is recorded without asking the cluster; labels are not', async () => {
    await provider.rehearsed.setCluster({ apiAway: true });
    await provider.declare([m1, m2, m3, w1]);
    const { outs } = await provider.node.update('w1', olds, inputs({ ...w1, port: 2222, hostKey: 'SHA256:new' }));
    expect(outs).toMatchObject({ port: 2222, hostKey: 'SHA256:new' });
    await expect(provider.node.update('w1', olds, inputs({ ...w1, labels: { rack: 'r2' } }))).rejects.toThrow(CLUSTER);
  });
});

describe('a preview for a report', () => {
  beforeEach(() => { process.env[REPORT_ONLY] = 'true'; });
  afterEach(() => { delete process.env[REPORT_ONLY]; });

  test('lets through what the report judges by itself, and no release that a node cannot be brought to', async () => {
    await provider.newRun();
    expect(await reasons(provider.membership.check(membershipOf([m1, m2, m3, w1]), membershipOf([m1])))).toEqual([]);
    expect(await reasons(provider.node.check(inputs(m1), inputs({ ...m1, address: '192.0.2.99' })))).toEqual([]);
    const [from, to] = ['v1.34.4+k3s1', 'v1.36.0+k3s1'].map(kubernetesVersion => inputs(m1, { kubernetesVersion }));
    expect(await reasons(provider.node.check(from!, to!))).toEqual([expect.stringContaining('no minor version may be left out')]);
  });

  test('refuses a confirmation that cannot be read, because the report would take it for none', async () => {
    await provider.newRun();
    const confirmRemoval = [{ name: 'm3', removal: 'perhaps' as 'clean' }];
    expect(await reasons(provider.membership.check({}, membershipOf([m1], { confirmRemoval })))).toEqual([expect.stringContaining('perhaps')]);
  });
});
