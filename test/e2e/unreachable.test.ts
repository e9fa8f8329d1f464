import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { MachineProps } from '../../src';
import { openRehearsal } from '../../src/adapters/rehearsal';
import { mayComeBack } from '../../src/llmos/removed-node';
import { Deadline } from '../../src/membership/deadline';
import { management, workers } from './machines';
import { Stack, describeWithEngine } from './stack';

jest.setTimeout(180_000);

/** One membership after the other, each on what the one before left. */
describeWithEngine('machines that are gone for good leave and stay out, on the real engine, rehearsed', () => {
  let stack: Stack;
  const [m1, m2, m3, m4] = management(4) as [MachineProps, MachineProps, MachineProps, MachineProps];
  const [w1, w2] = workers(2) as [MachineProps, MachineProps];

  const scene = () => openRehearsal(stack.rehearsal);
  const names = async () => (await scene().api().nodes()).map(({ name }) => name).sort();
  const token = async (machine: MachineProps) => scene().machine(machine as { name: string; address: string }).joinToken();

  function declare(machines: readonly MachineProps[], others: readonly MachineProps[], confirmed: readonly unknown[] = []): void {
    stack.set('llmos:confirmRemoval', confirmed);
    stack.declare({ management: { machines }, workers: others });
  }

  async function up(): Promise<string> {
    const { code, text } = await stack.up();
    expect({ code, text }).toMatchObject({ code: 0 });
    return text;
  }

  /** What was done to which node, in the order of the lines. */
  function turns(text: string, ...about: readonly string[]): string[] {
    const lines = [...text.split('Diagnostics:')[0]!.matchAll(/(\S+) (joining|removing) +\d+\/\d+/g)].filter(([, name]) => about.includes(name!));
    return lines.map(([, name, action]) => `${name} ${action}`).filter((turn, index, all) => turn !== all[index - 1]);
  }

  /** Etcd's members, by the nodes' names. */
  function members(): string[] {
    const clusters = JSON.parse(readFileSync(join(stack.rehearsal, 'clusters.json'), 'utf8')) as { members: { node: string }[] }[];
    expect(clusters).toHaveLength(1);
    return clusters[0]!.members.map(({ node }) => node).sort();
  }

  /** Switches a machine on and waits until it has tried to come back and was refused. */
  async function switchOn(machine: MachineProps, refusal: RegExp): Promise<void> {
    await scene().revive(String(machine.address));
    const file = join(stack.rehearsal, 'machines', `${encodeURIComponent(String(machine.address))}.json`);
    const deadline = new Deadline(20);
    for (;;) {
      // Whoever looks lets happen what is due.
      await scene().api().nodes();
      const { bootstrap } = JSON.parse(readFileSync(file, 'utf8')) as { bootstrap: { reason: string } };
      if (refusal.test(bootstrap.reason)) return;
      if (deadline.passed) throw new Error(`it said: ${bootstrap.reason}`);
      await new Promise(resolve => setTimeout(resolve, 50));
    }
  }

  beforeAll(async () => {
    stack = await Stack.create();
    declare([m1, m2, m3], [w1, w2]);
    await up();
  });
  afterAll(() => stack.dispose());

  test('one that answers is not taken for gone', async () => {
    declare([m1, m3, m4], [w1, w2], [{ name: 'm2', removal: 'unreachable' }]);
    const { code, text } = await stack.up();
    expect(code).not.toBe(0);
    expect(text).toMatch(/node 'm2' \(removal: 'unreachable'\): root@192\.0\.2\.12:22 answers.*take that choice away/);
    expect(turns(text, 'm4')).toEqual([]);
    expect(members()).toEqual(['m1', 'm2', 'm3']);
    expect(await scene().api().fencedNames()).toEqual([]);
  });

  test('a dead management node leaves before its replacement joins, and the join token is changed', async () => {
    const before = await token(m1);
    await scene().kill(String(m2.address));
    expect(await stack.preview()).toMatchObject({ code: 0 });
    const text = await up();
    expect(turns(text, 'm2', 'm4')).toEqual(['m2 removing', 'm4 joining', 'm2 removing']);
    expect(text).toMatch(/m2 removing.*root@192\.0\.2\.12:22 was not cleaned/);
    expect(members()).toEqual(['m1', 'm3', 'm4']);
    const after = await token(m1);
    expect(after).not.toBe(before);
    expect(await Promise.all([m3, m4].map(token))).toEqual([after, after]);
    expect(text).not.toContain(after);
    expect(await scene().api().removedNodes()).toMatchObject([{ name: 'm2', fenced: true, removal: 'unreachable', tokenRotation: 'done' }]);
    expect(await stack.nodes()).toEqual(['m1', 'm3', 'm4', 'w1', 'w2']);
  });

  test('switched on again it stays out', async () => {
    await switchOn(m2, /refuses the token/);
    expect(members()).toEqual(['m1', 'm3', 'm4']);
    expect(await names()).toEqual(['m1', 'm3', 'm4', 'w1', 'w2']);
  });

  test('a worker that joins later gets the token that holds now', async () => {
    declare([m1, m3, m4], [w1, w2, { name: 'w3', address: '192.0.2.103' }], ['m2']);
    await up();
    expect(await names()).toContain('w3');
  });

  test('a dead worker leaves and stays out', async () => {
    await scene().kill(String(w2.address));
    declare([m1, m3, m4], [w1], [{ name: 'w2', removal: 'unreachable' }, 'w3']);
    const text = await up();
    expect(text).not.toContain('changing the join token');
    expect(await names()).toEqual(['m1', 'm3', 'm4', 'w1']);
    await switchOn(w2, /may not register again/);
    expect(await names()).toEqual(['m1', 'm3', 'm4', 'w1']);
  });

  test('a dead management node is replaced by another machine under its name, and the token is changed once that has a vote', async () => {
    const before = await token(m1);
    await scene().kill(String(m3.address));
    declare([m1, { ...m3, address: '192.0.2.33' }, m4], [w1], [{ name: 'm3', removal: 'unreachable' }]);
    const text = await up();
    expect(turns(text, 'm3')).toEqual(['m3 removing', 'm3 joining']);
    expect(members()).toEqual(['m1', 'm3', 'm4']);
    expect(await token(m1)).not.toBe(before);
    expect((await scene().api().removedNodes()).filter(mayComeBack)).toEqual([]);
    await switchOn(m3, /refuses the token/);
    expect(members()).toEqual(['m1', 'm3', 'm4']);
    expect(await stack.preview('--expect-no-changes')).toMatchObject({ code: 0 });
  });

  test('one that is to be reinstalled joins again only from another machine-id', async () => {
    declare([m1, { ...m3, address: '192.0.2.33' }, m4], [], [{ name: 'w1', removal: 'reinstall' }]);
    expect(await up()).toMatch(/w1 removing.*was not cleaned.*stopped; reinstall it/);
    declare([m1, { ...m3, address: '192.0.2.33' }, m4], [w1]);
    const { code, text } = await stack.up();
    expect(code).not.toBe(0);
    expect(text).toMatch(/machine 'w1' \(machine-id [0-9a-f]{32}\): that node was removed to be reinstalled/);
    await scene().reinstall(String(w1.address));
    await up();
    expect(await names()).toEqual(['m1', 'm3', 'm4', 'w1']);
    expect(await scene().api().fencedNames()).not.toContain('w1');
  });

  test('a preview says which confirmations confirm nothing any more', async () => {
    stack.set('llmos:confirmRemoval', ['m9', 'w1']);
    const { code, text } = await stack.preview();
    expect(code).toBe(0);
    expect(text).toMatch(/warning: confirmation of a removal from cluster 'prod' \(m9\): it matches no node any more/);
    expect(text).toMatch(/\(w1\): that node stays; delete it, or the next removal of that node needs no confirmation/);
  });

  test('confirmations that mean nothing fail the preview, all at once', async () => {
    stack.set('llmos:confirmRemoval', [{ name: 'w1', removal: 'gone' }, { name: 'm1', force: true }]);
    const { code, text } = await stack.preview();
    expect(code).not.toBe(0);
    expect(text).toMatch(/llmos:confirmRemoval of 'w1' \(removal: gone\): that cannot be chosen; write one of 'clean', 'unreachable', 'reinstall'/);
    expect(text).toMatch(/llmos:confirmRemoval of 'm1' \(force: true\): there is no such choice/);
  });
});
