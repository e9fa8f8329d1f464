import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { MachineProps } from '../../src';
import { openRehearsal } from '../../src/adapters/rehearsal';
import { management, workers } from './machines';
import { Stack, describeWithEngine } from './stack';

jest.setTimeout(180_000);

/** One membership after the other, each on what the one before left. */
describeWithEngine('nodes leave, move and are replaced, on the real engine, rehearsed', () => {
  let stack: Stack;
  let identity: string;
  const [m1, m2, m3, m4, m5] = management(5) as [MachineProps, MachineProps, MachineProps, MachineProps, MachineProps];
  const m6: MachineProps = { name: 'm6', address: '192.0.2.16', zone: 'a' };
  const [w1] = workers(1) as [MachineProps];

  const scene = () => openRehearsal(stack.rehearsal);
  const nodes = async () => (await scene().api().nodes()).map(({ name, role }) => `${name} ${role}`).sort();

  /** Confirms these removals and declares these nodes. */
  function declare(machines: readonly MachineProps[], others: readonly MachineProps[], confirmed: readonly string[] = []): void {
    stack.set('llmos:confirmRemoval', confirmed);
    stack.declare({ management: { machines }, workers: others });
  }

  async function up(...flags: string[]): Promise<string> {
    const { code, text } = await stack.up(...flags);
    expect({ code, text }).toMatchObject({ code: 0 });
    return text;
  }

  /** What was done to which node, in the order of the first line of each; a node that comes twice was interrupted by another. */
  function turns(text: string, names: readonly string[]): string[] {
    const lines = [...text.split('Diagnostics:')[0]!.matchAll(/(\S+) (joining|removing) +\d+\/\d+/g)].filter(([, name]) => names.includes(name!));
    return lines.map(([, name, action]) => `${name} ${action}`).filter((turn, index, all) => turn !== all[index - 1]);
  }

  async function expectOneCluster(members: readonly string[]): Promise<void> {
    const clusters = JSON.parse(readFileSync(join(stack.rehearsal, 'clusters.json'), 'utf8')) as { identity: string; members: { node: string; learner: boolean }[] }[];
    expect(clusters.map(cluster => ({ identity: cluster.identity, members: cluster.members.map(({ node }) => node).sort() })))
      .toEqual([{ identity, members: [...members].sort() }]);
  }

  beforeAll(async () => {
    stack = await Stack.create();
    declare([m1, m2, m3, m4, m5], [w1]);
    const text = await up();
    identity = await scene().api().identity();
    expect(turns(text, ['m1', 'm2', 'm3', 'm4', 'm5'])).toEqual(['m1 joining', 'm2 joining', 'm3 joining', 'm4 joining', 'm5 joining']);
  });
  afterAll(() => stack.dispose());

  test('the second and the fourth of five leave one after the other', async () => {
    declare([m1, m3, m5], [w1], ['m2', 'm4']);
    expect(turns(await up(), ['m2', 'm4'])).toEqual(['m4 removing', 'm2 removing']);
    await expectOneCluster(['m1', 'm3', 'm5']);
  });

  test('the node that started the cluster is replaced by one at the head of the list, which joins before the old one leaves', async () => {
    declare([m6, m3, m5], [w1], ['m1']);
    expect(turns(await up(), ['m1', 'm6'])).toEqual(['m6 joining', 'm1 removing']);
    await expectOneCluster(['m3', 'm5', 'm6']);
  });

  test('the first node gets another machine under its name: it leaves before it joins, and starts no second cluster', async () => {
    declare([{ ...m6, address: '192.0.2.66' }, m3, m5], [w1], ['m6']);
    expect(turns(await up(), ['m6'])).toEqual(['m6 removing', 'm6 joining']);
    await expectOneCluster(['m3', 'm5', 'm6']);
  });

  test('the machine of another address is looked at before the one that stands there leaves', async () => {
    await scene().kill('192.0.2.67');
    declare([{ ...m6, address: '192.0.2.67' }, m3, m5], [w1], ['m6']);
    const { code, text } = await stack.up();
    expect(code).not.toBe(0);
    expect(text).toContain('192.0.2.67');
    expect(turns(text, ['m6'])).toEqual([]);
    await expectOneCluster(['m3', 'm5', 'm6']);
  });

  test('two nodes change places between the pools', async () => {
    declare([{ ...m6, address: '192.0.2.66' }, m3, { ...w1, zone: 'b' }], [m5], ['m5', 'w1']);
    await up();
    expect(await nodes()).toEqual(['m3 management', 'm5 worker', 'm6 management', 'w1 management']);
    await expectOneCluster(['m3', 'm6', 'w1']);
  });

  test('two management nodes that become workers at once leave one after the other', async () => {
    declare([{ ...m6, address: '192.0.2.66' }], [m3, w1, m5], ['m3', 'w1']);
    const removals = turns((await up()).replace(/\S+ joining/g, ''), ['m3', 'w1']);
    expect(removals).toHaveLength(2);
    expect(await nodes()).toEqual(['m3 worker', 'm5 worker', 'm6 management', 'w1 worker']);
    await expectOneCluster(['m6']);
  });

  test('a removal that failed is tried again by the next up', async () => {
    await scene().kill('m5');
    declare([{ ...m6, address: '192.0.2.66' }], [m3, w1], ['m5']);
    expect((await stack.up()).code).not.toBe(0);
    expect(await stack.nodes()).toContain('m5');
    await scene().revive('m5');
    expect(turns(await up(), ['m5'])).toEqual(['m5 removing']);
    expect(await stack.nodes()).toEqual(['m3', 'm6', 'w1']);
    expect(await nodes()).toEqual(['m3 worker', 'm6 management', 'w1 worker']);
  });

  test('--target does not walk round the gate to remove a node, confirmed or not', async () => {
    declare([{ ...m6, address: '192.0.2.66' }], [m3], ['w1']);
    const { code, text } = await stack.up('--target', await stack.urn('prod-w1'));
    expect(code).not.toBe(0);
    expect(text).toContain('without --target');
    expect(await nodes()).toContain('w1 worker');
    await up('--target', await stack.urn('prod-w1'), '--target', (await stack.resources()).find(({ type }) => type.endsWith('llmos:Membership'))!.urn);
    expect(await nodes()).not.toContain('w1 worker');
  });
});
