import { openRehearsal } from '../../src/adapters/rehearsal';
import { Deadline } from '../../src/membership/deadline';
import { management, workers } from './machines';
import { Stack, describeWithEngine } from './stack';

jest.setTimeout(180_000);

describeWithEngine('pulumi refresh on the real engine, rehearsed', () => {
  let stack: Stack;
  const scene = () => openRehearsal(stack.rehearsal);

  beforeEach(async () => {
    stack = await Stack.create({ management: { machines: management(3) }, workers: [{ ...workers(1)[0]!, labels: { rack: 'r1' } }] });
    expect(await stack.up()).toMatchObject({ code: 0 });
  });
  afterEach(() => stack.dispose());

  test('keeps a node whose machine and cluster merely do not answer', async () => {
    for (const name of ['m1', 'm2', 'm3', 'w1']) await scene().kill(name);
    expect(await stack.refresh()).toMatchObject({ code: 0 });
    expect(await stack.nodes()).toEqual(['m1', 'm2', 'm3', 'w1']);
  });

  test('sees a label that was changed by hand, and the next up puts it right', async () => {
    const api = scene().api();
    await api.applyNode('w1', { labels: { rack: 'r9' }, taints: [] });
    expect(await stack.refresh()).toMatchObject({ code: 0 });
    expect((await stack.preview()).text).toMatch(/w1.*update/);
    expect(await stack.up()).toMatchObject({ code: 0 });
    expect((await api.node('w1'))!.labels.rack).toBe('r1');
  });

  test('a first machine that was reinstalled joins the cluster that is there and starts no second one', async () => {
    const identity = await scene().api().identity();
    await scene().api().deleteNode('m1', new Deadline(10));
    await scene().reinstall('m1');
    expect(await stack.refresh()).toMatchObject({ code: 0 });
    expect(await stack.nodes()).toEqual(['m2', 'm3', 'w1']);
    const { code, text } = await stack.up();
    expect({ code, text }).toMatchObject({ code: 0 });
    const m1 = scene().machine({ name: 'm1', address: '192.0.2.11' });
    expect(await scene().api(m1).identity()).toBe(identity);
    expect((await m1.members()).map(({ node }) => node).sort()).toEqual(['m1', 'm2', 'm3']);
  });
});
