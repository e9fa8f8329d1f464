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

describe('where k3s was asked to take out its etcd member, and etcd refused', () => {
  /** m2 falls away in the very moment, and the time of m3's removal is over while k3s still tries. */
  async function askedInVain(): Promise<Scene> {
    const scene = await Scene.of('m1', 'm2', 'm3');
    scene.hooks.set('api.requestMemberRemoval', async proceed => {
      await scene.rehearsed.setFaults('m2', { unhealthy: true });
      return proceed();
    });
    await expect(scene.remove('m3', { deadline: new Deadline(1) })).rejects.toThrow('it is still in the member list');
    scene.hooks.clear();
    return scene;
  }
  const memberOf = async (scene: Scene, name: string) => (await scene.machine('m1').members()).find(({ node }) => node === name)?.id;
  /** etcd takes removals again, and k3s has looked. */
  async function etcdIsWell(scene: Scene): Promise<void> {
    await scene.rehearsed.setFaults('m2', { unhealthy: undefined });
    await scene.rehearsed.deploy({ name: 'web', replicas: 1 });
    await scene.api.waitForPods('m1', () => ({ done: true }), new Deadline(5));
  }

  test('a node that is declared again keeps its member when etcd is well again', async () => {
    const scene = await askedInVain();
    const member = await memberOf(scene, 'm3');
    await withdraw(scene, 'm3');
    await etcdIsWell(scene);
    expect(await memberOf(scene, 'm3')).toBe(member);
    expect(await scene.api.fencedNames()).toEqual([]);
  });

  test('a removal that goes on and fails before that step takes it back first of all', async () => {
    const scene = await askedInVain();
    // k3s waits longer and longer between two tries, so that it may be slower than whoever runs the removal again.
    await scene.rehearsed.setCluster({ retrySeconds: 600 });
    await scene.api.requestMemberRemoval('m3');
    await scene.rehearsed.setFaults('m2', { unhealthy: undefined });
    scene.failing('m3.blockRestart', 'no');
    scene.calls.length = 0;
    await expect(scene.remove('m3')).rejects.toThrow('no');
    const calls = scene.changes();
    expect(calls.slice(calls.indexOf('m3.blockRestart'))).toEqual(['m3.blockRestart', 'api.withdrawMemberRemoval', 'm3.allowRestart', 'api.unfence', 'api.uncordon', 'api.putLease']);
  });

  test('a node whose member goes while that is taken back stays fenced and blocked', async () => {
    const scene = await askedInVain();
    scene.hooks.set('api.withdrawMemberRemoval', async proceed => {
      await scene.rehearsed.setFaults('m2', { unhealthy: undefined });
      await scene.api.waitForNode('m3', node => (node?.removedMember ? { done: true } : { done: false, reason: 'its member is still there' }), new Deadline(5));
      return proceed();
    });
    await expect(withdraw(scene, 'm3')).rejects.toThrow(/node 'm3': its etcd member went while its removal was taken back/);
    expect(await scene.api.fencedNames()).toEqual(['m3']);
    expect(scene.calls).not.toContain('m3.allowRestart');
  });
});

describe('while somebody else is in the middle of the removal', () => {
  async function heldBySomebody(): Promise<Scene> {
    const scene = await killedAt('api.requestMemberRemoval');
    const now = Date.now();
    await scene.api.putLease({ holder: 'eve@ci-9 (process 7)', acquiredAt: now, renewedAt: now, durationSeconds: 60 }, (await scene.api.lease())?.version);
    return scene;
  }

  test.each([
    ['a node that is declared again', (scene: Scene) => withdraw(scene, 'm3')],
    ['one that another stack adopts', (scene: Scene) => scene.join('m3')],
  ])('%s is not let back in', async (_, letIn) => {
    const scene = await heldBySomebody();
    await expect(letIn(scene)).rejects.toThrow(/lock of cluster 'prod' \(eve@ci-9 \(process 7\)\): one management change at a time/);
    expect(await scene.api.fencedNames()).toEqual(['m3']);
    expect(await scene.api.node('m3')).toMatchObject({ unschedulable: true });
    expect(scene.calls).not.toContain('m3.allowRestart');
  });
});

test('a name that is declared on another machine is left to its removal and its join', async () => {
  const scene = await killedAt('api.requestMemberRemoval');
  scene.calls.length = 0;
  await scene.rehearsed.kill('10.0.1.3');
  await withdrawRemovals(scene.newSession([target('m1'), target('m2')]), [target('m3', { address: '10.0.1.99' })]);
  expect(scene.changes()).toEqual([]);
});
