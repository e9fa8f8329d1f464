import { Deadline } from '../../../src/membership/deadline';
import { AT_ONCE, begin, joining, rehearsal, removeFolders } from '../../adapters/rehearsal/cluster-fixture';
import { Scene, target } from '../scene';

afterAll(removeFolders);

/** Nothing is left of what a removal prepared. */
async function expectWhole(scene: Scene, name: string): Promise<void> {
  expect(await scene.api.node(name)).toMatchObject({ unschedulable: false });
  expect(await scene.api.fencedNames()).toEqual([]);
  await scene.rehearsed.reboot(name);
  await scene.api.waitForNode(name, node => (node?.ready ? { done: true } : { done: false, reason: 'it does not start again' }), new Deadline(5));
}

/** Where a call comes in the record; it has to be there. */
function place(scene: Scene, call: string, from = 0): number {
  const index = scene.calls.indexOf(call, from);
  expect(`${call} ${index < 0 ? 'missing' : 'there'}`).toBe(`${call} there`);
  return index;
}

describe('a management node leaves', () => {
  test('in this order: lock, guard, snapshot, cordon, drain, fence, block, guard, member, stop, Node, uninstall, verify, unlock', async () => {
    const scene = await Scene.of('m1', 'm2', 'm3');
    await scene.rehearsed.deploy({ name: 'web', node: 'm3' });
    await scene.api.waitForPods('m3', pods => (pods.some(({ name }) => name.startsWith('web')) ? { done: true } : { done: false, reason: '' }), new Deadline(5));
    await scene.remove('m3');
    expect(scene.changes()).toEqual([
      'api.putLease', 'm1.snapshot', 'api.cordon', 'api.evict', 'api.ensureFence', 'api.fence', 'api.fenceHolds', 'm3.blockRestart',
      'api.requestMemberRemoval', 'm3.stopRuntime', 'api.deleteNode', 'm3.uninstall', 'm1.joinBy', 'm2.joinBy', 'api.putLease',
    ]);
    const firstGuard = place(scene, 'm3.memberHealthy');
    expect(firstGuard).toBeGreaterThan(place(scene, 'api.putLease'));
    expect(firstGuard).toBeLessThan(place(scene, 'm1.snapshot'));
    const secondGuard = place(scene, 'm3.memberHealthy', place(scene, 'm3.blockRestart'));
    expect(secondGuard).toBeLessThan(place(scene, 'api.requestMemberRemoval'));
    const verified = place(scene, 'm1.members', place(scene, 'api.requestMemberRemoval'));
    expect(verified).toBeLessThan(place(scene, 'm3.stopRuntime'));
    expect(place(scene, 'm3.leftovers')).toBeGreaterThan(place(scene, 'm3.uninstall'));
  });

  test('for good: no member, no Node, nothing on the machine, its name fenced', async () => {
    const scene = await Scene.of('m1', 'm2', 'm3');
    await scene.remove('m3');
    expect(await scene.members()).toEqual(['m1', 'm2']);
    expect(await scene.api.node('m3')).toBeUndefined();
    expect(await scene.machine('m3').leftovers()).toEqual([]);
    expect(await scene.api.fencedNames()).toEqual(['m3']);
    expect((await scene.api.lease())?.holder).toBe('');
  });

  test('a second call finds everything done', async () => {
    const scene = await Scene.of('m1', 'm2', 'm3');
    await scene.remove('m3');
    await scene.remove('m3');
    expect(await scene.members()).toEqual(['m1', 'm2']);
  });

  test('the first node of the cluster can leave, and no second cluster starts', async () => {
    const scene = await Scene.of('m1', 'm2', 'm3');
    await scene.remove('m1');
    expect(await scene.members('m2')).toEqual(['m2', 'm3']);
    expect(await scene.machine('m1').leftovers()).toEqual([]);
  });
});

describe('a removal that would cost the quorum', () => {
  test('is refused before anything is touched', async () => {
    const scene = await Scene.of('m1', 'm2', 'm3');
    await scene.rehearsed.setFaults('m2', { unhealthy: true });
    await expect(scene.remove('m3')).rejects.toThrow("removing 'm3' from cluster 'prod': 2 of 3 voters are healthy; removing m3 leaves 2 voters of which 1 healthy");
    expect(scene.changes()).toEqual(['api.putLease', 'api.putLease']);
  });

  test('is refused by the second guard where a member fell ill in between, and everything is taken back', async () => {
    const scene = await Scene.of('m1', 'm2', 'm3');
    scene.hooks.set('m3.blockRestart', async proceed => {
      await proceed();
      await scene.rehearsed.setFaults('m2', { unhealthy: true });
    });
    await expect(scene.remove('m3')).rejects.toThrow("removing 'm3' from cluster 'prod'");
    await scene.rehearsed.setFaults('m2', { unhealthy: undefined });
    expect(scene.calls).not.toContain('api.requestMemberRemoval');
    expect(await scene.members()).toEqual(['m1', 'm2', 'm3']);
    expect((await scene.api.lease())?.holder).toBe('');
    await expectWhole(scene, 'm3');
  });

  test('is refused where somebody else holds the lock, and nothing is touched', async () => {
    const scene = await Scene.of('m1', 'm2', 'm3');
    await scene.api.putLease({ holder: 'ann@laptop (process 7)', acquiredAt: Date.now(), renewedAt: Date.now(), durationSeconds: 60 }, undefined);
    await expect(scene.remove('m3')).rejects.toThrow('ann@laptop');
    expect(scene.changes()).toEqual([]);
  });

  test('the only management node is not removed from a cluster that stays', async () => {
    const scene = await Scene.of('m1', 'w1');
    await expect(scene.remove('m1')).rejects.toThrow("none is known besides 'm1'");
    expect(scene.changes()).toEqual([]);
  });
});

describe('what was prepared is taken back', () => {
  test.each(['m1.snapshot', 'api.evict', 'api.fence', 'api.fenceHolds', 'm3.blockRestart'])('where %s fails', async call => {
    const scene = await Scene.of('m1', 'm2', 'm3');
    await scene.rehearsed.deploy({ name: 'web', node: 'm3' });
    await scene.api.waitForPods('m3', pods => (pods.some(({ name }) => name.startsWith('web')) ? { done: true } : { done: false, reason: '' }), new Deadline(5));
    // Done and then failed: the answer got lost.
    scene.hooks.set(call, async proceed => { await proceed(); throw new Error('connection lost'); });
    await expect(scene.remove('m3')).rejects.toThrow('connection lost');
    await expectWhole(scene, 'm3');
  });

  test('where the fence does not hold, because the machine could come back', async () => {
    const scene = await Scene.of('m1', 'w1');
    scene.hooks.set('api.fenceHolds', async () => false);
    await expect(scene.remove('w1')).rejects.toThrow("fence for 'w1': the API server would still accept a Node of that name");
    expect(scene.calls).not.toContain('w1.stopRuntime');
    await expectWhole(scene, 'w1');
  });

  test('where the lock was lost before the member is removed', async () => {
    const scene = await Scene.of('m1', 'm2', 'm3');
    scene.hooks.set('api.putLease', async (_, lease: object) => ({ ...lease, renewedAt: 0, version: '1' }));
    await expect(scene.remove('m3')).rejects.toThrow('it could not be renewed');
    expect(await scene.members()).toEqual(['m1', 'm2', 'm3']);
    await expectWhole(scene, 'm3');
  });

  test('where no time is left for the removal of the member', async () => {
    const scene = await Scene.of('m1', 'm2', 'm3');
    let now = 0;
    scene.hooks.set('m3.blockRestart', async proceed => { await proceed(); now = 60_000; });
    await expect(scene.remove('m3', { deadline: new Deadline(60, { now: () => now }) })).rejects.toThrow("etcd member of 'm3': not done after 60 s (last seen: everything is prepared, and no time is left");
    expect(await scene.members()).toEqual(['m1', 'm2', 'm3']);
    await expectWhole(scene, 'm3');
  });

  test('also what an earlier, killed run had prepared', async () => {
    const scene = await Scene.of('m1', 'm2', 'm3');
    await scene.api.ensureFence();
    await scene.api.fence('m3');
    await scene.machine('m3').blockRestart();
    scene.hooks.set('m3.blockRestart', async proceed => { await proceed(); scene.hooks.set('m2.memberHealthy', async () => false); });
    await expect(scene.remove('m3')).rejects.toThrow("removing 'm3' from cluster 'prod'");
    await expectWhole(scene, 'm3');
  });

  test('but a cordon that stood before may be the user\'s own and is left', async () => {
    const scene = await Scene.of('m1', 'w1');
    await scene.rehearsed.cordon('w1');
    scene.failing('w1.blockRestart', 'connection lost');
    await expect(scene.remove('w1')).rejects.toThrow('connection lost');
    expect(await scene.api.node('w1')).toMatchObject({ unschedulable: true });
    expect(await scene.api.fencedNames()).toEqual([]);
  });

  test('and what could not be taken back is said, with the reason and the remedy', async () => {
    const scene = await Scene.of('m1', 'w1');
    scene.failing('w1.blockRestart', 'connection lost');
    scene.failing('api.unfence', 'API server is away');
    await expect(scene.remove('w1')).rejects.toThrow(
      /^removing 'w1': removing 'w1' \(keeping the machine from starting again\): connection lost; .*\nthe node stays in the cluster, and this could not be taken back: the fence \(API server is away\); run `pulumi up` again/);
    expect(await scene.api.node('w1')).toMatchObject({ unschedulable: false });
  });
});

describe('what cannot be taken back is carried on by the next run, and never undone', () => {
  test.each(['api.requestMemberRemoval', 'm3.stopRuntime', 'api.deleteNode', 'm3.uninstall'])('where the answer of %s got lost', async call => {
    const scene = await Scene.of('m1', 'm2', 'm3');
    scene.hooks.set(call, async proceed => { await proceed(); throw new Error('connection lost'); });
    await expect(scene.remove('m3')).rejects.toThrow('connection lost');
    expect(scene.calls.filter(each => /allowRestart|unfence/.test(each))).toEqual([]);
    expect(await scene.api.fencedNames()).toEqual(['m3']);
    // The machine does not come back by itself, whatever happens to it meanwhile.
    await scene.rehearsed.reboot('m3');
    scene.hooks.clear();
    await scene.remove('m3');
    expect(await scene.members()).toEqual(['m1', 'm2']);
    expect(await scene.machine('m3').leftovers()).toEqual([]);
    expect(await scene.api.node('m3')).toBeUndefined();
  });

  test('a run that was killed after the member was removed: the next one takes nothing back if it fails as well', async () => {
    const scene = await Scene.of('m1', 'm2', 'm3');
    scene.hooks.set('m3.stopRuntime', async () => { throw new Error('killed'); });
    await expect(scene.remove('m3')).rejects.toThrow('killed');
    scene.hooks.clear();
    scene.hooks.set('m3.blockRestart', async proceed => { await proceed(); throw new Error('connection lost'); });
    await expect(scene.remove('m3')).rejects.toThrow('connection lost');
    expect(scene.calls.filter(call => /allowRestart|unfence/.test(call))).toEqual([]);
    await scene.rehearsed.reboot('m3');
    expect(await scene.members()).toEqual(['m1', 'm2']);
  });

  test.each(['w1.stopRuntime', 'api.deleteNode', 'w1.uninstall'])('a worker: where the answer of %s got lost', async call => {
    const scene = await Scene.of('m1', 'w1');
    scene.hooks.set(call, async proceed => { await proceed(); throw new Error('connection lost'); });
    await expect(scene.remove('w1')).rejects.toThrow('connection lost');
    expect(scene.calls.filter(each => /allowRestart|unfence/.test(each))).toEqual([]);
    scene.hooks.clear();
    await scene.remove('w1');
    expect(await scene.api.node('w1')).toBeUndefined();
    expect(await scene.machine('w1').leftovers()).toEqual([]);
  });

  test('a member that is still in the list is not stopped: with two voters that would cost the quorum', async () => {
    const scene = await Scene.of('m1', 'm2');
    scene.hooks.set('api.requestMemberRemoval', async () => undefined);
    await expect(scene.remove('m2', { deadline: new Deadline(0.6) })).rejects.toThrow("etcd member of 'm2': not done after 0.6 s (last seen: it is still in the member list)");
    expect(scene.calls).not.toContain('m2.stopRuntime');
    expect(await scene.members()).toEqual(['m1', 'm2']);
  });

  test('etcd that answers nobody for a moment, as when the leader leaves, does not end the removal', async () => {
    const scene = await Scene.of('m1', 'm2', 'm3');
    let asked = 0;
    scene.hooks.set('api.requestMemberRemoval', async proceed => {
      await proceed();
      scene.hooks.set('m1.members', async ask => { if (asked++ < 2) throw new Error('etcd has no leader'); return ask(); });
    });
    await scene.remove('m3');
    expect(await scene.members()).toEqual(['m1', 'm2']);
  });
});

test('a machine on which something is left is not reported as clean', async () => {
  const scene = await Scene.of('m1', 'w1');
  scene.hooks.set('w1.leftovers', async () => ['/var/lib/kubelet', 'process containerd-shim (7)']);
  await expect(scene.remove('w1')).rejects.toThrow("machine 'w1' (/var/lib/kubelet, process containerd-shim (7)): it is out of the cluster and fenced, but this is left on it; run `pulumi up` again");
});

test('a drain that takes long leaves time for what cannot be taken back', async () => {
  const scene = await Scene.of('m1', 'm2', 'm3');
  await scene.rehearsed.deploy({ name: 'web', node: 'm3', minAvailable: 1 });
  await scene.api.waitForPods('m3', pods => (pods.some(({ name, ready }) => name.startsWith('web') && ready) ? { done: true } : { done: false, reason: '' }), new Deadline(5));
  await expect(scene.remove('m3', { deadline: new Deadline(0.4) })).rejects.toThrow(/drain of 'm3': not done after 0\.[23]\d* s \(last seen: held back: default\/web-/);
  await expectWhole(scene, 'm3');
});

describe('the machine is the one that is meant, or it is not touched', () => {
  test('another machine behind the address', async () => {
    const scene = await Scene.of('m1', 'w1');
    await expect(scene.remove('w1', { machineId: 'recorded' })).rejects.toThrow(/node 'w1' \(machine-id .*\): root@10\.0\.2\.1:22 is not the machine that joined \(machine-id recorded\), so it is not touched/);
    expect(scene.changes()).toEqual([]);
  });

  test('the same machine, which is another node now', async () => {
    const scene = await Scene.of('m1', 'w1');
    const node = target('w9', { address: '10.0.2.1' });
    await expect(scene.remove('w9', { node })).rejects.toThrow("node 'w9' (root@10.0.2.1:22): that machine is set up as node 'w1' now, so it is not touched");
    expect(scene.changes()).toEqual([]);
  });

  test('a machine that does not answer is not taken for removed', async () => {
    const scene = await Scene.of('m1', 'w1');
    await scene.rehearsed.kill('w1');
    await expect(scene.remove('w1')).rejects.toThrow('it does not answer over SSH');
    expect(scene.changes()).toEqual([]);
  });
});

describe('a node that joined half-way', () => {
  test('a worker whose bootstrap still runs is ended, fenced and cleaned', async () => {
    const rehearsed = (await Scene.of('m1')).rehearsed;
    await rehearsed.setCluster({ ...AT_ONCE, installSeconds: 60 });
    await begin(rehearsed, 'w1', await joining(rehearsed, 'w1'));
    const scene = new Scene(rehearsed, [target('m1')]);
    await scene.remove('w1');
    expect(await scene.machine('w1').leftovers()).toEqual([]);
    expect(await scene.api.fencedNames()).toEqual(['w1']);
    expect(scene.changes()).not.toContain('w1.allowRestart');
  });

  test('a management node that becomes a member while it is removed leaves by the guard', async () => {
    const scene = await Scene.of('m1', 'm2', 'm3');
    const members = await scene.machine('m1').members();
    const view = await scene.api.node('m3');
    let blocked = false;
    scene.hooks.set('m1.members', async proceed => (blocked ? proceed() : members.filter(({ node }) => node !== 'm3')));
    scene.hooks.set('api.node', async proceed => (blocked ? proceed() : undefined));
    scene.hooks.set('m3.blockRestart', async proceed => { await proceed(); blocked = true; });
    await scene.remove('m3');
    expect(view).toBeDefined();
    expect(place(scene, 'm3.memberHealthy')).toBeLessThan(place(scene, 'api.requestMemberRemoval'));
    expect(await scene.members()).toEqual(['m1', 'm2']);
    expect(await scene.api.node('m3')).toBeUndefined();
  });

  test('a member that is still in the list at the end is not passed over in silence', async () => {
    const scene = await Scene.of('m1', 'm2', 'm3');
    const members = await scene.machine('m1').members();
    scene.hooks.set('api.deleteNode', async proceed => { await proceed(); scene.hooks.set('m1.members', async () => members); });
    await expect(scene.remove('m3')).rejects.toThrow(/etcd member of 'm3': it is in the member list although it was taken out/);
  });

  test('a member without a Node is named with the way out, and nothing is touched', async () => {
    const scene = await Scene.of('m1', 'm2', 'm3');
    await scene.rehearsed.loseNode('m3');
    await expect(scene.remove('m3')).rejects.toThrow("etcd member of 'm3': it has no Node, and k3s removes a member only through its Node; declare the node again");
    expect(scene.changes()).toEqual(['api.putLease', 'api.putLease']);
  });

  test('the first node of a cluster that never came is cleaned, although there is nobody to ask', async () => {
    const rehearsed = await rehearsal({ ...AT_ONCE, installSeconds: 60 });
    await begin(rehearsed, 'm1', { role: 'cluster-init' });
    const scene = new Scene(rehearsed, ['m1', 'm2'].map(name => target(name)));
    await scene.remove('m1');
    expect(await scene.machine('m1').leftovers()).toEqual([]);
    expect(scene.changes()).toEqual(['m1.blockRestart', 'm1.stopRuntime', 'm1.uninstall']);
  });

  test('that another management host does not answer is no proof that there is no cluster', async () => {
    const rehearsed = await rehearsal({ ...AT_ONCE, installSeconds: 60 });
    await begin(rehearsed, 'm1', { role: 'cluster-init' });
    await rehearsed.kill('m2');
    const scene = new Scene(rehearsed, ['m1', 'm2'].map(name => target(name)));
    await expect(scene.remove('m1')).rejects.toThrow('none of its management nodes can be worked with');
    expect(scene.changes()).toEqual([]);
  });
});

describe('a cluster that is destroyed', () => {
  const destroyingCluster = true;

  test('its nodes leave without a drain, behind the guard, and the last one with nobody to ask', async () => {
    const scene = await Scene.of('m1', 'm2', 'w1');
    await scene.rehearsed.deploy({ name: 'web', node: 'w1', minAvailable: 1 });
    for (const name of ['w1', 'm2', 'm1']) await scene.remove(name, { destroyingCluster });
    expect(scene.calls).not.toContain('api.evict');
    expect(scene.calls).toContain('m2.memberHealthy');
    for (const name of ['w1', 'm2', 'm1']) expect(await scene.machine(name).leftovers()).toEqual([]);
  });

  test('a node that is not alone is not ended as the last one', async () => {
    const scene = await Scene.of('m1', 'm2', 'm3');
    await scene.rehearsed.kill('m2');
    await expect(scene.remove('m1', { destroyingCluster })).rejects.toThrow("removing 'm1' from cluster 'prod': 2 of 3 voters are healthy");
    expect(scene.calls).not.toContain('m1.stopRuntime');
  });

  test('a node that does not know its members is the last one only where every other host says that it is clean', async () => {
    const scene = await Scene.of('m1', 'm2');
    scene.failing('m1.members', 'etcd is stopped');
    await scene.rehearsed.kill('m2');
    await expect(scene.remove('m1', { destroyingCluster })).rejects.toThrow('none of its management nodes can be worked with');
    expect(scene.changes()).toEqual([]);
  });

  test('an empty member list proves nothing', async () => {
    const scene = await Scene.of('m1', 'm2');
    scene.hooks.set('m1.members', async () => []);
    await scene.rehearsed.kill('m2');
    await expect(scene.remove('m1', { destroyingCluster })).rejects.toThrow('none of its management nodes can be worked with');
  });
});
