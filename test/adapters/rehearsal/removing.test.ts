import type { Machine } from '../../../src/membership/ports/machine';
import type { NodeView } from '../../../src/membership/ports/cluster-api';
import { AT_ONCE, begin, cluster, initialise, join, joining, machine, memberNames, now, rehearsal, removeFolders, settled, soon } from './cluster-fixture';

afterAll(removeFolders);
const silently = () => undefined;
const gone = (node: NodeView | undefined) => (node === undefined ? { done: true } as const : { done: false, reason: 'it is there' } as const);

/** The host's part of a removal. */
async function clean(host: Machine): Promise<void> {
  await host.blockRestart();
  await host.stopRuntime();
  await host.uninstall();
}

test('deleting a Node takes its etcd member out as well', async () => {
  const rehearsed = await cluster(['m1', 'm2', 'm3']);
  await machine(rehearsed, 'm3').blockRestart();
  await rehearsed.api().deleteNode('m3', soon());
  expect(await memberNames(rehearsed)).toEqual(['m1', 'm2']);
  await rehearsed.api().waitForNode('m3', gone, now());
});

test('deleting a Node that is gone is no error', async () => {
  const rehearsed = await cluster(['m1']);
  await rehearsed.api().deleteNode('m9', now());
});

test('the annotation takes just the member out and notes which one', async () => {
  const rehearsed = await cluster(['m1', 'm2', 'm3']);
  const [, , member] = await machine(rehearsed, 'm1').members();
  await machine(rehearsed, 'm3').blockRestart();
  await rehearsed.api().requestMemberRemoval('m3');
  expect(await memberNames(rehearsed)).toEqual(['m1', 'm2']);
  expect(await rehearsed.api().node('m3')).toMatchObject({ removedMember: member!.name, etcdIsVoter: false });
});

test('the annotation is ignored for the only voter', async () => {
  const rehearsed = await cluster(['m1']);
  await rehearsed.api().requestMemberRemoval('m1');
  expect(await memberNames(rehearsed)).toEqual(['m1']);
  expect((await rehearsed.api().node('m1'))?.removedMember).toBeUndefined();
  await join(rehearsed, ['m2']);
  await rehearsed.reboot('m2');
  await rehearsed.api().waitForNode('m2', settled, soon());
  expect(await memberNames(rehearsed)).toEqual(['m1', 'm2']);
});

test('of two voters one can be removed while both live', async () => {
  const rehearsed = await cluster(['m1', 'm2']);
  await machine(rehearsed, 'm2').blockRestart();
  await rehearsed.api().requestMemberRemoval('m2');
  expect(await memberNames(rehearsed)).toEqual(['m1']);
});

test('of two voters a stopped one can never be removed, because its vote is missing', async () => {
  const rehearsed = await cluster(['m1', 'm2']);
  await clean(machine(rehearsed, 'm2'));
  await expect(rehearsed.api().requestMemberRemoval('m2')).rejects.toThrow('etcd has no quorum: 1 of 2 voters answer');
  await expect(rehearsed.api().deleteNode('m2', now())).rejects.toThrow('etcd has no quorum');
});

test('etcd lets a dead member go and keeps a living one whose going would cost the quorum', async () => {
  const rehearsed = await cluster(['m1', 'm2', 'm3']);
  await rehearsed.kill('m3');
  await rehearsed.api().requestMemberRemoval('m2');
  expect(await memberNames(rehearsed)).toEqual(['m1', 'm2', 'm3']);
  await rehearsed.api().deleteNode('m3', soon());
  expect(await memberNames(rehearsed)).toEqual(['m1', 'm2']);
});

test('a removal that etcd refused is tried again until etcd agrees', async () => {
  const rehearsed = await cluster(['m1', 'm2', 'm3']);
  await machine(rehearsed, 'm2').blockRestart();
  await rehearsed.setFaults('m3', { unhealthy: true });
  await rehearsed.api().requestMemberRemoval('m2');
  expect(await memberNames(rehearsed)).toContain('m2');
  await rehearsed.setFaults('m3', { unhealthy: undefined });
  await rehearsed.api().waitForNode('m2', node => (node?.removedMember ? { done: true } : { done: false, reason: 'still a member' }), soon());
  expect(await memberNames(rehearsed)).toEqual(['m1', 'm3']);
});

test('a removed member that is not blocked joins again by itself, because systemd restarts it', async () => {
  const rehearsed = await cluster(['m1', 'm2', 'm3']);
  const before = (await machine(rehearsed, 'm1').members()).find(({ node }) => node === 'm3')!;
  await rehearsed.api().requestMemberRemoval('m3');
  await rehearsed.api().waitForNode('m3', settled, soon());
  const after = (await machine(rehearsed, 'm1').members()).find(({ node }) => node === 'm3')!;
  expect(after.id).not.toBe(before.id);
});

test('a machine that was removed while it was dead joins again when it is switched on', async () => {
  const rehearsed = await cluster(['m1', 'm2', 'm3', 'w1']);
  const api = rehearsed.api();
  for (const name of ['m3', 'w1']) {
    await rehearsed.kill(name);
    await api.deleteNode(name, soon());
    await rehearsed.revive(name);
    await api.waitForNode(name, settled, soon());
  }
  expect(await memberNames(rehearsed)).toEqual(['m1', 'm2', 'm3']);
});

test('a worker that was removed while it runs comes back at its next start', async () => {
  const rehearsed = await cluster(['m1', 'w1']);
  await rehearsed.api().deleteNode('w1', soon());
  await rehearsed.api().waitForNode('w1', gone, now());
  await rehearsed.reboot('w1');
  await rehearsed.api().waitForNode('w1', settled, soon());
});

test('a worker of a cluster that was made anew is refused for its old token', async () => {
  const rehearsed = await cluster(['m1', 'w1']);
  await clean(machine(rehearsed, 'm1'));
  await initialise(rehearsed);
  await rehearsed.reboot('w1');
  await expect(rehearsed.api().waitForNode('w1', settled, now())).rejects.toThrow('not settled');
});

test('a blocked machine stays out, also after a reboot, until the block is taken back', async () => {
  const rehearsed = await cluster(['m1', 'w1']);
  const w1 = machine(rehearsed, 'w1');
  await w1.blockRestart();
  expect((await rehearsed.api().node('w1'))?.ready).toBe(true);
  await rehearsed.api().deleteNode('w1', soon());
  await rehearsed.reboot('w1');
  await expect(rehearsed.api().waitForNode('w1', settled, now())).rejects.toThrow('not settled');
  await w1.allowRestart();
  await rehearsed.reboot('w1');
  await rehearsed.api().waitForNode('w1', settled, soon());
});

test('a fenced name can not register again, and can when the fence is lifted', async () => {
  const rehearsed = await cluster(['m1', 'w1']);
  const api = rehearsed.api();
  await api.ensureFence();
  await api.fence('w1');
  await api.fence('w1');
  expect(await api.fencedNames()).toEqual(['w1']);
  await api.deleteNode('w1', soon());
  await rehearsed.reboot('w1');
  await expect(api.waitForNode('w1', settled, now())).rejects.toThrow('not settled');
  const back = api.waitForNode('w1', settled, soon());
  await api.unfence('w1');
  await back;
});

test('a name in the list keeps nobody out while the policy is missing, and the proof shows that', async () => {
  const rehearsed = await cluster(['m1', 'w1']);
  const api = rehearsed.api();
  await api.fence('w1');
  expect(await api.fenceHolds('w1')).toBe(false);
  await api.deleteNode('w1', soon());
  await rehearsed.reboot('w1');
  await api.waitForNode('w1', settled, soon());
  await api.ensureFence();
  expect(await api.fenceHolds('w1')).toBe(true);
  expect(await api.fenceHolds('w2')).toBe(false);
});

test('the fence does not keep an etcd member from joining again, only its Node: a ghost is left', async () => {
  const rehearsed = await cluster(['m1', 'm2', 'm3']);
  const api = rehearsed.api();
  await api.ensureFence();
  await api.fence('m3');
  await rehearsed.kill('m3');
  await api.deleteNode('m3', soon());
  await rehearsed.revive('m3');
  await rehearsed.setCluster({ bootSeconds: 0 });
  expect((await machine(rehearsed, 'm1').members()).map(({ node }) => node)).toContain('m3');
  await api.waitForNode('m3', gone, now());
});

test('a machine that was set up anew is refused under its old name until the old Node is deleted', async () => {
  const rehearsed = await cluster(['m1', 'w1']);
  const oldId = (await machine(rehearsed, 'w1').facts()).machineId;
  await rehearsed.reinstall('w1');
  const w1 = machine(rehearsed, 'w1');
  expect(await w1.facts()).toMatchObject({ bootstrap: 'absent', machineId: expect.not.stringMatching(oldId) });
  await begin(rehearsed, 'w1', await joining(rehearsed, 'w1'));
  await expect(w1.waitForBootstrap(silently, now())).rejects.toThrow('node password rejected');
  await rehearsed.api().deleteNode('w1', soon());
  await w1.waitForBootstrap(silently, soon());
  expect((await rehearsed.api().node('w1'))?.machineId).not.toBe(oldId);
});

test('a removed and cleaned machine has nothing left and can join again', async () => {
  const rehearsed = await cluster(['m1', 'm2', 'm3', 'w1']);
  for (const name of ['m3', 'w1']) {
    const host = machine(rehearsed, name);
    await host.blockRestart();
    await rehearsed.api().deleteNode(name, soon());
    await host.stopRuntime();
    expect(await host.leftovers()).not.toEqual([]);
    await host.uninstall();
    expect(await host.leftovers()).toEqual([]);
    expect((await host.facts()).bootstrap).toBe('absent');
    await rehearsed.reboot(name);
    await rehearsed.api().waitForNode(name, gone, now());
    await join(rehearsed, [name]);
  }
});

test('a block ends a bootstrap that still runs, and taking it back starts it again', async () => {
  const rehearsed = await cluster(['m1']);
  await rehearsed.setFaults('w1', { installSeconds: 3600 });
  const w1 = await begin(rehearsed, 'w1', await joining(rehearsed, 'w1'));
  await w1.blockRestart();
  await w1.blockRestart();
  expect((await w1.facts()).bootstrap).toBe('configured');
  await expect(w1.waitForBootstrap(silently, soon())).rejects.toThrow('llmos.service does not run and has not finished');
  await w1.install({});
  expect((await w1.facts()).bootstrap).toBe('configured');
  await rehearsed.setFaults('w1', { installSeconds: undefined });
  await w1.allowRestart();
  await w1.waitForBootstrap(silently, soon());
});

test('LLMOS\'s own uninstall script leaves a running bootstrap and the config, and the machine joins after all', async () => {
  const rehearsed = await cluster(['m1']);
  await rehearsed.setCluster({ operatorUnready: true });
  const w1 = await begin(rehearsed, 'w1', await joining(rehearsed, 'w1'));
  await rehearsed.uninstallByHand('w1');
  expect(await w1.leftovers()).toEqual(['/etc/llmos/config.yaml', 'process llmos bootstrap', '/var/lib/llmos/working']);
  await rehearsed.setCluster({ operatorUnready: undefined });
  await rehearsed.api().waitForNode('w1', settled, soon());
});

test('an uninstall through the library ends a running bootstrap first and leaves nothing', async () => {
  const rehearsed = await cluster(['m1']);
  await rehearsed.setCluster({ operatorUnready: true });
  const w1 = await begin(rehearsed, 'w1', await joining(rehearsed, 'w1'));
  await w1.uninstall();
  expect(await w1.leftovers()).toEqual([]);
});

test('an uninstalled management node that nobody removed stays a member that does not answer', async () => {
  const rehearsed = await cluster(['m1', 'm2', 'm3']);
  await machine(rehearsed, 'm3').uninstall();
  expect(await memberNames(rehearsed)).toEqual(['m1', 'm2', 'm3']);
  expect(await machine(rehearsed, 'm3').memberHealthy()).toBe(false);
  expect((await rehearsed.api().node('m3'))?.ready).toBe(false);
});

test('labels and taints are applied under our own name and foreign ones are left alone', async () => {
  const rehearsed = await rehearsal();
  await initialise(rehearsed, 'm1', { labels: { theirs: 'a', disk: 'slow' }, taints: [{ key: 'theirs', effect: 'NoSchedule' }] });
  const api = rehearsed.api();
  await api.applyNode('m1', { labels: { disk: 'fast', rack: '7' }, taints: [{ key: 'gpu', value: 'h200', effect: 'NoSchedule' }] });
  await api.applyNode('m1', { labels: { rack: '8' }, taints: [] });
  const node = await api.node('m1');
  expect(node?.labels).toMatchObject({ theirs: 'a', rack: '8' });
  expect(node?.labels).not.toHaveProperty('disk');
  expect(node?.taints).toEqual([{ key: 'theirs', effect: 'NoSchedule' }]);
  await expect(api.applyNode('m9', { labels: {}, taints: [] })).rejects.toThrow("node 'm9': it is not in the cluster; let it join first");
});

test('a scene with a machine that never was is refused', async () => {
  const rehearsed = await cluster(['m1'], AT_ONCE);
  await expect(rehearsed.reboot('m9')).rejects.toThrow("machine 'm9': the rehearsal in");
});
