import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { openRehearsal } from '../../src/adapters/rehearsal';
import type { Host } from '../../src/adapters/rehearsal/state';
import type { NodeView } from '../../src/membership/ports/cluster-api';
import { ByHand } from '../adapters/rehearsal/by-hand';
import { management, workers } from './machines';
import { Stack, describeWithEngine } from './stack';

jest.setTimeout(180_000);

/** What is declared of w1. */
type Worker = NonNullable<Parameters<Stack['declare']>[0]['workers']>[number];

/** One change of w1 after the other. */
describeWithEngine('a node changes in place on the real engine, rehearsed', () => {
  let stack: Stack;
  let joined: NodeView;
  let host: string;
  const [w1, w2] = workers(2) as [Worker, Worker];
  const gpu = { key: 'gpu', value: 'h200', effect: 'NoSchedule' } as const;
  const node = async () => (await openRehearsal(stack.rehearsal).api().node('w1'))!;
  const declare = (change: Partial<Worker>) => stack.declare({ management: { machines: management(3) }, workers: [{ ...w1, ...change }, w2] });

  /** The machine of w1, in every detail: nothing was installed, written, started or stopped where it stays the same. */
  function machine(): string {
    const folder = join(stack.rehearsal, 'machines');
    return readdirSync(folder).map(file => readFileSync(join(folder, file), 'utf8')).find(text => (JSON.parse(text) as Host).name === 'w1')!;
  }

  async function up(): Promise<string> {
    const { code, text } = await stack.up();
    expect({ code, text }).toMatchObject({ code: 0 });
    return text;
  }

  /** Only w1 was changed, and neither its machine nor its place in the cluster. */
  async function expectInPlace(text: string): Promise<void> {
    expect(text).not.toMatch(/joining|removing|replac/);
    expect(text).not.toMatch(/prod-(m\d|w2) updat/);
    expect(await node()).toMatchObject({ uid: joined.uid, createdAt: joined.createdAt });
    expect(machine()).toBe(host);
  }

  beforeAll(async () => {
    stack = await Stack.create();
    declare({ zone: 'a', labels: { rack: 'r1', tier: 'gold' }, taints: [gpu] });
    await up();
    new ByHand(stack.rehearsal).node('w1', view => {
      view.labels.theirs = 'yes';
      view.taints.push({ key: 'theirs', effect: 'NoExecute' });
    });
    [joined, host] = [await node(), machine()];
  });
  afterAll(() => stack.dispose());

  test('labels and taints: what is declared comes, what no longer is goes, and what others added stays', async () => {
    declare({ zone: 'a', labels: { rack: 'r2', model: 'h200' }, taints: [{ ...gpu, value: 'h100' }, { key: 'batch', effect: 'NoExecute' }] });
    const text = await up();
    expect(text).toMatch(/prod-w1 updat.*\[diff: ~labels,taints\]/);
    const { labels, taints } = await node();
    expect(labels).toEqual({ ...joined.labels, rack: 'r2', model: 'h200', tier: undefined });
    expect(taints).toHaveLength(3);
    expect(taints).toEqual(expect.arrayContaining([{ ...gpu, value: 'h100' }, { key: 'batch', effect: 'NoExecute' }, { key: 'theirs', effect: 'NoExecute' }]));
    await expectInPlace(text);
  });

  test('all of them: only those of others are left', async () => {
    declare({ zone: 'a' });
    const text = await up();
    const { labels, taints } = await node();
    expect(labels).toEqual({ ...joined.labels, rack: undefined, tier: undefined });
    expect(taints).toEqual([{ key: 'theirs', effect: 'NoExecute' }]);
    await expectInPlace(text);
  });

  test('the zone, which is a label', async () => {
    declare({ zone: 'b' });
    const text = await up();
    expect(text).toMatch(/prod-w1 updat.*\[diff: ~zone\]/);
    expect((await node()).labels['topology.kubernetes.io/zone']).toBe('b');
    await expectInPlace(text);
  });

  test('how it is reached, which is only recorded', async () => {
    declare({ zone: 'b', user: 'ops', hostKey: 'SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' });
    await openRehearsal(stack.rehearsal).setCluster({ apiAway: true });
    const preview = await stack.preview();
    expect(preview.text).toMatch(/prod-w1 update .*\[diff: \+hostKey,user\]/);
    await openRehearsal(stack.rehearsal).setCluster({ apiAway: undefined });
    await expectInPlace(await up());
    expect((await stack.resources()).find(({ urn }) => urn.endsWith('prod-w1'))!.outputs).toMatchObject({ user: 'ops' });
    declare({ zone: 'b' });
    await up();
  });

  test.each<[string, Partial<Worker>, string]>([
    ['address', { address: '192.0.2.201' }, 'its address changes from 192.0.2.101 to 192.0.2.201'],
    ['internalAddress', { internalAddress: '10.0.0.101' }, 'its internal address changes from none to 10.0.0.101'],
  ])('another %s is a replacement: it is refused without a confirmation, and the preview says why', async (property, change, reason) => {
    declare({ zone: 'b', ...change });
    const refused = await stack.preview();
    expect(refused.code).not.toBe(0);
    expect(refused.text).toContain(`removal from cluster 'prod' (w1): a node is removed only when its name was confirmed; w1 cannot change in place and would leave and join again, because ${reason}; if that is meant: `);
    stack.set('llmos:confirmRemoval', ['w1']);
    const { code, text } = await stack.preview();
    stack.set('llmos:confirmRemoval', undefined);
    expect({ code, text }).toMatchObject({ code: 0 });
    expect(text).toMatch(new RegExp(`prod-w1 replace .*\\[diff: .*${property}`));
    expect(text).toContain(`node 'w1' cannot change in place, because ${reason}: it leaves, and joins again`);
    expect(machine()).toBe(host);
  });

  test('another role is one, too', async () => {
    stack.declare({ management: { machines: [...management(2), { ...w1, zone: 'b' }] }, workers: [w2] });
    const refused = await stack.preview();
    expect(refused.code).not.toBe(0);
    expect(refused.text).toContain('w1 cannot change in place and would leave and join again, because its role changes from worker to management');
    stack.set('llmos:confirmRemoval', ['w1', 'm3']);
    const { code, text } = await stack.preview();
    expect({ code, text }).toMatchObject({ code: 0 });
    expect(text).toMatch(/prod-w1 replace .*\[diff: .*role/);
    expect(text).toContain("node 'w1' cannot change in place, because its role changes from worker to management: it leaves, and joins again");
  });
});
