import { cluster, machine, memberNames, removeFolders, soon } from './cluster-fixture';

afterEach(removeFolders);

const ID = '20260131T104500Z';

/** m1 of three, stopped after the two others died. */
async function survivor() {
  const rehearsed = await cluster(['m1', 'm2', 'm3']);
  for (const name of ['m2', 'm3']) await rehearsed.kill(name);
  const m1 = machine(rehearsed, 'm1');
  await m1.noteRecovery(ID, 10_000);
  await m1.blockRestart();
  await m1.stopRuntime();
  return { rehearsed, m1 };
}

test('a member says how far its data goes, without a quorum', async () => {
  const rehearsed = await cluster(['m1', 'm2', 'm3']);
  await rehearsed.setFaults('m2', { behind: 5 });
  expect(await machine(rehearsed, 'm2').datastore()).toEqual({ present: true, running: true, revision: 9_995, members: 3, recovery: undefined, forgotten: [] });
  for (const name of ['m1', 'm3']) await rehearsed.kill(name);
  expect((await machine(rehearsed, 'm2').datastore()).revision).toBe(9_995);
  expect(await machine(rehearsed, 'm2').memberHealthy()).toBe(false);
});

test('one that does not run, or does not answer in time, does not say it', async () => {
  const { m1 } = await survivor();
  expect(await m1.datastore()).toMatchObject({ present: true, running: false, revision: undefined });
  const rehearsed = await cluster(['m1']);
  await rehearsed.setFaults('m1', { unhealthy: true });
  expect(await machine(rehearsed, 'm1').datastore()).toMatchObject({ present: true, running: true, revision: undefined });
});

test('a reset leaves the others out for good', async () => {
  const { rehearsed, m1 } = await survivor();
  expect(await m1.copyDatastore(ID)).toBe(`/var/lib/llmos-nodes/recovery-${ID}`);
  await m1.resetCluster();
  await m1.allowRestart();
  await rehearsed.api().waitForNode('m1', node => (node?.ready ? { done: true } : { done: false, reason: 'not ready' }), soon());
  expect(await memberNames(rehearsed)).toEqual(['m1']);
  expect((await m1.datastore()).recovery).toEqual({ id: ID, revision: 10_000, reset: true });
  await rehearsed.revive('m2');
  await rehearsed.api().nodes();
  expect(await machine(rehearsed, 'm2').memberHealthy()).toBe(false);
  expect(await memberNames(rehearsed)).toEqual(['m1']);
});

test('nothing is copied, reset or deleted while etcd runs', async () => {
  const m1 = machine(await cluster(['m1', 'm2', 'm3']), 'm1');
  for (const act of [() => m1.copyDatastore(ID), () => m1.resetCluster(), () => m1.forgetDatastore(ID)]) await expect(act()).rejects.toThrow('etcd still runs there');
});

test('data goes only where there is a copy, and only once', async () => {
  const { m1 } = await survivor();
  await expect(m1.forgetDatastore(ID)).rejects.toThrow("there is no copy of etcd's data yet");
  await m1.copyDatastore(ID);
  await m1.forgetDatastore(ID);
  expect(await m1.datastore()).toMatchObject({ present: false, forgotten: [ID] });
});
