import { Deadline } from '../../src/membership/deadline';
import { drain } from '../../src/membership/drain';
import type { ClusterApi, Eviction, PodView } from '../../src/membership/ports/cluster-api';

type Promised<T> = T extends Promise<infer Value> ? Value : never;

let uids = 0;
function pod(name: string, more: Partial<PodView> = {}): PodView {
  return { namespace: 'shop', name, uid: String(uids++), phase: 'Running', ready: true, ownerKind: 'ReplicaSet', deleting: false, ...more };
}

/** A node with these pods. An evicted pod goes at once, unless `evict` says otherwise; a blocked one moves the clock on by 2 s. */
function node(pods: readonly PodView[], { evict, ready = true, appearing = [] }: { evict?: (pod: PodView) => Eviction | 'hangs'; ready?: boolean; appearing?: PodView[] } = {}) {
  let now = 0;
  let there = [...pods];
  const evicted: string[] = [];
  const said: string[] = [];
  const api: Partial<ClusterApi> = {
    pods: async () => there,
    node: async () => ({ ready }) as Promised<ReturnType<ClusterApi['node']>>,
    async evict(each) {
      const answer = evict?.(each) ?? { kind: 'evicted' };
      now += 2000;
      if (answer === 'hangs') {
        there = there.map(other => (other.uid === each.uid ? { ...other, deleting: true } : other));
        return { kind: 'evicted' };
      }
      if (answer.kind === 'evicted') evicted.push(each.name);
      if (answer.kind !== 'blocked') there = [...there.filter(({ uid }) => uid !== each.uid), ...appearing.splice(0)];
      return answer;
    },
    async waitForPods(_node, check, deadline) {
      const answer = check(there);
      if (answer.done) return;
      now += deadline.remaining;
      throw new Error(`watch: ${answer.reason}`);
    },
  };
  async function run(seconds = 60): Promise<void> {
    const draining = drain(api as ClusterApi, 'w1', new Deadline(seconds, () => now), detail => said.push(detail));
    draining.catch(() => undefined);
    await jest.runAllTimersAsync();
    return draining;
  }
  return { run, evicted, said };
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
  await expect(node([alone]).run(10)).rejects.toThrow('1 pods still end: shop/alone');
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
  await expect(node([pod('slow')], { evict: () => 'hangs' }).run(10)).rejects.toThrow("drain of 'w1': not done after 10 s (last seen: 1 pods still end: shop/slow)");
});

test('pods that end for ever do not keep a node that is not Ready in the cluster', async () => {
  const { run, said } = node([pod('slow')], { evict: () => 'hangs', ready: false });
  await run(10);
  expect(said.at(-1)).toBe('1 pods still end: shop/slow; the node is not Ready and is not waited for any longer');
});

test('what a budget holds back keeps a node in the cluster even if it is not Ready', async () => {
  await expect(node([pod('db')], { evict: () => ({ kind: 'blocked', reason: 'budget' }), ready: false }).run(5)).rejects.toThrow('held back: shop/db');
});

test('an eviction that fails for another reason ends the drain', async () => {
  await expect(node([pod('web')], { evict: () => { throw new Error('forbidden'); } }).run()).rejects.toThrow('forbidden');
});
