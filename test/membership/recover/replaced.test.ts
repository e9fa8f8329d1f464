import { mayComeBack } from '../../../src/llmos/removed-node';
import { recover } from '../../../src/membership/recover/recover';
import { addressOf, removeFolders } from '../../adapters/rehearsal/cluster-fixture';
import { Scene, target } from '../scene';

afterEach(removeFolders);

test('of two that are replaced under their names the second one\'s join changes the token, since of two voters none may restart', async () => {
  const scene = await Scene.of('m1', 'm2', 'm3');
  for (const name of ['m2', 'm3']) await scene.rehearsed.kill(addressOf(name));
  await recover({ session: scene.session, machineIds: {}, lost: ['m2', 'm3'], confirm: async () => undefined, progress: () => undefined, lookSeconds: 0, waitSeconds: 10 });
  for (const name of ['m3', 'm2']) await scene.remove(name, { confirmed: { removal: 'unreachable' }, leavesToken: true });
  const before = await scene.machine('m1').joinToken();

  const [m2, m3] = [target('m2', { address: '10.0.1.12' }), target('m3', { address: '10.0.1.13' })];
  const session = scene.newSession([target('m1'), m2, m3]);
  await scene.join('m2', { session, node: m2, becoming: 3 });
  expect(scene.events.map(({ detail }) => detail)).toContain('left to the management node that joins or leaves next: while one of two voters restarts there is no quorum');
  expect(await scene.machine('m1').joinToken()).toBe(before);
  expect((await scene.api.removedNodes()).filter(mayComeBack)).toHaveLength(2);

  await scene.join('m3', { session, node: m3, becoming: 3 });
  expect(await scene.machine('m1').joinToken()).not.toBe(before);
  expect((await scene.api.removedNodes()).filter(mayComeBack)).toEqual([]);
  expect(await scene.members()).toEqual(['m1', 'm2', 'm3']);
});
