import { connectKubernetes } from '../../src/adapters/kubernetes';
import type { KubernetesObject } from '../../src/adapters/kubernetes/kubernetes-types';
import { Deadline } from '../../src/membership/deadline';
import { drain } from '../../src/membership/drain';
import type { ClusterApi } from '../../src/membership/ports/cluster-api';
import { Administrator } from './administrator';
import { ApiServer } from './api-server';

jest.setTimeout(120_000);

/*
 * A real API server with the controller that counts pods under budgets, and no kubelets: what a pod does once its deletion was
 * asked for is up to its grace period. With none it goes at once, and with one it ends for ever, as on a machine that is dead.
 */
let server: ApiServer;
let cluster: ClusterApi;
let admin: Administrator;

beforeAll(async () => {
  server = await ApiServer.start();
  cluster = await connectKubernetes({ kubeconfig: server.kubeconfig });
  admin = await Administrator.connect(server.kubeconfig);
});

afterAll(async () => {
  await cluster?.close();
  await server?.stop();
});

async function node(name: string, ready: boolean): Promise<void> {
  await admin.createNode(name);
  const body = { status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'Unknown' }] } };
  await admin.core.patchNodeStatus({ name, body }, admin.merge);
}

/** A pod that a controller would make again, where none runs to do so. */
async function pod(name: string, nodeName: string, { app = name, owned = true, grace = 0 } = {}): Promise<void> {
  const ownerReferences = owned ? [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: app, uid: `of-${app}`, controller: true }] : [];
  const spec = { nodeName, terminationGracePeriodSeconds: grace, containers: [{ name: 'c', image: 'pause' }] };
  await admin.core.createNamespacedPod({ namespace: 'default', body: { metadata: { name, labels: { app }, ownerReferences }, spec } });
  const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
  await admin.core.patchNamespacedPodStatus({ namespace: 'default', name, body: { status } }, admin.merge);
}

/** A PodDisruptionBudget, once the disruption controller has counted the pods under it. */
async function budget(app: string, minAvailable: number): Promise<void> {
  const spec = { minAvailable, selector: { matchLabels: { app } } };
  const manifest = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: `${app}-budget`, namespace: 'default' } };
  await admin.objects.create({ ...manifest, spec } as KubernetesObject);
  for (;;) {
    const { status } = await admin.objects.read(manifest) as { status?: { observedGeneration?: number; expectedPods?: number } };
    if (status?.observedGeneration !== undefined && (status.expectedPods ?? 0) > 0) return;
  }
}

/** Drains, and tells of each line as it is said. */
async function drained(name: string, seconds: number, options?: Parameters<typeof drain>[4], heard: (line: string) => void = () => undefined): Promise<string[]> {
  const said: string[] = [];
  await drain(cluster, name, new Deadline(seconds), (line) => { said.push(line); heard(line); }, options);
  return said;
}

const names = async (name: string) => (await cluster.pods(name)).map((each) => each.name).sort();

test('what a budget holds back is named with the budget and what it allows, and goes as soon as there is another healthy pod', async () => {
  await node('n1', true);
  await node('n2', true);
  await pod('web-0', 'n1', { app: 'web' });
  await pod('free', 'n1');
  await budget('web', 1);
  let elsewhere: Promise<void> | undefined;
  const said = await drained('n1', 60, {}, () => { elsewhere ??= pod('web-1', 'n2', { app: 'web' }); });
  await elsewhere;
  console.log(`drain says: ${said[0]}`);
  expect(said[0]).toBe("held back: default/web-0: budget 'web-budget' allows 0 disruptions now: it needs 1 healthy pods and has 1");
  expect(await names('n1')).toEqual([]);
});

test('two pods under one budget that allows one disruption are not both taken at once', async () => {
  await node('n3', true);
  await pod('pair-0', 'n3', { app: 'pair' });
  await pod('pair-1', 'n3', { app: 'pair' });
  await budget('pair', 1);
  await expect(drained('n3', 3)).rejects.toThrow(/drain of 'n3': not done after 3 s \(last seen: held back: default\/pair-[01]: budget 'pair-budget' allows 0 disruptions now: it needs 1 healthy pods and has 1\)/);
  expect(await names('n3')).toHaveLength(1);
});

test('force deletes at the deadline what the budget still holds back, and says so', async () => {
  const said = await drained('n3', 4, { atDeadline: 'force' });
  console.log(`drain says: ${said.at(-1)}`);
  expect(said.at(-1)).toMatch(/^deleting default\/pair-[01] against its budget, as the removal was confirmed with drain: 'force' \(budget 'pair-budget' allows 0 disruptions now: it needs 1 healthy pods and has 1\)$/);
  expect(await names('n3')).toEqual([]);
});

test('several budgets over one pod are named as what holds it back', async () => {
  await node('n4', true);
  await pod('twice', 'n4');
  await budget('twice', 0);
  const spec = { minAvailable: 0, selector: { matchLabels: { app: 'twice' } } };
  await admin.objects.create({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'other-budget', namespace: 'default' }, spec } as KubernetesObject);
  await expect(drained('n4', 1)).rejects.toThrow(/held back: default\/twice: .*more than one PodDisruptionBudget/);
});

test('a pod without a controller is kept, and evicted where that was confirmed', async () => {
  await node('n5', true);
  await pod('alone', 'n5', { owned: false });
  await expect(drained('n5', 10)).rejects.toThrow("drain of 'n5' (default/alone): nothing would recreate a pod without a controller");
  expect(await names('n5')).toEqual(['alone']);
  await drained('n5', 10, { barePods: 'delete' });
  expect(await names('n5')).toEqual([]);
});

test('pods of a dead kubelet are waited for as long as their grace period and no longer', async () => {
  await node('n6', false);
  await pod('stuck', 'n6', { grace: 3 });
  const said = await drained('n6', 100);
  expect(said.at(-1)).toBe('not waited for, because the node is not Ready and does not end them: default/stuck');
  expect(await cluster.pods('n6')).toMatchObject([{ name: 'stuck', deleting: true }]);
  expect(await drained('n6', 100)).toHaveLength(1);
});

test('the pods of a Ready node are waited for to the deadline', async () => {
  await node('n7', true);
  await pod('slow', 'n7', { grace: 1 });
  await expect(drained('n7', 4)).rejects.toThrow("drain of 'n7': not done after 4 s (last seen: 1 pod is ending: default/slow)");
});

test('a pod that is deleted against its budget is the one that was seen, not another of its name', async () => {
  await node('n8', true);
  await pod('named', 'n8');
  const [seen] = await cluster.pods('n8');
  await cluster.deletePod({ ...seen!, uid: '00000000-0000-0000-0000-000000000000' });
  expect(await names('n8')).toEqual(['named']);
  await cluster.deletePod(seen!);
  await cluster.deletePod(seen!);
  expect(await names('n8')).toEqual([]);
});
