import type { PodView } from '../../../src/membership/ports/cluster-api';
import { drain } from '../../../src/membership/drain';
import { cluster, now, removeFolders, soon } from './cluster-fixture';

afterAll(removeFolders);
const silently = () => undefined;
const ours = (pods: readonly PodView[]) => pods.filter(({ ownerKind }) => ownerKind !== 'DaemonSet');
const running = (count: number) => (pods: readonly PodView[]) => (
  ours(pods).filter(({ ready, deleting }) => ready && !deleting).length === count ? { done: true } as const : { done: false, reason: `${ours(pods).length} pods` } as const);

test('every node runs a pod of the DaemonSet', async () => {
  const rehearsed = await cluster(['m1', 'w1']);
  expect(await rehearsed.api().pods('w1')).toMatchObject([{ ownerKind: 'DaemonSet', ready: true, deleting: false }]);
  expect(await rehearsed.api().pods('w9')).toEqual([]);
});

test('evicted pods move to another node that is ready and takes pods', async () => {
  const rehearsed = await cluster(['m1', 'w1', 'w2']);
  const api = rehearsed.api();
  await api.applyNode('m1', { labels: {}, taints: [{ key: 'management', effect: 'NoSchedule' }] });
  await rehearsed.deploy({ name: 'web', replicas: 3, node: 'w1' });
  await api.waitForPods('w1', running(3), soon());
  await api.cordon('w1', 'removal');
  await drain(api, 'w1', soon(), silently);
  expect(ours(await api.pods('w1'))).toEqual([]);
  await api.waitForPods('w2', running(3), soon());
  expect(await api.pods('m1')).toHaveLength(1);
});

test('a budget refuses an eviction that would leave too few pods and names itself', async () => {
  const rehearsed = await cluster(['m1', 'w1']);
  const api = rehearsed.api();
  await rehearsed.deploy({ name: 'web', namespace: 'shop', replicas: 2, minAvailable: 2, node: 'w1' });
  await api.waitForPods('w1', running(2), soon());
  const [pod] = ours(await api.pods('w1'));
  expect(await api.evict(pod!)).toEqual({ kind: 'blocked', reason: "budget 'web' allows 0 disruptions now: it needs 2 healthy pods and has 2" });
  await rehearsed.deploy({ name: 'web', namespace: 'shop', replicas: 2, minAvailable: 1, node: 'w1' });
  expect(await api.evict(pod!)).toEqual({ kind: 'evicted' });
});

test('a budget that can be kept lets pods go one by one while the others start elsewhere', async () => {
  const rehearsed = await cluster(['m1', 'w1', 'w2']);
  const api = rehearsed.api();
  await rehearsed.setCluster({ podSeconds: 0.01 });
  await rehearsed.deploy({ name: 'web', replicas: 2, minAvailable: 1, node: 'w1' });
  await api.waitForPods('w1', running(2), soon());
  await api.cordon('w1', 'removal');
  const [first, second] = ours(await api.pods('w1'));
  expect(await api.evict(first!)).toEqual({ kind: 'evicted' });
  expect(await api.evict(second!)).toMatchObject({ kind: 'blocked' });
  await api.waitForPods('w1', pods => (ours(pods).length === 1 ? { done: true } : { done: false, reason: 'the first still ends' }), soon());
  expect(await api.evict(first!)).toEqual({ kind: 'gone' });
});

test('evicted pods that find no place stay pending, and start when a node takes pods again', async () => {
  const rehearsed = await cluster(['m1']);
  const api = rehearsed.api();
  await rehearsed.deploy({ name: 'web' });
  await api.waitForPods('m1', running(1), soon());
  await api.cordon('m1', 'removal');
  await drain(api, 'm1', soon(), silently);
  await expect(api.waitForPods('m1', running(1), now())).rejects.toThrow('0 pods');
  await api.uncordon('m1');
  await api.waitForPods('m1', running(1), soon());
});

test('a pod without a controller is made once and never again', async () => {
  const rehearsed = await cluster(['m1', 'w1']);
  const api = rehearsed.api();
  await rehearsed.deploy({ name: 'shell', kind: 'Pod', node: 'w1' });
  await api.waitForPods('w1', running(1), soon());
  await expect(drain(api, 'w1', now(), silently)).rejects.toThrow('nothing would recreate a pod without a controller');
  const [pod] = ours(await api.pods('w1'));
  expect(pod!.ownerKind).toBeUndefined();
  await api.evict(pod!);
  await api.waitForPods('w1', running(0), soon());
  expect(ours([...(await api.pods('w1')), ...(await api.pods('m1'))])).toEqual([]);
});

test('pods of a Node that was deleted start elsewhere', async () => {
  const rehearsed = await cluster(['m1', 'w1']);
  const api = rehearsed.api();
  await rehearsed.deploy({ name: 'web', node: 'w1' });
  await api.waitForPods('w1', running(1), soon());
  await api.deleteNode('w1', soon());
  await api.waitForPods('m1', running(1), soon());
});

test('pods of a dead machine are not ready', async () => {
  const rehearsed = await cluster(['m1', 'w1']);
  const api = rehearsed.api();
  await rehearsed.deploy({ name: 'web', node: 'w1' });
  await api.waitForPods('w1', running(1), soon());
  await rehearsed.kill('w1');
  expect(ours(await api.pods('w1'))).toMatchObject([{ ready: false }]);
});
