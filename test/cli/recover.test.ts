import { confirmRecovery } from '../../src/cli/recover-command';
import { describePlan, describeRecovered } from '../../src/cli/recover-report';
import type { Plan } from '../../src/membership/recover/assess';
import type { Host, Missing } from '../../src/membership/recover/survey';
import type { Datastore, Machine } from '../../src/membership/ports/machine';
import { target } from '../membership/scene';

const typing = (text: string) => async () => text;

function host(name: string, datastore: Partial<Datastore> = {}): Host {
  return { node: target(name), machine: { label: `ops@${name}` } as Machine, healthy: false, datastore: { present: true, running: true, forgotten: [], ...datastore } };
}

const gone: Missing = { node: target('m5'), label: 'ops@m5', away: true, reason: 'connection timed out' };
const plan: Plan = {
  cluster: 'prod', id: '20260131T104500Z', survivor: host('m1', { revision: 48_211, members: 5 }), revision: 48_211, reset: false,
  returning: [host('m2', { revision: 48_100 }), host('m3'), host('m4', { present: false })], gone: [gone],
};

test('the name of the cluster says that it is meant, typed or given; anything else does not', async () => {
  await expect(confirmRecovery('prod', undefined, typing(' prod '))).resolves.toBeUndefined();
  await expect(confirmRecovery('prod', 'prod', () => { throw new Error('asked'); })).resolves.toBeUndefined();
  for (const typed of ['', 'y', 'yes', 'Prod', 'm1']) await expect(confirmRecovery('prod', undefined, typing(typed))).rejects.toThrow("it is not 'prod', so nothing was changed");
  await expect(confirmRecovery('prod', 'staging', typing('prod'))).rejects.toThrow("--confirm (staging): it is not 'prod'");
});

test('the plan says what there is, what is done and what is lost', () => {
  expect(describePlan(plan)).toMatchInlineSnapshot(`
"Cluster 'prod' has lost its quorum: 2 of 5 etcd members run, and 3 are needed.

  m1  ops@m1  etcd's data up to revision 48211: the newest that is left
  m2  ops@m2  etcd's data up to revision 48100
  m3  ops@m3  etcd's data is not used
  m4  ops@m4  has no data of etcd
  m5  ops@m5  does not answer; said to be lost for good

What will be done:
  1. Kubernetes is stopped on m1, m2, m3, m4; with k3s the pods go on running.
  2. etcd's data is copied to /var/lib/llmos-nodes/recovery-20260131T104500Z on each.
  3. The data of m1 becomes a cluster of one member; this cannot be taken back.
  4. m1 starts, and it is checked that it is this cluster with all its data.
  5. The etcd data of m2, m3, m4, of which there is a copy by then, is deleted, and they join one by one again.
  6. The members are verified.

What was written after revision 48211 and reached only machines that are lost is lost with them.
m5 must never start again with the old disk: with enough of the old members they would be a second cluster."
`);
});

test('a plan that goes on does not stop or reset anything again', () => {
  const text = describePlan({ ...plan, reset: true, returning: [host('m2', { forgotten: [plan.id] })] });
  expect(text).toContain("A recovery of cluster 'prod' was begun and goes on.");
  expect(text).toMatch(/m2 +ops@m2 +has been brought back, or is about to be/);
  expect(text).not.toMatch(/stopped|cannot be taken back/);
});

test('afterwards it says what to type next', () => {
  expect(describeRecovered(plan)).toMatchInlineSnapshot(`
"Cluster 'prod' is recovered from m1, revision 48211. Its voters: m1, m2, m3, m4.
The data from before the recovery is kept in /var/lib/llmos-nodes/recovery-20260131T104500Z on each of these hosts; delete it once you have looked at the cluster.
m5 is still declared. Replace it: put other machines into the definition, confirm with
  llmos-nodes confirm m5 --recovered
and run pulumi up. Until then the cluster tolerates fewer failures than declared, or none."
`);
});
