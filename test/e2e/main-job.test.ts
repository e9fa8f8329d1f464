import { openRehearsal } from '../../src/adapters/rehearsal';
import { management, workers } from './machines';
import { Stack, describeWithEngine } from './stack';

jest.setTimeout(180_000);

describeWithEngine('the main job on the real engine, rehearsed', () => {
  let stack: Stack;
  const cluster = () => openRehearsal(stack.rehearsal).api();
  const nodeNames = async () => (await cluster().nodes()).map(({ name }) => name).sort();

  beforeAll(async () => { stack = await Stack.create({ management: { machines: management(1) }, workers: workers(2) }); });
  afterAll(() => stack.dispose());

  test('one management node and two workers join', async () => {
    const { code, text } = await stack.up();
    expect({ code, text }).toMatchObject({ code: 0 });
    expect(await nodeNames()).toEqual(['m1', 'w1', 'w2']);
    expect((await cluster().nodes()).every(({ ready }) => ready)).toBe(true);
  });

  test('progress is shown while it happens: which node, which step, how long', async () => {
    stack.declare({ management: { machines: management(3) }, workers: workers(2) });
    const { code, text } = await stack.up();
    expect({ code, text }).toMatchObject({ code: 0 });
    expect(text).toMatch(/m2 joining +\d+\/\d+ +installing LLMOS +\(\d+ s\)/);
    expect((await cluster().nodes()).filter(({ etcdIsVoter }) => etcdIsVoter).map(({ name }) => name).sort()).toEqual(['m1', 'm2', 'm3']);
  });

  test('the same definition again changes nothing', async () => {
    const { code, text } = await stack.preview('--expect-no-changes');
    expect({ code, text }).toMatchObject({ code: 0 });
  });

  test('the state of one node is under 2,000 bytes and holds no secret', async () => {
    const nodes = (await stack.resources()).filter(({ type }) => type.endsWith('llmos:Node'));
    const token = await openRehearsal(stack.rehearsal).machine({ name: 'm1', address: '192.0.2.11' }).joinToken();
    for (const node of nodes) {
      const text = JSON.stringify(node);
      expect(Buffer.byteLength(text) < 2_000 ? 'small' : text).toBe('small');
      expect(text).not.toContain(token);
    }
  });

  test('an even number of management nodes fails the preview with the reason and the way out', async () => {
    stack.declare({ management: { machines: management(2) }, workers: workers(2) });
    const { code, text } = await stack.preview();
    expect(code).not.toBe(0);
    expect(text).toContain("management pool 'management'");
    expect(text).not.toMatch(/\n\s+at .*\.js:\d+/);
  });

  test('a removal nobody confirmed fails the preview and names what to type', async () => {
    stack.declare({ management: { machines: management(1) }, workers: workers(2) });
    const { code, text } = await stack.preview();
    expect(code).not.toBe(0);
    expect(text).toContain("removal from cluster 'prod' (m2, m3)");
    expect(text).toContain('llmos:confirmRemoval');
  });

  test('up refuses it as well, and touches nothing', async () => {
    const { code } = await stack.up();
    expect(code).not.toBe(0);
    expect(await nodeNames()).toEqual(['m1', 'm2', 'm3', 'w1', 'w2']);
  });

  test('--target does not walk round the gate', async () => {
    stack.declare({ management: { machines: management(3) }, workers: workers(3) });
    const urn = (await stack.resources()).find(({ urn: text }) => text.endsWith('prod-w1'))!.urn.replace('prod-w1', 'prod-w3');
    const { code, text } = await stack.up('--target', urn);
    expect(code).not.toBe(0);
    expect(text).toContain("node 'w3'");
    expect(await nodeNames()).not.toContain('w3');
  });

  test('confirmed by name, the nodes leave one by one, last one first, and stay out', async () => {
    stack.declare({ management: { machines: management(1) }, workers: workers(1) });
    stack.set('llmos:confirmRemoval', ['m2', 'm3', 'w2']);
    const { code, text } = await stack.up();
    expect({ code, text }).toMatchObject({ code: 0 });
    expect(text.indexOf('m3 removing')).toBeLessThan(text.indexOf('m2 removing'));
    expect(await nodeNames()).toEqual(['m1', 'w1']);
    expect((await cluster().fencedNames()).sort()).toEqual(['m2', 'm3', 'w2']);
    for (const [name, address] of [['m2', '192.0.2.12'], ['m3', '192.0.2.13'], ['w2', '192.0.2.102']] as const) {
      expect(await openRehearsal(stack.rehearsal).machine({ name, address }).leftovers()).toEqual([]);
    }
  });

  test('destroying wants the cluster\'s name', async () => {
    stack.set('llmos:confirmRemoval', undefined);
    const refused = await stack.destroy();
    expect(refused.code).not.toBe(0);
    expect(refused.text).toContain('llmos:confirmDestroy prod');
    expect(await nodeNames()).toEqual(['m1', 'w1']);
  });

  test('confirmed by the cluster\'s name, everything goes, the last management node last', async () => {
    stack.set('llmos:confirmDestroy', 'prod');
    const { code, text } = await stack.destroy();
    expect({ code, text }).toMatchObject({ code: 0 });
    expect(await stack.nodes()).toEqual([]);
    expect(await openRehearsal(stack.rehearsal).machine({ name: 'm1', address: '192.0.2.11' }).leftovers()).toEqual([]);
  });
});
