import { AT_ONCE, cluster, initialise, memberNames, rehearsal, removeFolders, join, machine } from './cluster-fixture';
afterAll(removeFolders);
test('smoke', async () => {
  const r = await rehearsal({});
  const t = Date.now();
  const m1 = await initialise(r);
  console.log(Date.now() - t, await m1.facts(), await r.api(m1).nodes());
  await join(r, ['m2', 'm3', 'w1']);
  console.log(Date.now() - t, await memberNames(r), await m1.leftovers());
  const c = await cluster(['m1', 'm2', 'm3', 'w1', 'w2'], AT_ONCE);
  console.log(Date.now() - t, await memberNames(c), c.folder, (await machine(c,'m2').members()));
});
