import { openRehearsal } from '../../src/adapters/rehearsal';
import { management, workers } from './machines';
import { Stack, describeWithEngine } from './stack';

jest.setTimeout(180_000);

/** What `pulumi up` prints of the output. */
const SHOWN = /snapshot\s*:.*"(m\d:\/var\/lib\/rancher\/k3s\/server\/db\/snapshots\/before-[^"]+)"/;

describeWithEngine('the etcd snapshot before each change of the management nodes, on the real engine, rehearsed', () => {
  let stack: Stack;
  const names = async () => (await openRehearsal(stack.rehearsal).api().nodes()).map(({ name }) => name).sort();

  beforeAll(async () => { stack = await Stack.create({ management: { machines: management(1) }, workers: workers(1) }); });
  afterAll(() => stack.dispose());

  test('a new cluster has nothing to lose, so there is none', async () => {
    const { code, text } = await stack.up();
    expect({ code, text }).toMatchObject({ code: 0 });
    expect(text).not.toMatch(SHOWN);
    expect(text).not.toContain('taking an etcd snapshot');
  });

  test('before nodes join one is taken, and its place is shown among the outputs', async () => {
    stack.declare({ management: { machines: management(3) }, workers: workers(1) });
    const { code, text } = await stack.up();
    expect({ code, text }).toMatchObject({ code: 0 });
    expect(text).toMatch(SHOWN);
    expect(SHOWN.exec(text)![1]).toMatch(/^m1:.*\/before-changing-the-membership-m1-\d+$/);
    for (const name of ['m2', 'm3']) expect(text).toMatch(new RegExp(`${name} joining.*taking an etcd snapshot: m1:.*before-joining-${name}-`));
  });

  test('a preview without changes shows none', async () => {
    const { code, text } = await stack.preview('--expect-no-changes');
    expect({ code, text }).toMatchObject({ code: 0 });
  });

  test('a change of workers takes none and keeps the latest', async () => {
    const before = SHOWN.exec((await stack.up()).text)?.[1];
    stack.declare({ management: { machines: management(3) }, workers: workers(2) });
    const { code, text } = await stack.up();
    expect({ code, text }).toMatchObject({ code: 0 });
    expect(SHOWN.exec(text)?.[1]).toBe(before);
  });

  test('before nodes leave one is taken, which the output names afterwards', async () => {
    const before = SHOWN.exec((await stack.up()).text)?.[1];
    stack.declare({ management: { machines: management(1) }, workers: workers(2) });
    stack.set('llmos:confirmRemoval', ['m2', 'm3']);
    const { code, text } = await stack.up();
    expect({ code, text }).toMatchObject({ code: 0 });
    expect(text).toMatch(/m3 removing.*taking an etcd snapshot.*before-removing-m3/);
    const after = (await stack.resources()).find(({ type }) => type.endsWith('llmos:Membership'))!.outputs!.snapshot;
    expect(after).toMatch(/^m1:.*before-changing-the-membership/);
    expect(after).not.toBe(before);
  });

  test('where none can be taken nothing joins and nothing leaves', async () => {
    stack.set('llmos:confirmRemoval', undefined);
    await openRehearsal(stack.rehearsal).setFaults('m1', { snapshotFails: 'no space left on device' });
    stack.declare({ management: { machines: management(3) }, workers: workers(2) });
    const { code, text } = await stack.up();
    expect(code).not.toBe(0);
    expect(text).toMatch(/etcd snapshot before-changing-the-membership \(root@192\.0\.2\.11:22\): it could not be taken, and no member joins or leaves without one: .*no space left on device/);
    expect(text).not.toMatch(/\n\s+at .*[\\/]/);
    expect(await names()).toEqual(['m1', 'w1', 'w2']);
  });
});
