import { ClusterSession } from '../../src/membership/session';
import { addressOf, initialise, removeFolders } from '../adapters/rehearsal/cluster-fixture';
import { Scene, target } from './scene';

afterAll(removeFolders);

test('the first management host that works is the server', async () => {
  const scene = await Scene.of('m1', 'm2');
  expect((await scene.session.server('join')).node.name).toBe('m1');
  expect(scene.session.knownIdentity).toBe(await scene.api.identity());
});

test('a host that does not answer is passed over', async () => {
  const scene = await Scene.of('m1', 'm2', 'm3');
  await scene.rehearsed.kill('m1');
  expect((await scene.session.server('join')).node.name).toBe('m2');
});

test('a node that is removed is never the one that is asked about it', async () => {
  const scene = await Scene.of('m1', 'm2');
  expect((await scene.session.server('remove', 'm1')).node.name).toBe('m2');
  const alone = await Scene.of('m1');
  await expect(alone.session.server('remove', 'm1')).rejects.toThrow("cluster 'prod': none of its management nodes can be worked with: none is known besides 'm1'");
});

test('one that is replaced under its name is asked where it stands, until it has left there', async () => {
  const scene = await Scene.of('m1');
  const session = scene.newSession([target('m1', { address: '10.0.1.99' })]);
  await expect(session.server('join')).rejects.toThrow('root@10.0.1.99:22 is not set up as a management node');
  session.knowFormer([target('m1'), target('w1')]);
  expect((await session.server('join')).node.address).toBe('10.0.1.1');
  expect(session.management.map(({ address }) => address)).toEqual(['10.0.1.99', '10.0.1.1']);
  session.forgetFormer('m1');
  // One that is declared where it stands is known once.
  session.knowFormer([target('m1', { address: '10.0.1.99' })]);
  expect(session.management.map(({ address }) => address)).toEqual(['10.0.1.99']);
});

test('a worker is never a server', async () => {
  const scene = await Scene.of('m1', 'w1');
  expect(scene.session.management.map(({ name }) => name)).toEqual(['m1']);
  await expect(scene.session.serverAt(target('w1'), 'join')).rejects.toThrow("management node 'w1' (LLMOS: done): root@10.0.2.1:22 is set up as a worker node");
});

test('a host that is not set up is no server', async () => {
  const scene = await Scene.of('m1');
  await expect(scene.session.serverAt(target('m2'), 'join')).rejects.toThrow("management node 'm2' (LLMOS: absent): root@10.0.1.2:22 is not set up as a management node");
});

test('a host that is another node is no server', async () => {
  const scene = await Scene.of('m1', 'm2');
  await expect(scene.session.serverAt(target('m1', { address: '10.0.1.2' }), 'join')).rejects.toThrow("management node 'm1' (root@10.0.1.2:22): the host is node 'm2'");
});

test('a host that has no node name of its own is known by its host name', async () => {
  const scene = await Scene.of('m1', 'm2');
  scene.hooks.set('m2.facts', async proceed => ({ ...await proceed() as object, nodeName: undefined, hostname: 'other' }));
  await expect(scene.session.serverAt(target('m2'), 'join')).rejects.toThrow("the host is node 'other'");
});

test('a host that was removed from the cluster and still runs is no server', async () => {
  const scene = await Scene.of('m1', 'm2', 'm3');
  const members = await scene.machine('m1').members();
  scene.hooks.set('m1.members', async () => members.filter(({ node }) => node !== 'm1'));
  expect((await scene.session.server('join')).node.name).toBe('m2');
});

test('a learner is no server', async () => {
  const scene = await Scene.of('m1', 'm2');
  const members = await scene.machine('m1').members();
  scene.hooks.set('m1.members', async () => members.map(member => ({ ...member, learner: member.node === 'm1' })));
  expect((await scene.session.server('join')).node.name).toBe('m2');
});

test('a host of another cluster stops everything, even where others answer', async () => {
  const scene = await Scene.of('m1', 'm2');
  scene.session.expect('the-recorded-id');
  const error = await scene.session.server('remove').catch((thrown: unknown) => String(thrown));
  expect(error).toMatch(/management node 'm1' \(cluster id .*\): it is part of another cluster than 'prod' \(cluster id the-recorded-id\), so nothing is done; check its address/);
  expect(scene.calls.filter(call => call.startsWith('m2'))).toEqual([]);
});

test('an identity recorded earlier that is not the cluster at work is refused', async () => {
  const scene = await Scene.of('m1');
  await scene.session.server('join');
  expect(() => scene.session.expect('another-id')).toThrow(/cluster 'prod' \(cluster id another-id\): this stack's state knows it by that id/);
  scene.session.expect(scene.session.knownIdentity);
  scene.session.expect('');
});

test('where none serves, each says why', async () => {
  const scene = await Scene.of('m1', 'm2');
  await scene.rehearsed.kill('m1');
  await scene.rehearsed.uninstallByHand('m2');
  const message = await scene.session.server('join').catch((thrown: unknown) => String(thrown));
  expect(message).toMatch(/host root@10.0.1.1:22: it does not answer over SSH/);
  expect(message).toMatch(/management node 'm2' \(LLMOS: \w+\)/);
});

test('an API server that could not be reached is tried again by the next step', async () => {
  const scene = await Scene.of('m1');
  scene.failing('api.identity', 'API server is away');
  await expect(scene.session.server('join')).rejects.toThrow('API server is away');
  scene.hooks.clear();
  await expect(scene.session.server('join')).resolves.toBeDefined();
});

test('closing closes every connection once', async () => {
  const scene = await Scene.of('m1', 'm2');
  await scene.session.serverAt(target('m1'), 'join');
  await scene.session.serverAt(target('m2'), 'join');
  scene.calls.length = 0;
  await scene.session.close();
  expect(scene.calls.sort()).toEqual(['api.close', 'api.close', 'm1.close', 'm2.close']);
});

test('with a kubeconfig of its own, a host that has become a cluster of its own is no server, whatever the API server says', async () => {
  const scene = await Scene.of('m1', 'm2', 'm3');
  await scene.machine('m1').uninstall();
  await initialise(scene.rehearsed, 'm1');
  // Whichever host is worked with, it leads to m2.
  const session = new ClusterSession({ name: 'prod', registrationAddress: addressOf('m1'), registrationPort: 6443 }, {
    apiIsDirect: true, machine: node => scene.rehearsed.machine(node), api: async () => scene.rehearsed.api(scene.rehearsed.machine(target('m2'))),
  });
  session.know([target('m1'), target('m2'), target('m3')]);
  await expect(session.server('remove', 'm3')).rejects.toThrow(/management node 'm1' \(cluster id .*\): it is part of another cluster than 'prod'/);
});
