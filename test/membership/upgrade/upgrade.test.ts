import { runtimeRelease } from '../../../src/llmos/upgrade';
import { Deadline } from '../../../src/membership/deadline';
import { upgrade } from '../../../src/membership/upgrade/upgrade';
import type { UpgradeRequest } from '../../../src/membership/upgrade/upgrade-context';
import { Scene, target } from '../scene';

const OLD = 'v1.34.4+k3s1';
const NEW = 'v1.34.5+k3s1';

async function upgraded(scene: Scene, name: string, request: Partial<UpgradeRequest> = {}): Promise<void> {
  await upgrade({
    session: scene.session, node: target(name), release: runtimeRelease(NEW, {}), deadline: new Deadline(10), progress: event => scene.events.push(event), ...request,
  });
}

async function node(scene: Scene, name: string): Promise<string> {
  const view = await scene.api.node(name);
  return `${view?.kubeletVersion}${view?.unschedulable ? ' cordoned' : ''}`;
}

/** Calls that change something on this node or about it, the lock apart. */
const changes = (scene: Scene) => scene.changes().filter(call => !call.endsWith('putLease'));

test('a management node is fetched for, guarded, saved, emptied and started anew, and comes back into service', async () => {
  const scene = await Scene.of('m1', 'm2', 'm3');
  await upgraded(scene, 'm2');
  expect(changes(scene)).toEqual(['m2.fetchRelease', 'm1.snapshot', 'api.cordon', 'm2.startRelease', 'api.uncordon']);
  expect(await node(scene, 'm2')).toBe(NEW);
  expect((await scene.api.lease())?.holder).toBe('');
});

test('a worker goes without lock and snapshot, after the management nodes', async () => {
  const scene = await Scene.of('m1', 'w1');
  await expect(upgraded(scene, 'w1')).rejects.toThrow('a worker is never ahead of an API server');
  expect(changes(scene)).toEqual([]);
  await upgraded(scene, 'm1');
  scene.calls.length = 0;
  await upgraded(scene, 'w1');
  expect(changes(scene)).toEqual(['w1.fetchRelease', 'api.cordon', 'w1.startRelease', 'api.uncordon']);
});

test('a node that runs the release is left alone', async () => {
  const scene = await Scene.of('m1', 'm2', 'm3');
  await upgraded(scene, 'm2');
  scene.calls.length = 0;
  await upgraded(scene, 'm2');
  expect(scene.changes()).toEqual([]);
});

test('a node that runs a newer one is left alone, and that is said', async () => {
  const scene = await Scene.of('m1', 'm2', 'm3');
  await upgraded(scene, 'm2', { release: runtimeRelease('v1.34.3+k3s1', {}) });
  expect(scene.changes()).toEqual([]);
  expect(scene.events.map(({ detail }) => detail)).toContain(`${OLD}, newer than declared: nothing is downgraded; declare it`);
});

test('the only management node is not emptied, as its pods had nowhere to go', async () => {
  const scene = await Scene.of('m1');
  await upgraded(scene, 'm1');
  expect(changes(scene)).toEqual(['m1.fetchRelease', 'm1.snapshot', 'm1.startRelease']);
  expect(await node(scene, 'm1')).toBe(NEW);
});

test('with another member away the guard refuses before anything is touched', async () => {
  const scene = await Scene.of('m1', 'm2', 'm3');
  await scene.rehearsed.setFaults('m3', { unhealthy: true });
  await expect(upgraded(scene, 'm2')).rejects.toThrow('m3 is away already');
  expect(changes(scene)).toEqual(['m2.fetchRelease']);
});

test('a member that fails while the node is emptied is noticed, and the node is given back', async () => {
  const scene = await Scene.of('m1', 'm2', 'm3');
  scene.hooks.set('api.cordon', async proceed => {
    await scene.rehearsed.setFaults('m3', { unhealthy: true });
    return proceed();
  });
  await expect(upgraded(scene, 'm2')).rejects.toThrow('m3 is away already');
  expect(changes(scene)).not.toContain('m2.startRelease');
  expect(await node(scene, 'm2')).toBe(OLD);
});

test('two management nodes are refused: one of them alone is no majority', async () => {
  const scene = await Scene.of('m1', 'm2');
  await expect(upgraded(scene, 'm2')).rejects.toThrow('grow to three management nodes, or shrink to one, first');
});

test('a budget that holds a pod back ends the upgrade, and the node is given back as it was', async () => {
  const scene = await Scene.of('m1', 'm2', 'm3', 'w1');
  await upgraded(scene, 'm1');
  await upgraded(scene, 'm2');
  await upgraded(scene, 'm3');
  await scene.rehearsed.deploy({ name: 'web', node: 'w1', minAvailable: 1 });
  await scene.api.waitForPods('w1', pods => (pods.some(pod => pod.ready) ? { done: true } : { done: false, reason: '' }), new Deadline(5));
  await expect(upgraded(scene, 'w1', { deadline: new Deadline(0.5) })).rejects.toThrow('held back: default/web');
  expect(await node(scene, 'w1')).toBe(OLD);
});

test('a node that does not come back stays cordoned, and the next run goes on with it', async () => {
  const scene = await Scene.of('m1', 'm2', 'm3');
  await scene.rehearsed.setFaults('m2', { notReady: 'the network is not ready' });
  await expect(upgraded(scene, 'm2', { deadline: new Deadline(1) })).rejects.toThrow(
    /upgrade of 'm2' to v1.34.5\+k3s1: it did not come back and stays cordoned: .*the network is not ready/s,
  );
  expect(await node(scene, 'm2')).toBe(`${NEW} cordoned`);

  await scene.rehearsed.setFaults('m2', { notReady: undefined });
  scene.calls.length = 0;
  await upgraded(scene, 'm2');
  expect(scene.changes()).toEqual(['api.uncordon']);
  expect(await node(scene, 'm2')).toBe(NEW);
});

test('the member that leads etcd hands its lead over before it restarts', async () => {
  const scene = await Scene.of('m1', 'm2', 'm3');
  await upgraded(scene, 'm1');
  expect(changes(scene)).toEqual(['m1.fetchRelease', 'm2.snapshot', 'api.cordon', 'm1.handOverLeadership', 'm1.startRelease', 'api.uncordon']);
});

test('it is refused while another management node is out of service', async () => {
  const scene = await Scene.of('m1', 'm2', 'm3');
  await scene.api.setAside('m3', { by: 'ops@laptop', since: '2026-11-23T03:00:00.000Z', cordoned: true });
  await expect(upgraded(scene, 'm2')).rejects.toThrow("management node 'm3' (ops@laptop took it out of service");
  expect(changes(scene)).toEqual(['m2.fetchRelease']);
});

test("a person's cordon is left as it is", async () => {
  const scene = await Scene.of('m1', 'm2', 'm3');
  await scene.rehearsed.cordon('m2');
  await upgraded(scene, 'm2');
  expect(await node(scene, 'm2')).toBe(`${NEW} cordoned`);
  expect(changes(scene)).not.toContain('api.cordon');
});

test('without the snapshot nothing is done', async () => {
  const scene = await Scene.of('m1', 'm2', 'm3');
  await scene.rehearsed.setFaults('m1', { snapshotFails: 'no space left on device' });
  await expect(upgraded(scene, 'm2')).rejects.toThrow('no space left on device');
  expect(changes(scene)).not.toContain('m2.startRelease');
});

test('LLMOS is installed where that is asked, with nothing emptied for it', async () => {
  const scene = await Scene.of('m1', 'm2', 'm3');
  await upgraded(scene, 'm2', { release: runtimeRelease(OLD, {}), installer: { version: 'v0.3.2' } });
  expect(scene.changes()).toEqual(['m2.install']);
});
