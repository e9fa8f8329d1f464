import { openRehearsal, type Workload } from '../../src/adapters/rehearsal';
import { management, workers } from './machines';
import { Stack, describeWithEngine, finished, type Definition } from './stack';

jest.setTimeout(240_000);

const before: Definition = { management: { machines: management(1) }, workers: workers(2) };
const after: Definition = { ...before, workers: workers(1) };

describeWithEngine('draining a node that leaves, on the real engine, rehearsed', () => {
  let stack: Stack;
  const rehearsal = () => openRehearsal(stack.rehearsal);
  const names = async () => (await rehearsal().api().nodes()).map(({ name }) => name).sort();

  afterEach(() => stack.dispose());

  /** A cluster of m1, w1 and w2, with this on w2. */
  async function given(workload: Omit<Workload, 'name' | 'node'>): Promise<void> {
    stack = await Stack.create(before);
    expect(await stack.up()).toMatchObject({ code: 0 });
    await rehearsal().deploy({ name: 'db', node: 'w2', ...workload });
  }

  /** The definition without w2. */
  function removing(removal: unknown, seconds: number): void {
    stack.declare({ ...after, options: { customTimeouts: { delete: `${seconds}s` } } });
    stack.set('llmos:confirmRemoval', [removal]);
  }

  test('what a budget holds back is named while it is waited for, and the node leaves as soon as the budget allows it', async () => {
    await given({ minAvailable: 1 });
    removing('w2', 600);
    const child = stack.start('up', '--yes', '--skip-preview', ...stack.configFlag);
    await new Promise<void>(resolve => {
      child.stdout!.on('data', () => { if (/w2 removing.*draining.*held back: default\/db-\w+: budget 'db' allows 0 disruptions now: it needs 1 healthy pods and has 1/.test(child.text())) resolve(); });
    });
    await rehearsal().deploy({ name: 'db', node: 'w2', minAvailable: 1, replicas: 2 });
    expect(await finished(child)).toMatchObject({ code: 0 });
    expect(await names()).toEqual(['m1', 'w1']);
  });

  test('at the deadline the removal fails by default, names the pod and its budget, and leaves the node as it was; forced by name, it goes on', async () => {
    await given({ minAvailable: 1 });
    removing('w2', 8);
    const { code, text } = await stack.up();
    expect(code).not.toBe(0);
    expect(text).toMatch(/drain of 'w2': not done after \d s \(last seen: held back: default\/db-\w+: budget 'db' allows 0 disruptions now/);
    expect(await rehearsal().api().node('w2')).toMatchObject({ ready: true, unschedulable: false });
    expect(await rehearsal().api().fencedNames()).toEqual([]);

    removing({ name: 'w2', drain: 'force' }, 12);
    const forced = await stack.up();
    expect(forced).toMatchObject({ code: 0 });
    expect(forced.text).toMatch(/deleting default\/db-\w+ against its budget, as the removal was confirmed with drain: 'force' \(budget 'db' allows 0 disruptions now/);
    expect(await names()).toEqual(['m1', 'w1']);
  });

  test('a pod without a controller keeps its node until its loss was confirmed', async () => {
    await given({ kind: 'Pod' });
    removing('w2', 60);
    const { code, text } = await stack.up();
    expect(code).not.toBe(0);
    expect(text).toMatch(/drain of 'w2' \(default\/db-\w+\): nothing would recreate a pod without a controller, so evicting it loses it; .*barePods: 'delete'/);
    expect(await rehearsal().api().node('w2')).toMatchObject({ unschedulable: false });

    removing({ name: 'w2', barePods: 'delete' }, 60);
    expect(await stack.up()).toMatchObject({ code: 0 });
    expect(await names()).toEqual(['m1', 'w1']);
  });
});
