import { Deadline } from '../../src/membership/deadline';
import { drain, type DrainOptions } from '../../src/membership/drain';
import type { ClusterApi, Eviction, PodView } from '../../src/membership/ports/cluster-api';

type Promised<T> = T extends Promise<infer Value> ? Value : never;

let uids = 0;
function pod(name: string, more: Partial<PodView> = {}): PodView {
  return { namespace: 'shop', name, uid: String(uids++), phase: 'Running', ready: true, ownerKind: 'ReplicaSet', deleting: false, ...more };
}

interface Setting {
  /** @default - an evicted pod goes at once */
  readonly evict?: (pod: PodView) => Eviction | 'hangs';
  readonly ready?: () => boolean;
  /** Pods that the scheduler still brings. */
  readonly appearing?: PodView[];
  /** How long the kubelet of a pod that hangs would have, in seconds. @default 30 */
  readonly grace?: number;
}

/** A node with these pods. */
function node(pods: readonly PodView[], { evict, ready = () => true, appearing = [], grace = 30 }: Setting = {}) {
  let there = [...pods];
  const evicted: string[] = [];
  const deleted: string[] = [];
  const said: string[] = [];
  const begunAt = Date.now();
  const gone = ({ uid }: PodView) => { there = [...there.filter(each => each.uid !== uid), ...appearing.splice(0)]; };
  const api: Partial<ClusterApi> = {
    pods: async () => there,
    node: async () => ({ ready: ready() }) as Promised<ReturnType<ClusterApi['node']>>,
    async evict(each) {
      const answer = evict?.(each) ?? { kind: 'evicted' };
      if (answer === 'hangs') {
        there = there.map(other => (other.uid === each.uid ? { ...other, deleting: true, endsBy: Date.now() + grace * 1000 } : other));
        return { kind: 'evicted' };
      }
      if (answer.kind === 'evicted') evicted.push(each.name);
      if (answer.kind !== 'blocked') gone(each);
      return answer;
    },
    async deletePod(each) {
      deleted.push(each.name);
      gone(each);
    },
    async waitForPods(_node, check, deadline) {
      const answer = check(there);
      if (answer.done) return;
      await new Promise(resolve => setTimeout(resolve, deadline.remaining));
      throw new Error(`watch: ${answer.reason}`);
    },
  };
  async function run(seconds = 60, options?: DrainOptions): Promise<void> {
    const draining = drain(api as ClusterApi, 'w1', new Deadline(seconds), detail => said.push(detail), options);
    draining.catch(() => undefined);
    await jest.runAllTimersAsync();
    return draining;
  }
  return { run, evicted, deleted, said, took: () => (Date.now() - begunAt) / 1000 };
}

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

test('every pod is evicted but those of DaemonSets, mirror pods and pods that finished', async () => {
  const { run, evicted } = node([
    pod('web'), pod('db', { ownerKind: 'StatefulSet' }), pod('proxy', { ownerKind: 'DaemonSet' }), pod('static', { ownerKind: 'Node' }),
    pod('done', { phase: 'Succeeded', ownerKind: 'Job' }), pod('broken', { phase: 'Failed', ownerKind: undefined }),
  ]);
  await run();
  expect(evicted.sort()).toEqual(['db', 'web']);
});

test('a pod that nothing would recreate stops the drain before anything is evicted', async () => {
  const { run, evicted } = node([pod('web'), pod('alone', { ownerKind: undefined })]);
  await expect(run()).rejects.toThrow("drain of 'w1' (shop/alone): nothing would recreate a pod without a controller, so evicting it loses it; delete it yourself");
  expect(evicted).toEqual([]);
});

test('a pod without a controller that is being deleted already is waited for', async () => {
  const alone = pod('alone', { ownerKind: undefined, deleting: true });
  await expect(node([alone]).run(10)).rejects.toThrow('1 pod is ending: shop/alone');
});

test('a pod that appears after the first look is evicted as well', async () => {
  const { run, evicted } = node([pod('web')], { appearing: [pod('late')] });
  await run();
  expect(evicted).toEqual(['web', 'late']);
});

test('a pod that is ending already is not evicted a second time', async () => {
  const { run, evicted } = node([pod('ending', { deleting: true })]);
  await expect(run(4)).rejects.toThrow('shop/ending');
  expect(evicted).toEqual([]);
});

test('what a budget holds back is tried again and named meanwhile', async () => {
  let tries = 0;
  const { run, evicted, said } = node([pod('web'), pod('db')], {
    evict: ({ name }) => (name === 'db' && tries++ < 2 ? { kind: 'blocked', reason: 'budget db needs 1' } : { kind: 'evicted' }),
  });
  await run();
  expect(evicted).toEqual(['web', 'db']);
  expect(said).toContain('held back: shop/db: budget db needs 1');
});

test('at the deadline what a budget still holds back is named', async () => {
  const { run } = node([pod('db')], { evict: () => ({ kind: 'blocked', reason: 'budget db needs 1' }) });
  await expect(run(5)).rejects.toThrow(/^drain of 'w1': not done after 5 s \(last seen: held back: shop\/db: budget db needs 1\); /);
});

test('at the deadline a pod that does not end is named', async () => {
  await expect(node([pod('slow')], { evict: () => 'hangs' }).run(10)).rejects.toThrow("drain of 'w1': not done after 10 s (last seen: 1 pod is ending: shop/slow)");
});

describe('on a node that is not Ready', () => {
  const ready = () => false;

  test('a pod that its kubelet does not end is waited for no longer than its grace period, and named', async () => {
    const { run, said, took } = node([pod('slow'), pod('web')], { evict: ({ name }) => (name === 'slow' ? 'hangs' : { kind: 'evicted' }), ready, grace: 30 });
    await run(600);
    expect(said.at(-1)).toBe('not waited for, because the node is not Ready and does not end them: shop/slow');
    expect(took()).toBe(30);
  });

  test('a pod whose grace period was over before the drain began is not waited for at all', async () => {
    const { run, took } = node([pod('lost', { deleting: true, endsBy: Date.now() - 1 })], { ready });
    await run(600);
    expect(took()).toBe(0);
  });

  test('a pod that still has grace left at the deadline keeps the node in the cluster: its kubelet may work', async () => {
    await expect(node([pod('slow')], { evict: () => 'hangs', ready, grace: 3600 }).run(10)).rejects.toThrow('last seen: 1 pod is ending: shop/slow');
  });

  test('what a budget holds back is never skipped', async () => {
    const { run } = node([pod('db'), pod('lost', { deleting: true, endsBy: Date.now() - 1 })], { evict: () => ({ kind: 'blocked', reason: 'budget' }), ready });
    await expect(run(5)).rejects.toThrow('held back: shop/db');
  });
});

test('a node that stops being Ready while its pods end does not hold the drain to the deadline', async () => {
  const stopsAt = Date.now() + 5_000;
  const { run, took } = node([pod('slow')], { evict: () => 'hangs', ready: () => Date.now() < stopsAt });
  await run(600);
  expect(took()).toBeLessThan(60);
});

test('a pod that a Ready node does not end is waited for, however long its grace period is over', async () => {
  await expect(node([pod('slow')], { evict: () => 'hangs', grace: 0 }).run(60)).rejects.toThrow('last seen: 1 pod is ending: shop/slow');
});

describe('where the removal was confirmed with drain: force', () => {
  const force = { atDeadline: 'force' } as const;

  test('what a budget holds back is deleted when the time for evictions is over, and named with its budget', async () => {
    const { run, deleted, evicted, said, took } = node([pod('db'), pod('web')], { evict: ({ name }) => (name === 'db' ? { kind: 'blocked', reason: 'budget db needs 1' } : { kind: 'evicted' }) });
    await run(60, force);
    expect({ deleted, evicted }).toEqual({ deleted: ['db'], evicted: ['web'] });
    expect(said.at(-1)).toBe("deleting shop/db against its budget, as the removal was confirmed with drain: 'force' (budget db needs 1)");
    expect(took()).toBeGreaterThanOrEqual(45);
    expect(took()).toBeLessThan(60);
  });

  test('a budget that gives way in time is respected', async () => {
    const waitsUntil = Date.now() + 20_000;
    const { run, deleted, evicted } = node([pod('db')], { evict: () => (Date.now() < waitsUntil ? { kind: 'blocked', reason: 'budget' } : { kind: 'evicted' }) });
    await run(60, force);
    expect({ deleted, evicted }).toEqual({ deleted: [], evicted: ['db'] });
  });

  test('a pod that does not end fails the drain all the same', async () => {
    await expect(node([pod('slow')], { evict: () => 'hangs' }).run(60, force)).rejects.toThrow("drain of 'w1': not done after 60 s (last seen: 1 pod is ending: shop/slow)");
  });
});

test('a pod without a controller is evicted like all others where that was confirmed', async () => {
  const { run, evicted } = node([pod('alone', { ownerKind: undefined })]);
  await run(60, { barePods: 'delete' });
  expect(evicted).toEqual(['alone']);
});

test('an eviction that fails for another reason ends the drain', async () => {
  await expect(node([pod('web')], { evict: () => { throw new Error('forbidden'); } }).run()).rejects.toThrow('forbidden');
});
