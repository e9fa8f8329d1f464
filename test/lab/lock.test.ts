import { connectKubernetes } from '../../src/adapters/kubernetes';
import { takeLock } from '../../src/membership/lock';
import type { ClusterApi } from '../../src/membership/ports/cluster-api';
import { ApiServer } from './api-server';

jest.setTimeout(120_000);

let server: ApiServer;
let cluster: ClusterApi;

beforeAll(async () => {
  server = await ApiServer.start();
  cluster = await connectKubernetes({ kubeconfig: server.kubeconfig });
});

afterAll(async () => {
  await cluster?.close();
  await server?.stop();
});

const ANOTHER = { holder: 'ann@laptop (process 7)', durationSeconds: 60 };

test('a lock is a Lease that stands in kube-system while it is held', async () => {
  expect(await cluster.lease()).toBeUndefined();
  const lock = await takeLock(cluster, 'prod');
  expect(await cluster.lease()).toMatchObject({ holder: expect.stringContaining(`(process ${process.pid}, `), durationSeconds: 60 });
  await lock.release();
  expect(await cluster.lease()).toMatchObject({ holder: '' });
});

test('whoever read an older lease cannot overwrite a newer one', async () => {
  const now = Date.now();
  const { version } = (await cluster.lease())!;
  const written = await cluster.putLease({ ...ANOTHER, acquiredAt: now, renewedAt: now }, version);
  expect(written).toMatchObject({ ...ANOTHER, acquiredAt: now, renewedAt: now });
  expect(await cluster.putLease({ ...ANOTHER, holder: 'ben', acquiredAt: now, renewedAt: now }, version)).toBeUndefined();
  expect(await cluster.putLease({ ...ANOTHER, holder: 'ben', acquiredAt: now, renewedAt: now }, undefined)).toBeUndefined();
  expect(await cluster.lease()).toMatchObject(ANOTHER);
});

test('while somebody else holds it, it is refused by name', async () => {
  await expect(takeLock(cluster, 'prod')).rejects.toThrow(ANOTHER.holder);
});

test('once nobody renews it, it is taken over', async () => {
  const { version } = (await cluster.lease())!;
  const longAgo = Date.now() - 120_000;
  await cluster.putLease({ ...ANOTHER, acquiredAt: longAgo, renewedAt: longAgo }, version);
  const lock = await takeLock(cluster, 'prod');
  expect((await cluster.lease())!.holder).not.toBe(ANOTHER.holder);
  await lock.release();
});
