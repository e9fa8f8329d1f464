import { Deadline } from '../../../src/membership/deadline';
import { withdrawRemovals } from '../../../src/membership/remove/withdraw-removal';
import { removeFolders } from '../../adapters/rehearsal/cluster-fixture';
import { Scene, target } from '../scene';

afterAll(removeFolders);

/** A removal that was killed right before this call, so that nothing was taken back. */
async function killedAt(call: string, name = 'm3'): Promise<Scene> {
  const scene = await Scene.of('m1', 'm2', 'm3', 'w1');
  let killed = () => {};
  const atCall = new Promise<void>(resolve => { killed = resolve; });
  scene.hooks.set(call, () => {
    killed();
    return new Promise(() => {});
  });
  void scene.remove(name).catch(() => undefined);
  await atCall;
  scene.hooks.clear();
  return scene;
}

async function withdraw(scene: Scene, name: string): Promise<void> {
  await withdrawRemovals(scene.newSession(['m1', 'm2', 'm3', 'w1'].map(each => target(each))), [target('w9'), target(name)]);
}

test('a node that is declared again after its removal was killed is whole, and comes back when its machine starts again', async () => {
  const scene = await killedAt('api.requestMemberRemoval');
  expect(await scene.api.node('m3')).toMatchObject({ unschedulable: true });
  expect(await scene.api.fencedNames()).toEqual(['m3']);
  await withdraw(scene, 'm3');
  expect(await scene.api.node('m3')).toMatchObject({ unschedulable: false });
  expect(await scene.api.fencedNames()).toEqual([]);
  await scene.rehearsed.reboot('m3');
  await scene.api.waitForNode('m3', node => (node?.ready ? { done: true } : { done: false, reason: 'it does not start again' }), new Deadline(5));
  expect(await scene.members()).toEqual(['m1', 'm2', 'm3']);
});

test('where only the cordon was made, only the cordon is taken back', async () => {
  const scene = await killedAt('api.fence');
  await withdraw(scene, 'm3');
  expect(await scene.api.node('m3')).toMatchObject({ unschedulable: false, ready: true });
});

test('a worker that was stopped already runs again', async () => {
  const scene = await killedAt('api.deleteNode', 'w1');
  await withdraw(scene, 'w1');
  await scene.api.waitForNode('w1', node => (node?.ready && !node.unschedulable ? { done: true } : { done: false, reason: 'it is not Ready' }), new Deadline(5));
});

test('a management node whose member is gone already is refused with the way out, and stays fenced', async () => {
  const scene = await killedAt('m3.stopRuntime');
  await expect(withdraw(scene, 'm3')).rejects.toThrow(/machine 'm3': its removal was begun: its etcd member is gone, .*; take it out of the definition and run `pulumi up`/);
  expect(await scene.api.fencedNames()).toEqual(['m3']);
});

test('somebody\'s own cordon stays, and a node that nobody was removing is left alone', async () => {
  const scene = await Scene.of('m1', 'm2', 'm3', 'w1');
  await withdraw(scene, 'w1');
  await scene.rehearsed.cordon('w1');
  await withdraw(scene, 'w1');
  expect(scene.changes()).toEqual([]);
  expect(await scene.api.node('w1')).toMatchObject({ unschedulable: true });
});

test('the cordon of an upgrade that was interrupted is left to the upgrade, which goes on', async () => {
  const scene = await Scene.of('m1', 'm2', 'm3');
  await scene.api.cordon('m3', 'upgrade');
  scene.calls.length = 0;
  await withdraw(scene, 'm3');
  expect(scene.changes()).toEqual([]);
  expect(await scene.api.node('m3')).toMatchObject({ unschedulable: true, cordonedFor: 'upgrade' });
});

test('a node that the cluster has not is left to its join', async () => {
  const scene = await Scene.of('m1', 'm2', 'm3');
  await withdraw(scene, 'w1');
  expect(scene.changes()).toEqual([]);
});
