import { guardJoin, guardRemoval } from '../../src/membership/guard';
import type { EtcdMember } from '../../src/membership/ports/machine';
import type { Server } from '../../src/membership/session';
import { removeFolders } from '../adapters/rehearsal/cluster-fixture';
import { Scene, target } from './scene';

afterAll(removeFolders);

const report = () => undefined;

async function given(...names: string[]): Promise<{ scene: Scene; server: Server; said: string[]; tell: (detail: string) => void }> {
  const scene = await Scene.of(...names);
  const said: string[] = [];
  return { scene, server: await scene.session.server('join'), said, tell: detail => said.push(detail) };
}

/** Puts a member into the list that etcd answers with. */
function withMember(scene: Scene, more: Partial<EtcdMember>): void {
  scene.hooks.set('m1.members', async proceed => [...(await proceed()) as EtcdMember[], { id: 'cafe', name: `${more.node}-0badcafe`, peerUrls: [], learner: false, ...more }]);
}

test('a join is refused while a learner is on its way', async () => {
  const { scene, server } = await given('m1', 'm2', 'm3');
  scene.hooks.set('m1.members', async proceed => [...(await proceed()) as object[], { id: 'new', name: 'm4-0badcafe', node: 'm4', peerUrls: [], learner: true }]);
  await expect(guardJoin(scene.session, server, 'm5', report)).rejects.toThrow(/ - joining 'm5' to cluster 'prod': .*1 learner \(m4\).*; wait until .*; then run the same command again$/m);
  await expect(guardRemoval(scene.session, server, target('m3'), report)).rejects.toThrow(/ - removing 'm3' from cluster 'prod': .*1 learner \(m4\)/);
});

test('the second voter is let in, and what that risks is said', async () => {
  const { scene, server } = await given('m1');
  const said: string[] = [];
  await guardJoin(scene.session, server, 'm2', detail => said.push(detail));
  expect(said).toEqual([expect.stringMatching(/losing either stops the cluster/)]);
});

test('a removal is refused where the healthy members that stay are no majority', async () => {
  const { scene, server } = await given('m1', 'm2', 'm3');
  await scene.rehearsed.setFaults('m2', { unhealthy: true });
  await expect(guardRemoval(scene.session, server, target('m3'), report)).rejects.toThrow(/removing m3 leaves 2 voters of which 1 healthy: majority 2 would not hold; repair or remove m2 first/);
  await guardRemoval(scene.session, server, target('m2'), report);
});

describe('a member without a Node', () => {
  test('that nobody knows keeps others from joining, and is named with its id and with what to type where', async () => {
    const { scene, server } = await given('m1', 'm2', 'm3');
    withMember(scene, { node: 'm9' });
    await expect(guardJoin(scene.session, server, 'm4', report)).rejects.toThrow(
      /^etcd member of 'm9' \(cafe\): it has no Node, .*; unless its machine is joining right now, type on root@10\.0\.1\.1:22: sudo etcdctl --endpoints .* member remove cafe$/,
    );
  });

  test('and without a name is named by its id', async () => {
    const { scene, server } = await given('m1', 'm2', 'm3');
    withMember(scene, { node: '', name: '' });
    await expect(guardJoin(scene.session, server, 'm4', report)).rejects.toThrow(/^etcd member of 'member cafe' \(cafe\)/);
  });

  test('does not keep others from joining while its machine is declared: its own join carries it on', async () => {
    const { scene, server, said, tell } = await given('m1', 'm2', 'm3');
    withMember(scene, { node: 'm4' });
    scene.session.know([target('m4')]);
    await guardJoin(scene.session, server, 'm5', tell);
    expect(said).toEqual([expect.stringMatching(/^etcd member of 'm4' \(cafe\): it has no Node/)]);
  });

  test('does not keep a member from leaving where the numbers allow it, and is named', async () => {
    const { scene, server, said, tell } = await given('m1', 'm2', 'm3', 'm4', 'm5');
    withMember(scene, { node: 'm9' });
    await guardRemoval(scene.session, server, target('m5'), tell);
    expect(said).toEqual([expect.stringMatching(/^etcd member of 'm9' \(cafe\): it has no Node/)]);
  });

  test('counts as unhealthy, so that a removal that leans on it is refused, and both are said', async () => {
    const { scene, server } = await given('m1', 'm2');
    withMember(scene, { node: 'm9' });
    await expect(guardRemoval(scene.session, server, target('m2'), report)).rejects.toThrow(/2 things are wrong:\n {2}- removing 'm2' .* would not hold; .*\n {2}- etcd member of 'm9' \(cafe\)/);
  });
});

describe('two members of one node', () => {
  test('keep others from joining although the numbers would allow it', async () => {
    const { scene, server } = await given('m1', 'm2', 'm3', 'm4', 'm5');
    withMember(scene, { node: 'm3' });
    await expect(guardJoin(scene.session, server, 'm6', report)).rejects.toThrow(/^etcd members of 'm3' \([0-9a-f]+, cafe\): they are of one node/);
  });

  test('keep that node from leaving, and no other', async () => {
    const { scene, server, said, tell } = await given('m1', 'm2', 'm3', 'm4', 'm5');
    withMember(scene, { node: 'm3' });
    await expect(guardRemoval(scene.session, server, target('m3'), report)).rejects.toThrow(/ - etcd members of 'm3'/);
    await guardRemoval(scene.session, server, target('m5'), tell);
    expect(said).toEqual([expect.stringMatching(/^etcd members of 'm3'/)]);
  });
});

test('a management Node without a member does not keep others from joining or leaving, and is named', async () => {
  const { scene, server, said, tell } = await given('m1', 'm2', 'm3', 'm4');
  await scene.machine('m4').blockRestart();
  await scene.api.requestMemberRemoval('m4');
  await guardJoin(scene.session, server, 'm5', tell);
  await guardRemoval(scene.session, server, target('m3'), tell);
  expect(said).toEqual(Array.from({ length: 2 }, () => expect.stringMatching(/^management node 'm4': it is in the cluster without an etcd member/)));
});
