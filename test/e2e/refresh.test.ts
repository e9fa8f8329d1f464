import { openRehearsal } from '../../src/adapters/rehearsal';
import { Deadline } from '../../src/membership/deadline';
import { management, workers } from './machines';
import { Stack, describeWithEngine } from './stack';

jest.setTimeout(180_000);

/** One thing after the other that happens to a cluster of three; after each, all is well again. */
describeWithEngine('pulumi refresh on the real engine, rehearsed', () => {
  let stack: Stack;
  const scene = () => openRehearsal(stack.rehearsal);
  const ours = ['m1', 'm2', 'm3', 'w1', 'w2'];

  function declare(count: number): void {
    const [w1, ...others] = workers(count);
    stack.declare({ management: { machines: management(3) }, workers: [{ ...w1!, labels: { rack: 'r1' } }, ...others] });
  }

  async function refreshed(): Promise<string[]> {
    const { code, text } = await stack.refresh();
    expect({ code, text }).toMatchObject({ code: 0 });
    return stack.nodes();
  }

  async function up(): Promise<string> {
    const { code, text } = await stack.up();
    expect({ code, text }).toMatchObject({ code: 0 });
    return text;
  }

  beforeAll(async () => {
    stack = await Stack.create();
    declare(1);
    await up();
  });
  afterAll(() => stack.dispose());

  test('keeps a half-joined node and sees a label that was changed by hand; the next up mends both', async () => {
    const api = scene().api();
    await scene().setFaults('w2', { installFails: 'no space left on device' });
    declare(2);
    expect((await stack.up()).code).not.toBe(0);
    await scene().setFaults('w2', { installFails: undefined });
    await api.applyNode('w1', { labels: { rack: 'r9', theirs: 'yes' }, taints: [] });
    expect(await refreshed()).toEqual(ours);
    const text = await up();
    expect(text).toMatch(/prod-w1 updating .*\[diff: ~labels\]/);
    expect(text).toMatch(/w2 joining/);
    expect(text).not.toMatch(/prod-m\d updating/);
    expect((await api.node('w1'))!.labels).toMatchObject({ rack: 'r1' });
    expect((await api.nodes()).map(({ name }) => name).sort()).toEqual(ours);
  });

  test('keeps a node that the API server cannot be asked for, although its machine is clean', async () => {
    await scene().reinstall('w2');
    await scene().setCluster({ apiAway: true });
    expect(await refreshed()).toEqual(ours);
    await scene().setCluster({ apiAway: undefined });
  });

  test('keeps a node that the cluster has not while its machine does not answer', async () => {
    await scene().api().deleteNode('w2', new Deadline(10));
    await scene().kill('w2');
    expect(await refreshed()).toEqual(ours);
    await scene().revive('w2');
  });

  test('lets a node go that the cluster has not and whose machine is clean, and the next up lets it join', async () => {
    expect(await refreshed()).toEqual(['m1', 'm2', 'm3', 'w1']);
    await up();
    expect((await scene().api().nodes()).map(({ name }) => name).sort()).toEqual(ours);
  });

  test('a first machine that was reinstalled joins the cluster that is there and starts no second one', async () => {
    const identity = await scene().api().identity();
    await scene().api().deleteNode('m1', new Deadline(10));
    await scene().reinstall('m1');
    expect(await refreshed()).toEqual(['m2', 'm3', 'w1', 'w2']);
    await up();
    const m1 = scene().machine({ name: 'm1', address: '192.0.2.11' });
    expect(await scene().api(m1).identity()).toBe(identity);
    expect((await m1.members()).map(({ node }) => node).sort()).toEqual(['m1', 'm2', 'm3']);
  });

  test('keeps everything when nothing answers', async () => {
    for (const name of ours) await scene().kill(name);
    expect(await refreshed()).toEqual(ours);
  });
});
