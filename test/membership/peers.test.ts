import { pointAtLivingPeers } from '../../src/membership/peers';
import { removeFolders } from '../adapters/rehearsal/cluster-fixture';
import { Scene } from './scene';

afterAll(removeFolders);

async function pointing(scene: Scene): Promise<string[]> {
  const pointed: string[] = [];
  for (const name of ['m1', 'm2', 'm3']) scene.hooks.set(`${name}.joinBy`, async (_, url: string) => { pointed.push(`${name} → ${url}`); });
  await pointAtLivingPeers(scene.session, await scene.session.server('join'));
  return pointed.sort();
}

test('every management node joins by another one, so that none would start a cluster if it were wiped', async () => {
  expect(await pointing(await Scene.of('m1', 'm2', 'm3'))).toEqual(['m1 → https://10.0.1.2:6443', 'm2 → https://10.0.1.3:6443', 'm3 → https://10.0.1.1:6443']);
});

test('a wiped first node whose config names a peer starts no second cluster', async () => {
  const scene = await Scene.of('m1', 'm2', 'm3');
  const identity = await scene.api.identity();
  await pointAtLivingPeers(scene.session, await scene.session.server('join'));
  await scene.rehearsed.loseData('m1');
  expect(await scene.rehearsed.api(scene.machine('m2')).identity()).toBe(identity);
  expect((await scene.machine('m1').facts()).server).toBe('https://10.0.1.2:6443');
});

test('a member that does not answer is neither pointed at nor changed', async () => {
  const scene = await Scene.of('m1', 'm2', 'm3');
  await scene.rehearsed.kill('m2');
  expect(await pointing(scene)).toEqual(['m1 → https://10.0.1.3:6443', 'm3 → https://10.0.1.1:6443']);
});

test('a node that is alone has nobody to point at', async () => {
  expect(await pointing(await Scene.of('m1'))).toEqual([]);
});
