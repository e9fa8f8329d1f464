import { AT_ONCE, begin, cluster, initialise, join, joining, machine, memberNames, now, rehearsal, removeFolders, serverOf, settled, soon } from './cluster-fixture';

afterAll(removeFolders);
const silently = () => undefined;

test('a management node joins as a learner and becomes a voter when it has caught up', async () => {
  const rehearsed = await cluster(['m1']);
  await rehearsed.setFaults('m2', { lagging: true });
  const m2 = await begin(rehearsed, 'm2', await joining(rehearsed, 'm2'));
  await m2.waitForBootstrap(silently, soon());
  expect(await memberNames(rehearsed)).toEqual(['m1', 'm2 (learner)']);
  expect(await rehearsed.api().node('m2')).toMatchObject({ ready: true, etcdIsVoter: false });
  await rehearsed.setFaults('m2', { lagging: undefined });
  await rehearsed.api().waitForNode('m2', settled, soon());
  expect(await memberNames(rehearsed)).toEqual(['m1', 'm2']);
});

test('while there is a learner no other member may join', async () => {
  const rehearsed = await cluster(['m1']);
  await rehearsed.setFaults('m2', { lagging: true });
  await (await begin(rehearsed, 'm2', await joining(rehearsed, 'm2'))).waitForBootstrap(silently, soon());
  const m3 = await begin(rehearsed, 'm3', await joining(rehearsed, 'm3'));
  await expect(m3.waitForBootstrap(silently, now())).rejects.toThrow('etcdserver: too many learner members in cluster');
  await rehearsed.setFaults('m2', { lagging: undefined });
  await m3.waitForBootstrap(silently, soon());
  await rehearsed.api().waitForNode('m3', settled, soon());
  expect(await memberNames(rehearsed)).toEqual(['m1', 'm2', 'm3']);
});

test('two management nodes that join at once both get in, one after the other', async () => {
  const rehearsed = await cluster(['m1']);
  const config = await joining(rehearsed, 'm2');
  const both = await Promise.all(['m2', 'm3'].map(name => begin(rehearsed, name, config)));
  await Promise.all(both.map(host => host.waitForBootstrap(silently, soon())));
  await Promise.all(['m2', 'm3'].map(name => rehearsed.api().waitForNode(name, settled, soon())));
  expect((await memberNames(rehearsed)).sort()).toEqual(['m1', 'm2', 'm3']);
});

test('a learner that makes no progress for too long is thrown out, starts again and joins afresh', async () => {
  const rehearsed = await cluster(['m1']);
  await rehearsed.setFaults('m2', { lagging: true });
  await (await begin(rehearsed, 'm2', await joining(rehearsed, 'm2'))).waitForBootstrap(silently, soon());
  const first = (await machine(rehearsed, 'm1').members()).find(({ node }) => node === 'm2')!;
  await rehearsed.setCluster({ learnerSeconds: 0, bootSeconds: 3600 });
  await rehearsed.api().waitForNode('m2', node => (node?.ready ? { done: false, reason: 'not thrown out yet' } : { done: true }), soon());
  expect(await memberNames(rehearsed)).toEqual(['m1']);
  await rehearsed.setFaults('m2', { lagging: undefined });
  await rehearsed.setCluster({ learnerSeconds: undefined, bootSeconds: 0 });
  await rehearsed.reboot('m2');
  await rehearsed.api().waitForNode('m2', settled, soon());
  const second = (await machine(rehearsed, 'm1').members()).find(({ node }) => node === 'm2')!;
  expect(second.id).not.toBe(first.id);
});

test('a member that does not answer keeps every other machine from joining as a member', async () => {
  const rehearsed = await cluster(['m1', 'm2', 'm3']);
  await rehearsed.setFaults('m3', { unhealthy: true });
  const m4 = await begin(rehearsed, 'm4', await joining(rehearsed, 'm4'));
  await expect(m4.waitForBootstrap(silently, now())).rejects.toThrow('etcdserver: unhealthy cluster');
  await rehearsed.setFaults('m3', { unhealthy: undefined });
  await m4.waitForBootstrap(silently, soon());
});

test('workers join although a member does not answer', async () => {
  const rehearsed = await cluster(['m1', 'm2', 'm3']);
  await rehearsed.kill('m3');
  await join(rehearsed, ['w1']);
});

test('a member is healthy only while it answers and has a quorum behind it', async () => {
  const rehearsed = await cluster(['m1', 'm2', 'm3']);
  const health = () => Promise.all(['m1', 'm2', 'm3'].map(name => machine(rehearsed, name).memberHealthy()));
  expect(await health()).toEqual([true, true, true]);
  await rehearsed.setFaults('m2', { unhealthy: true });
  expect(await health()).toEqual([true, false, true]);
  expect((await rehearsed.api().node('m2'))?.ready).toBe(true);
  await rehearsed.kill('m3');
  expect(await health()).toEqual([false, false, false]);
});

test('without a majority of the voters nothing is read or written, and the reason counts them', async () => {
  const rehearsed = await cluster(['m1', 'm2', 'm3', 'w1']);
  await rehearsed.kill('m2');
  const api = rehearsed.api();
  await api.cordon('w1', 'removal');
  await rehearsed.kill('m3');
  const reason = 'etcd has no quorum: 1 of 3 voters answer';
  for (const ask of [() => api.nodes(), () => api.identity(), () => api.uncordon('w1'), () => api.fence('w1'), () => machine(rehearsed, 'm1').members()]) {
    await expect(ask()).rejects.toThrow(reason);
  }
  await expect(api.deleteNode('w1', now())).rejects.toThrow(`node 'w1': not done after 0 s (last seen: ${reason})`);
  await rehearsed.revive('m2');
  await api.waitForNode('m2', settled, soon());
  expect((await api.node('w1'))?.unschedulable).toBe(true);
});

test('a wait goes on over a lost quorum', async () => {
  const rehearsed = await cluster(['m1', 'm2', 'm3']);
  await Promise.all(['m2', 'm3'].map(name => rehearsed.kill(name)));
  const back = rehearsed.api().waitForNode('m3', settled, soon());
  await rehearsed.revive('m2');
  await rehearsed.revive('m3');
  await back;
});

test('an API server that is away answers nothing although etcd is well', async () => {
  const rehearsed = await cluster(['m1']);
  await rehearsed.setCluster({ apiAway: true });
  await expect(rehearsed.api().nodes()).rejects.toThrow('API server: no API server answers; bring the management nodes back');
  expect(await machine(rehearsed, 'm1').memberHealthy()).toBe(true);
  await rehearsed.setCluster({ apiAway: undefined });
  expect(await rehearsed.api().nodes()).toHaveLength(1);
});

test('the node of a dead machine is shown as Ready for a while, and as a voter for ever', async () => {
  const rehearsed = await cluster(['m1', 'm2', 'm3'], { ...AT_ONCE, notReadySeconds: 3600 });
  await rehearsed.kill('m3');
  expect(await rehearsed.api().node('m3')).toMatchObject({ ready: true, etcdIsVoter: true });
  await rehearsed.setCluster({ notReadySeconds: 0 });
  expect(await rehearsed.api().node('m3')).toMatchObject({ ready: false, notReadyReason: 'Kubelet stopped posting node status.', etcdIsVoter: true });
});

test('a machine that comes back with its data is the member it was', async () => {
  const rehearsed = await cluster(['m1', 'm2', 'm3']);
  const before = await machine(rehearsed, 'm1').members();
  await rehearsed.kill('m3');
  await rehearsed.revive('m3');
  await rehearsed.api().waitForNode('m3', settled, soon());
  expect(await machine(rehearsed, 'm1').members()).toEqual(before);
  expect(await machine(rehearsed, 'm3').memberHealthy()).toBe(true);
});

test('a wiped first node that is told to start a cluster starts a second one', async () => {
  const rehearsed = await cluster(['m1', 'm2', 'm3']);
  const first = await rehearsed.api().identity();
  await rehearsed.loseData('m1');
  const m1 = machine(rehearsed, 'm1');
  await rehearsed.api(m1).waitForNode('m1', settled, soon());
  expect(await rehearsed.api(m1).identity()).not.toBe(first);
  expect((await m1.members()).map(({ node }) => node)).toEqual(['m1']);
  expect(await rehearsed.api(machine(rehearsed, 'm2')).identity()).toBe(first);
});

test('a wiped first node that was pointed at a peer does not start a second cluster', async () => {
  const rehearsed = await cluster(['m1', 'm2', 'm3']);
  const m1 = machine(rehearsed, 'm1');
  await m1.joinBy(serverOf('m2'));
  await rehearsed.loseData('m1');
  await expect(rehearsed.api(m1).nodes()).rejects.toThrow('no management node runs at 10.0.1.1');
  // Its old member is still listed, so etcd's own check keeps it out until somebody removes that.
  await rehearsed.api(machine(rehearsed, 'm2')).deleteNode('m1', soon());
  await rehearsed.api(machine(rehearsed, 'm2')).waitForNode('m1', settled, soon());
  expect(await memberNames(rehearsed, 'm2')).toEqual(['m2', 'm3', 'm1']);
});

test('a stale member of the same name makes a join fail at once', async () => {
  const rehearsed = await cluster(['m1', 'm2', 'm3']);
  await rehearsed.loseNode('m3');
  await rehearsed.reinstall('m3');
  const m3 = machine(rehearsed, 'm3');
  await begin(rehearsed, 'm3', await joining(rehearsed, 'm3'));
  await expect(m3.waitForBootstrap(silently, soon())).rejects.toThrow('duplicate node name found');
});

test('a member without a Node is a ghost that nothing cleans up', async () => {
  const rehearsed = await cluster(['m1', 'm2', 'm3']);
  await rehearsed.loseNode('m3');
  await rehearsed.kill('m3');
  await rehearsed.api().deleteNode('m3', soon());
  expect(await memberNames(rehearsed)).toEqual(['m1', 'm2', 'm3']);
});

test('when the last copy of its data is wiped a cluster is gone', async () => {
  const rehearsed = await cluster(['m1', 'w1']);
  const first = await rehearsed.api().identity();
  await machine(rehearsed, 'm1').uninstall();
  await expect(rehearsed.api().identity()).rejects.toThrow('this rehearsal has no cluster yet');
  await initialise(rehearsed);
  expect(await rehearsed.api().identity()).not.toBe(first);
  expect((await rehearsed.api().nodes()).map(({ name }) => name)).toEqual(['m1']);
});

test('an API reached through a host answers only while that host runs', async () => {
  const rehearsed = await cluster(['m1', 'm2', 'm3']);
  const m1 = machine(rehearsed, 'm1');
  await rehearsed.kill('m1');
  await expect(rehearsed.api(m1).nodes()).rejects.toThrow('no management node runs at 10.0.1.1');
  expect(await rehearsed.api(machine(rehearsed, 'm2')).nodes()).toHaveLength(3);
  const elsewhere = await rehearsal();
  expect(() => elsewhere.api({ label: 'ops@10.9.9.9:22' } as never)).toThrow('machine ops@10.9.9.9:22: it is not part of this rehearsal');
});
