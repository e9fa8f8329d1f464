import { memberNames, readMembers } from '../../src/membership/members';
import type { Server } from '../../src/membership/session';
import { removeFolders } from '../adapters/rehearsal/cluster-fixture';
import { Scene, target } from './scene';

afterAll(removeFolders);

async function given(...names: string[]): Promise<{ scene: Scene; server: Server }> {
  const scene = await Scene.of(...names);
  return { scene, server: await scene.session.server('join') };
}

const healthy = async (scene: Scene, server: Server) => (await readMembers(scene.session, server)).filter(member => member.healthy).map(({ name }) => name).sort();

test('a member is healthy where its own etcd answers', async () => {
  const { scene, server } = await given('m1', 'm2', 'm3');
  await scene.rehearsed.setFaults('m3', { unhealthy: true });
  expect(await healthy(scene, server)).toEqual(['m1', 'm2']);
});

test('a host that does not answer counts as unhealthy', async () => {
  const { scene, server } = await given('m1', 'm2', 'm3');
  await scene.rehearsed.kill('m3');
  expect(await healthy(scene, server)).toEqual(['m1', 'm2']);
});

test('a member that nobody declared is asked where its Node says it is', async () => {
  const { scene } = await given('m1', 'm2');
  const session = scene.newSession([target('m1')]);
  expect(await healthy(Object.assign(scene, { session }), await session.server('join'))).toEqual(['m1', 'm2']);
});

test('a member whose host nobody knows counts as unhealthy', async () => {
  const { scene, server } = await given('m1', 'm2', 'm3');
  scene.hooks.set('m1.members', async proceed => [...(await proceed()) as object[], { id: 'dead', name: 'm9-0badcafe', node: 'm9', peerUrls: [], learner: false }]);
  expect(await healthy(scene, server)).toEqual(['m1', 'm2', 'm3']);
});

test('two members of one node count as unhealthy both, because nobody knows which of them answers', async () => {
  const { scene, server } = await given('m1', 'm2', 'm3');
  scene.hooks.set('m1.members', async proceed => [...(await proceed()) as object[], { id: 'dead', name: 'm3-0badcafe', node: 'm3', peerUrls: [], learner: false }]);
  expect(await healthy(scene, server)).toEqual(['m1', 'm2']);
});

test('another node behind the address of a member does not vouch for it', async () => {
  const { scene, server } = await given('m1', 'm2', 'm3');
  scene.hooks.set('m3.facts', async proceed => ({ ...await proceed() as object, nodeName: 'm2' }));
  expect(await healthy(scene, server)).toEqual(['m1', 'm2']);
});

test('a host that was set up as a cluster of its own does not vouch for the member of its name', async () => {
  const { scene, server } = await given('m1', 'm2', 'm3');
  scene.hooks.set('m3.members', async () => [{ id: 'other', name: 'm3-0badcafe', node: 'm3', peerUrls: [], learner: false }]);
  expect(await healthy(scene, server)).toEqual(['m1', 'm2']);
});

test('a node that leaves is asked where it stands, whatever machine is declared under its name', async () => {
  const { scene } = await given('m1', 'm2');
  const session = scene.newSession([target('m1'), target('m2', { address: '10.0.1.99' })]);
  const server = await session.server('remove');
  expect((await readMembers(session, server)).find(({ name }) => name === 'm2')).toMatchObject({ healthy: false });
  expect((await readMembers(session, server, target('m2'))).find(({ name }) => name === 'm2')).toMatchObject({ healthy: true });
});

test('nodes that are all replaced under their names are asked where they stand', async () => {
  const { scene } = await given('m1', 'm2', 'm3');
  const names = ['m1', 'm2', 'm3'];
  const session = scene.newSession(names.map(name => target(name, { address: `10.0.9.${name.slice(1)}` })));
  session.knowFormer(names.map(name => target(name)));
  const members = await readMembers(session, await session.server('join'));
  expect(members.map(({ name, healthy, host }) => [name, healthy, host?.address])).toEqual([['m1', true, '10.0.1.1'], ['m2', true, '10.0.1.2'], ['m3', true, '10.0.1.3']]);
});

test.each(['https://10.0.1.2:2380', 'https://[fd00::2]:2380'])('a member that has not started is known by its peer address %s', async url => {
  const { scene } = await given('m1');
  const session = scene.newSession([target('m1'), target('m2', { internalAddress: new URL(url).hostname.replace(/[[\]]/g, '') })]);
  scene.hooks.set('m1.members', async proceed => [...(await proceed()) as object[], { id: 'new', name: '', node: '', peerUrls: [url], learner: true }]);
  expect(await memberNames(session, await session.server('join'))).toEqual(['m1', 'm2']);
});

