import fc from 'fast-check';

import { Deadline } from '../../../src/membership/deadline';
import { bringBack, setAside } from '../../../src/membership/maintain/maintain';
import type { MaintainRequest } from '../../../src/membership/maintain/maintain-context';
import type { Awaited, NodeView } from '../../../src/membership/ports/cluster-api';
import { Scene, target } from '../scene';

const request = (scene: Scene, name: string, more: Partial<MaintainRequest> = {}): MaintainRequest => ({
  session: scene.session, node: target(name), allowDowntime: false, deadline: new Deadline(10), progress: event => scene.events.push(event), ...more,
});

/** Calls that change something, the lock apart. */
const changes = (scene: Scene) => scene.changes().filter(call => !/putLease$/.test(call));
const cordoned = async (scene: Scene) => (await scene.api.nodes()).filter(({ unschedulable }) => unschedulable).map(({ name }) => name);

test('a management node that leads is emptied and hands its lead over before it goes, and comes back into service', async () => {
  const scene = await Scene.of('m1', 'm2', 'm3');
  expect(await scene.machine('m1').leads()).toBe(true);
  await setAside(request(scene, 'm1'), async () => {
    expect(changes(scene)).toEqual(['api.setAside', 'm1.handOverLeadership']);
    expect(await scene.machine('m1').leads()).toBe(false);
    expect(await cordoned(scene)).toEqual(['m1']);
    expect((await scene.api.lease())?.holder).toMatch(/@.+ \(process \d+, \w+-\w+\): m1 is out of service$/);
    await scene.machine('m1').reboot(() => undefined, new Deadline(10));
    await bringBack(request(scene, 'm1'));
  });
  expect(await cordoned(scene)).toEqual([]);
  expect((await scene.api.lease())?.holder).toBe('');
});

test('one that does not lead hands nothing over', async () => {
  const scene = await Scene.of('m1', 'm2', 'm3');
  expect(await setAside(request(scene, 'm2'))).toBe('2 of 3 voters answer, majority 2: no further failure is tolerated');
  expect(changes(scene)).toEqual(['api.setAside']);
});

test('a worker is emptied without lock or guard', async () => {
  const scene = await Scene.of('m1', 'w1', 'w2');
  await setAside(request(scene, 'w1'));
  expect(scene.changes()).toEqual(['api.setAside']);
});

test('where another management node is away already, nothing is touched', async () => {
  const scene = await Scene.of('m1', 'm2', 'm3');
  await scene.rehearsed.kill('m3');
  await expect(setAside(request(scene, 'm2'))).rejects.toThrow("taking 'm2' of cluster 'prod' out of service: while m2 restarts, 1 of 3 voters answers: majority 2, but m3 is away already; repair or remove m3 first");
  expect(changes(scene)).toEqual([]);
});

test('two voters have none to spare', async () => {
  const scene = await Scene.of('m1', 'm2');
  await expect(setAside(request(scene, 'm2'))).rejects.toThrow('majority 2 does not hold; grow to three management nodes, or shrink to one, first');
  expect(changes(scene)).toEqual([]);
});

test('the only management node goes with the words for it, and otherwise not', async () => {
  const scene = await Scene.of('m1', 'w1');
  await expect(setAside(request(scene, 'm1'))).rejects.toThrow('it is the only management node: the API server is away meanwhile');
  expect(await cordoned(scene)).toEqual([]);
  await setAside(request(scene, 'm1', { allowDowntime: true }));
  expect(await cordoned(scene)).toEqual(['m1']);
});

test('management nodes go one at a time: a second is refused while the first is out of service', async () => {
  const scene = await Scene.of('m1', 'm2', 'm3', 'm4', 'm5');
  await setAside(request(scene, 'm2'));
  await expect(setAside(request(scene, 'm3'))).rejects.toThrow(
    /management node 'm2' \(.+@.+ took it out of service at .+Z\): it may go away at any moment, and one management node is touched at a time, so 'm3' is not; bring it back first: llmos-nodes maintain m2 --end/,
  );
  await bringBack(request(scene, 'm2'));
  await setAside(request(scene, 'm3'));
});

test('a person had cordoned it before: it counts as out of service all the same', async () => {
  const scene = await Scene.of('m1', 'm2', 'm3');
  await scene.rehearsed.cordon('m2');
  await setAside(request(scene, 'm2'));
  await expect(setAside(request(scene, 'm3'))).rejects.toThrow("management node 'm2'");
});

describe('while a management node is out of service and nobody holds the lock', () => {
  test('no other one is removed, and none joins', async () => {
    const scene = await Scene.of('m1', 'm2', 'm3');
    await setAside(request(scene, 'm2'));
    expect((await scene.api.lease())?.holder).toBe('');
    await expect(scene.remove('m3')).rejects.toThrow("management node 'm2'");
    await expect(scene.join('m4')).rejects.toThrow("management node 'm2'");
    expect(await scene.members()).toEqual(['m1', 'm2', 'm3']);
    expect(await cordoned(scene)).toEqual(['m2']);
  });

  test('workers come and go', async () => {
    const scene = await Scene.of('m1', 'm2', 'm3', 'w1');
    await setAside(request(scene, 'm2'));
    await scene.join('w2');
    await scene.remove('w1');
    expect((await scene.api.nodes()).map(({ name }) => name).sort()).toEqual(['m1', 'm2', 'm3', 'w2']);
  });

  test('that one itself can be removed, for it may not come back', async () => {
    const scene = await Scene.of('m1', 'm2', 'm3');
    await setAside(request(scene, 'm2'));
    await scene.rehearsed.kill('m2');
    await scene.remove('m2', { confirmed: { removal: 'unreachable' }, leavesToken: true });
    expect(await scene.members()).toEqual(['m1', 'm3']);
  });
});

test('taken out twice, by a command that was killed in between, it comes back as it was', async () => {
  const scene = await Scene.of('m1', 'm2', 'm3');
  await scene.api.setAside('m2', { by: 'ops@laptop', since: '2026-11-23T03:00:00.000Z', cordoned: true });
  await setAside(request(scene, 'm2'));
  expect((await scene.api.node('m2'))?.setAside?.by).toBe('ops@laptop');
  await bringBack(request(scene, 'm2'));
  expect(await cordoned(scene)).toEqual([]);
  expect((await scene.api.node('m2'))?.setAside).toBeUndefined();
});

test('a member that dies during the drain gives the node back', async () => {
  const scene = await Scene.of('m1', 'm2', 'm3');
  scene.hooks.set('api.pods', async (proceed) => {
    await scene.rehearsed.kill('m3');
    return proceed();
  });
  await expect(setAside(request(scene, 'm2'))).rejects.toThrow('m3 is away already');
  expect(await cordoned(scene)).toEqual([]);
});

test('a cordon of a person is there afterwards, and that is said', async () => {
  const scene = await Scene.of('m1', 'w1', 'w2');
  await scene.rehearsed.cordon('w1');
  await setAside(request(scene, 'w1'));
  await bringBack(request(scene, 'w1'));
  expect(await cordoned(scene)).toEqual(['w1']);
  expect(scene.events.map(({ detail }) => detail)).toContain('it stays cordoned, as it was before; to take that back: kubectl uncordon w1');
});

test('a node that does not come back stays out of service, and what is missing is said', async () => {
  const scene = await Scene.of('m1', 'm2', 'm3');
  await setAside(request(scene, 'm2'));
  await scene.rehearsed.kill('m2');
  const deadline = () => new Deadline(0.3, { remedy: 'maintain m2 --end goes on waiting' });
  await expect(bringBack(request(scene, 'm2', { deadline: deadline() }))).rejects.toThrow(/etcd on m2 does not answer\); maintain m2 --end goes on waiting$/);
  expect(await cordoned(scene)).toEqual(['m2']);
});

test('a worker that does not come back, and a drain that does not end, say how the command goes on and not how a run of Pulumi does', async () => {
  const scene = await Scene.of('m1', 'w1', 'w2');
  const deadline = () => new Deadline(0.3, { remedy: 'run the same command again' });
  await scene.rehearsed.deploy({ name: 'web', node: 'w1', minAvailable: 1 });
  await scene.api.waitForPods('w1', pods => (pods.some(pod => pod.ready) ? { done: true } : { done: false, reason: '' }), new Deadline(5));
  await expect(setAside(request(scene, 'w1', { deadline: deadline() }))).rejects.toThrow(/held back: default\/web.*\); run the same command again$/);
  await scene.rehearsed.kill('w2');
  await expect(bringBack(request(scene, 'w2', { deadline: deadline() }))).rejects.toThrow(/run the same command again$/);
});

test('a Node that is still Ready as it was before its machine was restarted is not taken for well', async () => {
  const scene = await Scene.of('m1', 'w1');
  await setAside(request(scene, 'w1'));
  const before = (await scene.api.node('w1'))!;
  await scene.machine('w1').reboot(() => undefined, new Deadline(10));
  let seen: Awaited | undefined;
  scene.hooks.set('api.waitForNode', async (proceed, _name: never, check: never) => {
    seen = (check as (node: NodeView) => Awaited)(before);
    return proceed();
  });
  await bringBack(request(scene, 'w1'));
  expect(before.ready).toBe(true);
  expect(seen).toEqual({ done: false, reason: 'its kubelet has not reported since it was restarted' });
});

test('a lead that cannot be handed over is no reason to stop', async () => {
  const scene = await Scene.of('m1', 'm2', 'm3');
  scene.failing('m1.handOverLeadership', 'connection refused');
  await setAside(request(scene, 'm1'));
  expect(scene.events.map(({ detail }) => detail)).toContain('the leader was not changed, so the others elect one when it is away: connection refused');
});

test('whatever the health of the members, those that stay are a majority whenever one is taken out', async () => {
  await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.uniqueArray(fc.integer({ min: 1, max: 5 })), async (size, dead) => {
    const names = Array.from({ length: size }, (_, index) => `m${index + 1}`);
    const scene = await Scene.of(...names);
    for (const index of dead) if (index !== 1 && index <= size) await scene.rehearsed.kill(`m${index}`);
    const healthy = names.filter((_, index) => index === 0 || !dead.includes(index + 1));
    const allowed = await setAside(request(scene, 'm1', { deadline: new Deadline(2) })).then(() => true, () => false);
    expect(!allowed || healthy.length - 1 >= Math.floor(size / 2) + 1).toBe(true);
  }), { numRuns: 12 });
});
