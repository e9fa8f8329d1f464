import { execFileSync, spawnSync } from 'node:child_process';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';

import { takeLock } from '../../src/membership/lock';
import type { ClusterApi, Lease } from '../../src/membership/ports/cluster-api';

/** The two methods of the port that a lock uses, with etcd's compare-and-swap. */
function api(lease?: Partial<Lease>) {
  let stored: Lease | undefined = lease && { holder: '', acquiredAt: 0, renewedAt: 0, durationSeconds: 60, version: '1', ...lease };
  let away = false;
  return {
    get stored() { return stored; },
    leave() { away = true; },
    lease: async () => stored,
    async putLease(next: Omit<Lease, 'version'>, version: string | undefined) {
      if (away) throw new Error('API server is away');
      if (version !== stored?.version) return undefined;
      return (stored = { ...next, version: String(Number(version ?? '0') + 1) });
    },
  };
}

type FakeApi = ReturnType<typeof api>;
const take = (fake: Pick<FakeApi, 'lease' | 'putLease'>, now: () => number) => takeLock(fake as unknown as ClusterApi, 'prod', now);
const ANOTHER = 'ann@laptop (process 7)';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

test('a free lock is taken, and given back', async () => {
  const cluster = api();
  const lock = await take(cluster, () => 1_000);
  expect(cluster.stored).toMatchObject({ holder: expect.stringContaining(`${userInfo().username}@${hostname()} (process ${process.pid}, `), acquiredAt: 1_000, renewedAt: 1_000 });
  await lock.release();
  expect(cluster.stored!.holder).toBe('');
  await expect(take(cluster, () => 2_000)).resolves.toBeDefined();
});

test('what it is held for is said to whoever finds it held, and does not keep it from falling free where its process is gone', async () => {
  const held = api();
  await takeLock(held as unknown as ClusterApi, 'prod', () => 0, 'm2 is out of service');
  const other = api({ ...held.stored, holder: held.stored!.holder.replace(/^.*@/, 'ann@') });
  await expect(take(other, () => 10_000)).rejects.toThrow(/lock of cluster 'prod' \(ann@.+ \(process \d+, \w+-\w+\): m2 is out of service\): one management change at a time/);
  const killed = api({ ...held.stored, holder: held.stored!.holder.replace(String(process.pid), String(2 ** 22 + 1)) });
  await expect(take(killed, () => 10_000)).resolves.toBeDefined();
});

test('a lock that somebody else holds is refused, with the holder, how long they have had it and what to do', async () => {
  const cluster = api({ holder: ANOTHER, acquiredAt: 0, renewedAt: 50_000 });
  await expect(take(cluster, () => 60_000)).rejects.toThrow(
    `lock of cluster 'prod' (${ANOTHER}): one management change at a time: it has been held for 60 s and was renewed 10 s ago; wait for that run to end`);
  expect(cluster.stored!.holder).toBe(ANOTHER);
});

test('a lock that was not renewed for its duration is still refused while two clocks may differ', async () => {
  await expect(take(api({ holder: ANOTHER, renewedAt: 0 }), () => 89_999)).rejects.toThrow(ANOTHER);
});

test('a lock that nobody renews falls free', async () => {
  const cluster = api({ holder: ANOTHER, renewedAt: 0 });
  await take(cluster, () => 90_000);
  expect(cluster.stored!.holder).not.toBe(ANOTHER);
});

/** The holder that a process of that id would be here. */
async function holderOf(pid: number): Promise<string> {
  const cluster = api();
  await take(cluster, () => 0);
  return cluster.stored!.holder.replace(String(process.pid), String(pid)).replace(/-\w+\)$/, '-0badcafe)');
}
// No process has the highest id there can be.
const NOBODY = 2 ** 22 + 1;

test('a run that was killed on this computer does not keep the next one waiting', async () => {
  const cluster = api({ holder: await holderOf(NOBODY), renewedAt: 1_000 });
  await expect(take(cluster, () => 1_001)).resolves.toBeDefined();
});

test('another run that lives on this computer does', async () => {
  const cluster = api({ holder: await holderOf(process.ppid), renewedAt: 1_000 });
  await expect(take(cluster, () => 1_001)).rejects.toThrow('one management change at a time');
});

test('a run in another container of this computer\'s name does, whether there is a process of its id here or not', async () => {
  for (const pid of [NOBODY, process.pid]) {
    const holder = (await holderOf(pid)).replace(/, \w+-/, ', feedbeef-');
    await expect(take(api({ holder, renewedAt: 1_000 }), () => 1_001)).rejects.toThrow('one management change at a time');
  }
});

// Needs root, and Linux.
const IN_CONTAINER = ['--pid', '--fork', '--mount-proc'];
const withContainers = spawnSync('unshare', [...IN_CONTAINER, 'true']).status === 0 ? test : test.skip;

withContainers('two containers that share the name of their computer are told apart', () => {
  const program = `
    require('ts-node/register/transpile-only');
    const { takeLock } = require(${JSON.stringify(join(__dirname, '../../src/membership/lock'))});
    takeLock({ lease: async () => undefined, putLease: async ({ holder }) => console.log(holder) || process.exit(0) }, 'prod');`;
  const spaceOf = (command: string, ...flags: readonly string[]) =>
    / \(process \d+, (\w+)-/.exec(execFileSync(command, [...flags, process.execPath, '-e', program], { encoding: 'utf8' }))![1];
  expect(spaceOf('env')).toBe(spaceOf('env'));
  expect(spaceOf('unshare', ...IN_CONTAINER)).not.toBe(spaceOf('env'));
});

test('a renewal whose answer got lost does not cost the lock', async () => {
  let now = 0;
  let isLost = false;
  const cluster = api();
  const lock = await take({
    lease: cluster.lease,
    async putLease(next, version) {
      const written = await cluster.putLease(next, version);
      if (!isLost) return written;
      isLost = false;
      throw new Error('the answer got lost');
    },
  }, () => now);
  isLost = true;
  for (now = 20_000; now <= 100_000; now += 20_000) await jest.advanceTimersByTimeAsync(20_000);
  expect(() => lock.assertHeld()).not.toThrow();
  expect(cluster.stored!.renewedAt).toBe(100_000);
});

test('a lock that somebody else took meanwhile is neither renewed nor given back', async () => {
  let now = 0;
  const cluster = api();
  const lock = await take(cluster, () => now);
  await cluster.putLease({ ...cluster.stored!, holder: ANOTHER }, cluster.stored!.version);
  for (now = 20_000; now < 60_000; now += 20_000) await jest.advanceTimersByTimeAsync(20_000);
  expect(() => lock.assertHeld()).toThrow('it could not be renewed for 60 s');
  await lock.release();
  expect(cluster.stored!.holder).toBe(ANOTHER);
});

test('of two that take it at the same moment one gets it', async () => {
  const cluster = api();
  const quicker = { ...cluster, lease: async () => undefined, putLease: cluster.putLease };
  await cluster.putLease({ holder: ANOTHER, acquiredAt: 0, renewedAt: 0, durationSeconds: 60 }, undefined);
  let looks = 0;
  await expect(take({ ...quicker, lease: async () => (looks++ === 0 ? undefined : cluster.stored) }, () => 1)).rejects.toThrow(ANOTHER);
});

test('it is renewed while it is held', async () => {
  let now = 0;
  const cluster = api();
  const lock = await take(cluster, () => now);
  for (now = 20_000; now <= 200_000; now += 20_000) await jest.advanceTimersByTimeAsync(20_000);
  expect(cluster.stored!.renewedAt).toBe(200_000);
  expect(() => lock.assertHeld()).not.toThrow();
});

test('a lock that could not be renewed is not relied on', async () => {
  let now = 0;
  const cluster = api();
  const lock = await take(cluster, () => now);
  cluster.leave();
  for (now = 20_000; now < 60_000; now += 20_000) await jest.advanceTimersByTimeAsync(20_000);
  expect(() => lock.assertHeld()).toThrow('it could not be renewed for 60 s');
  await expect(lock.release()).resolves.toBeUndefined();
});
