import { mayInitialise, preflight } from '../../src/membership/preflight';
import type { NodeTarget } from '../../src/membership/node-target';
import type { MachineFacts } from '../../src/membership/ports/machine';
import { joining, begin, rehearsal, removeFolders, AT_ONCE } from '../adapters/rehearsal/cluster-fixture';
import { Scene, target } from './scene';

afterAll(removeFolders);

const targets = (...names: string[]): NodeTarget[] => names.map(name => target(name));
const check = (scene: Scene, names: readonly string[], hadCluster = false) => preflight(scene.session, targets(...names), hadCluster);

/** Lets a machine say something else of itself. */
function saying(scene: Scene, name: string, facts: Partial<MachineFacts>): void {
  scene.hooks.set(`${name}.facts`, async proceed => ({ ...await proceed() as MachineFacts, ...facts }));
}

test('where every declared machine is clean, the first management node may start the cluster', async () => {
  expect(await check(await Scene.empty('m1', 'm2', 'm3'), ['w1', 'm1', 'm2', 'm3'])).toEqual({ initialise: 'm1' });
});

test('nothing is changed by looking', async () => {
  const scene = await Scene.empty('m1', 'm2');
  await check(scene, ['m1', 'm2', 'w1']);
  expect(scene.changes()).toEqual([]);
});

test('where a declared management node is set up, there is a cluster to join', async () => {
  const scene = await Scene.of('m1', 'm2');
  expect(await check(scene, ['m0', 'm1', 'm2'])).toEqual({ identity: await scene.api.identity(), initialise: '' });
});

test('a cluster that was there before is never started again, whoever answers', async () => {
  await expect(check(await Scene.empty('m1', 'm2'), ['m1', 'm2'], true)).rejects.toThrow("cluster 'prod': none of its management nodes can be worked with");
});

test('a cluster whose identity is known is never started again', async () => {
  const scene = await Scene.empty('m1');
  scene.session.expect('the-recorded-id');
  expect(await mayInitialise(scene.session, target('m1'))).toBe(false);
});

test('a management host that does not answer may be the one that holds the cluster', async () => {
  const scene = await Scene.empty('m1', 'm2');
  await scene.rehearsed.kill('m2');
  await expect(check(scene, ['m1'])).rejects.toThrow('it does not answer over SSH');
});

test.each(['configured', 'running', 'failed'] as const)('another management host on which LLMOS is %s may be starting a cluster of its own', async bootstrap => {
  const scene = await Scene.empty('m1', 'm2');
  saying(scene, 'm2', { bootstrap, role: 'management' });
  await expect(check(scene, ['m1', 'm2'])).rejects.toThrow(
    `management node 'm2' (LLMOS: ${bootstrap}): LLMOS is half set up on it, so it may be starting a cluster of its own; 'm1' would start a second one; name it before 'm1'`);
});

test('a first node that was starting the cluster is carried on', async () => {
  const rehearsed = await rehearsal({ ...AT_ONCE, installSeconds: 60 });
  await begin(rehearsed, 'm1', { role: 'cluster-init' });
  expect(await check(new Scene(rehearsed, targets('m1', 'm2')), ['m1', 'm2'])).toEqual({ initialise: 'm1' });
});

test('a first node that is half set up to join a cluster does not start one', async () => {
  const scene = await Scene.of('m9');
  await begin(scene.rehearsed, 'm1', await joining(scene.rehearsed, 'm1', 'm9'));
  saying(scene, 'm1', { bootstrap: 'running' });
  const session = scene.newSession(targets('m1'));
  await expect(preflight(session, targets('m1'), false)).rejects.toThrow(
    "management node 'm1' (LLMOS: running): LLMOS is half set up on it to join https://10.0.1.9:6443, so there is a cluster already");
});

test('a first node that is half set up as a worker does not start a cluster', async () => {
  const scene = await Scene.empty('m1');
  saying(scene, 'm1', { bootstrap: 'failed', role: 'worker' });
  await expect(check(scene, ['m1'])).rejects.toThrow('to join a cluster as a worker node');
});

test('a worker that is set up works for a cluster already, so no second one is started', async () => {
  const scene = await Scene.of('m9', 'w1');
  const session = scene.newSession(targets('m1'));
  await expect(preflight(session, targets('m1', 'w1'), false)).rejects.toThrow(/worker node 'w1' \(LLMOS: done\): .*; 'm1' would start a second one; declare the management nodes of its cluster/);
});

test('a host that does not answer is named, with the others, before anything is touched', async () => {
  const scene = await Scene.of('m1');
  await scene.rehearsed.setFaults('w1', { dead: true, facts: {} });
  scene.failing('w2.facts', 'no route');
  const message = await check(scene, ['m1', 'w1', 'w2']).catch((error: unknown) => (error as Error).message);
  expect(message).toMatch(/^cluster 'prod': 2 things are wrong:\n {2}- machine 'w1', host root@10\.0\.2\.1:22: it does not answer over SSH; .*\n {2}- machine 'w2': no route; see that it can be reached over SSH; mend them all/);
});

test('machines with one machine-id are one machine or clones of one', async () => {
  const scene = await Scene.empty('m1', 'w1');
  for (const name of ['m1', 'w1']) await scene.rehearsed.setFaults(name, { facts: { machineId: 'f'.repeat(32) } });
  await expect(check(scene, ['m1', 'w1'])).rejects.toThrow(`machines 'm1', 'w1' (machine-id ${'f'.repeat(32)}): they have one machine-id`);
});

describe('a learner', () => {
  async function withLearner(known: readonly string[]): Promise<Scene> {
    const scene = await Scene.of('m1', 'm2');
    const members = await scene.machine('m1').members();
    scene.hooks.set('m1.members', async () => members.map(member => ({ ...member, learner: member.node === 'm2' })));
    return Object.assign(scene, { session: scene.newSession(targets(...known)) });
  }

  test('that nobody declared is refused, because it blocks every join', async () => {
    await expect(check(await withLearner(['m1']), ['w1'], true)).rejects.toThrow("cluster 'prod' (m2): a member that nobody declared is still a learner");
  });

  test('that is declared is carried on', async () => {
    await expect(check(await withLearner(['m1', 'm2']), ['w1'], true)).resolves.toMatchObject({ initialise: '' });
  });
});
