import { Deadline } from '../../../src/membership/deadline';
import type { Plan } from '../../../src/membership/recover/assess';
import { recover, type RecoverRequest } from '../../../src/membership/recover/recover';
import { removeFolders } from '../../adapters/rehearsal/cluster-fixture';
import { Scene, target } from '../scene';

afterEach(removeFolders);

/** A cluster of these nodes, of whose machines some are dead for good. */
async function loss(names: readonly string[], dead: readonly string[]): Promise<Scene> {
  const scene = await Scene.of(...names);
  for (const name of dead) await scene.rehearsed.kill(name);
  scene.calls.length = 0;
  return scene;
}

/** What another run of the command does, each with a session of its own. */
async function run(scene: Scene, lost: readonly string[], request: Partial<RecoverRequest> = {}): Promise<Plan> {
  const names = [...new Set([...scene.session.management.map(({ name }) => name)])];
  const session = scene.newSession(names.map(name => target(name)));
  try {
    return await recover({ session, machineIds: {}, lost, confirm: async () => undefined, progress: event => scene.events.push(event), lookSeconds: 0, waitSeconds: 10, ...request });
  } finally {
    await session.close();
  }
}

const alive = async (scene: Scene, through: string) => (await scene.machine(through).members()).map(({ node }) => node).sort();

test('a cluster that lost two of three hosts lives on with the third, and its copy is there', async () => {
  const scene = await loss(['m1', 'm2', 'm3'], ['m2', 'm3']);
  const plan = await run(scene, ['m2', 'm3']);
  expect(plan).toMatchObject({ survivor: { node: { name: 'm1' } }, returning: [], reset: false });
  expect(await alive(scene, 'm1')).toEqual(['m1']);
  expect(await scene.machine('m1').memberHealthy()).toBe(true);
  expect((await scene.machine('m1').datastore()).recovery).toBeUndefined();
  expect(scene.events.some(({ detail }) => detail === `m1: /var/lib/llmos-nodes/recovery-${plan.id}`)).toBe(true);
  expect((await scene.api.lease())?.holder).toBe('');
});

test('everything is stopped and copied before anything is reset, and nothing is deleted before the survivor answers', async () => {
  const scene = await loss(['m1', 'm2', 'm3', 'm4', 'm5'], ['m3', 'm4', 'm5']);
  await run(scene, ['m3', 'm4', 'm5']);
  const order = scene.calls.filter(call => /\.(noteRecovery|blockRestart|stopRuntime|copyDatastore|resetCluster|allowRestart|forgetDatastore|joinBy|endRecovery|putLease)$/.test(call));
  const stops = order.slice(1, 5);
  expect(order[0]).toBe('m1.noteRecovery');
  expect(stops.sort()).toEqual(['m1.blockRestart', 'm1.stopRuntime', 'm2.blockRestart', 'm2.stopRuntime']);
  expect(order.slice(5)).toEqual([
    'm1.copyDatastore', 'm2.copyDatastore', 'm1.resetCluster', 'm1.allowRestart', 'api.putLease',
    'm2.forgetDatastore', 'm2.joinBy', 'm2.allowRestart', 'm1.joinBy', 'm2.joinBy', 'm1.endRecovery', 'api.putLease',
  ]);
  expect(scene.calls.indexOf('m1.memberHealthy', scene.calls.indexOf('m1.resetCluster'))).toBeLessThan(scene.calls.indexOf('m2.forgetDatastore'));
  expect(await alive(scene, 'm2')).toEqual(['m1', 'm2']);
});

test('the newest data is what the cluster is recovered from', async () => {
  const scene = await loss(['m1', 'm2', 'm3', 'm4', 'm5'], ['m3', 'm4', 'm5']);
  await scene.rehearsed.setFaults('m1', { behind: 40 });
  const plan = await run(scene, ['m3', 'm4', 'm5']);
  expect(plan.survivor.node.name).toBe('m2');
  expect(plan.revision).toBe(10_000);
  expect(scene.calls.filter(call => call.endsWith('.resetCluster'))).toEqual(['m2.resetCluster']);
  expect(await alive(scene, 'm1')).toEqual(['m1', 'm2']);
});

test('a host whose data is gone is brought back, and so is one whose data cannot be opened', async () => {
  const scene = await loss(['m1', 'm2', 'm3', 'm4', 'm5'], ['m4', 'm5']);
  await scene.rehearsed.loseData('m2');
  await scene.rehearsed.setFaults('m3', { unhealthy: true });
  const brought = run(scene, ['m3', 'm4', 'm5'], {
    // Fresh data is in order again.
    confirm: () => scene.rehearsed.setFaults('m3', { unhealthy: undefined }),
  });
  expect((await brought).returning.map(({ node }) => node.name)).toEqual(['m2', 'm3']);
  expect(await alive(scene, 'm1')).toEqual(['m1', 'm2', 'm3']);
});

test('nothing is changed before the person has said that it is meant', async () => {
  const scene = await loss(['m1', 'm2', 'm3'], ['m2', 'm3']);
  await expect(run(scene, ['m2', 'm3'], { confirm: async () => { throw new Error('not meant'); } })).rejects.toThrow('not meant');
  expect(scene.changes().filter(call => !call.endsWith('.close'))).toEqual([]);
});

test('another cluster than the recorded one is noticed before any other data is deleted', async () => {
  const scene = await loss(['m1', 'm2', 'm3', 'm4', 'm5'], ['m3', 'm4', 'm5']);
  const session = scene.newSession(['m1', 'm2', 'm3', 'm4', 'm5'].map(name => target(name)));
  session.expect('another-uid');
  await expect(run(scene, ['m3', 'm4', 'm5'], { session })).rejects.toThrow(/it is part of another cluster than 'prod' \(cluster id another-uid\)/);
  expect(scene.calls).not.toContain('m2.forgetDatastore');
});

test('data that goes less far than what was chosen stops it before any other data is deleted', async () => {
  const scene = await loss(['m1', 'm2', 'm3', 'm4', 'm5'], ['m3', 'm4', 'm5']);
  scene.hooks.set('m1.allowRestart', async proceed => {
    await scene.rehearsed.setFaults('m1', { behind: 7 });
    return proceed();
  });
  await expect(run(scene, ['m3', 'm4', 'm5'])).rejects.toThrow(/management node 'm1' \(revision 9993\): before the reset its data went up to revision 10000/);
  expect(scene.calls).not.toContain('m2.forgetDatastore');
});

test('a lost machine that answers right before the reset stops it', async () => {
  const scene = await loss(['m1', 'm2', 'm3'], ['m2', 'm3']);
  scene.hooks.set('m1.copyDatastore', async proceed => {
    await scene.rehearsed.revive('m3');
    return proceed();
  });
  await expect(run(scene, ['m2', 'm3'])).rejects.toThrow(/management node 'm3': it was said to be lost and answers by now, so nothing is reset/);
  expect(scene.calls).not.toContain('m1.resetCluster');
});

test('a machine that comes back with its old data after all does not take part', async () => {
  const scene = await loss(['m1', 'm2', 'm3'], ['m2', 'm3']);
  await run(scene, ['m2', 'm3']);
  await scene.rehearsed.revive('m2');
  await scene.rehearsed.revive('m3');
  await scene.api.nodes();
  expect(await scene.machine('m2').memberHealthy()).toBe(false);
  expect(await alive(scene, 'm1')).toEqual(['m1']);
});

const STEPS = [
  'm1.noteRecovery', 'm1.blockRestart', 'm2.blockRestart', 'm1.stopRuntime', 'm2.stopRuntime', 'm1.copyDatastore', 'm2.copyDatastore', 'm1.resetCluster',
  'm1.allowRestart', 'api.identity', 'api.putLease', 'm2.forgetDatastore', 'm2.joinBy', 'm2.allowRestart', 'm1.joinBy', 'm1.endRecovery',
];

describe.each(STEPS)('interrupted at %s', call => {
  test.each([['before it did its work', false], ['after it', true]])('%s it is whole after another run', async (_when, does) => {
    const scene = await loss(['m1', 'm2', 'm3', 'm4', 'm5'], ['m3', 'm4', 'm5']);
    scene.hooks.set(call, async proceed => {
      if (does) await proceed();
      throw new Error('cut off');
    });
    await expect(run(scene, ['m3', 'm4', 'm5'], { waitSeconds: 0.5 })).rejects.toThrow();
    scene.hooks.clear();
    const isOver = call === 'm1.endRecovery' && does;
    if (isOver) await expect(run(scene, ['m3', 'm4', 'm5'])).rejects.toThrow(/it has its quorum/);
    else await run(scene, ['m3', 'm4', 'm5']);
    expect(await alive(scene, 'm1')).toEqual(['m1', 'm2']);
    for (const name of ['m1', 'm2']) expect(await scene.machine(name).memberHealthy()).toBe(true);
    expect(await scene.machine('m1').leftovers()).not.toContain('/etc/llmos-nodes/removed');
  });
});

test('a reset that was done is never done again', async () => {
  const scene = await loss(['m1', 'm2', 'm3'], ['m2', 'm3']);
  scene.failing('m1.allowRestart', 'cut off');
  await expect(run(scene, ['m2', 'm3'])).rejects.toThrow('cut off');
  scene.hooks.clear();
  scene.calls.length = 0;
  const plan = await run(scene, ['m2', 'm3']);
  expect(plan.reset).toBe(true);
  expect(scene.calls.filter(each => /\.(noteRecovery|blockRestart|copyDatastore|resetCluster)$/.test(each))).toEqual([]);
});

test('a recovery that was begun is taken back where the quorum is back', async () => {
  const scene = await loss(['m1', 'm2', 'm3'], ['m2', 'm3']);
  scene.failing('m1.copyDatastore', 'cut off');
  await expect(run(scene, ['m2', 'm3'])).rejects.toThrow('cut off');
  scene.hooks.clear();
  await scene.rehearsed.revive('m2');
  await scene.rehearsed.revive('m3');
  await scene.machine('m2').facts();
  await expect(run(scene, ['m2', 'm3'])).rejects.toThrow(/cluster 'prod': it has its quorum/);
  expect(await scene.machine('m1').datastore()).toMatchObject({ recovery: undefined });
  await scene.api.waitForNode('m1', node => (node?.ready ? { done: true } : { done: false, reason: 'm1 is not back' }), new Deadline(10));
  expect(scene.calls).not.toContain('m1.resetCluster');
});
