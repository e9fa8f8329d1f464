import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { MachineProps } from '../../src';
import { openRehearsal } from '../../src/adapters/rehearsal';
import { management, workers } from './machines';
import { Stack, describeWithEngine } from './stack';

jest.setTimeout(180_000);

/** One cluster that loses its quorum; the tests follow each other. */
describeWithEngine('a cluster that lost its quorum is recovered, on the real engine, rehearsed', () => {
  let stack: Stack;
  let identity: string;
  const [m1, m2, m3, m4, m5] = management(5) as [MachineProps, MachineProps, MachineProps, MachineProps, MachineProps];
  const [w1] = workers(1) as [MachineProps];

  const scene = () => openRehearsal(stack.rehearsal);
  const recover = (...args: string[]) => stack.llmosNodes('recover', ...args);

  function declare(machines: readonly MachineProps[], confirmed: readonly unknown[] = []): void {
    stack.set('llmos:confirmRemoval', confirmed);
    stack.declare({ management: { machines }, workers: [w1] });
  }

  async function up(): Promise<string> {
    const { code, text } = await stack.up();
    expect({ code, text }).toMatchObject({ code: 0 });
    return text;
  }

  function members(): string[] {
    const clusters = JSON.parse(readFileSync(join(stack.rehearsal, 'clusters.json'), 'utf8')) as { identity: string; members: { node: string }[] }[];
    expect(clusters.map(cluster => cluster.identity)).toEqual([identity]);
    return clusters[0]!.members.map(({ node }) => node).sort();
  }

  beforeAll(async () => {
    stack = await Stack.create();
    declare([m1, m2, m3]);
    await up();
    identity = await scene().api().identity();
  });
  afterAll(() => stack.dispose());

  test('it is refused while there is a quorum', async () => {
    const { code, text } = await recover('--confirm', 'prod');
    expect(code).toBe(1);
    expect(text).toMatch(/cluster 'prod': it has its quorum: the etcd member of m1, m2, m3 answers.*pulumi up/);
  });

  test('it is refused until a person has said of every machine that does not answer that it is lost', async () => {
    await scene().kill(String(m2.address));
    await scene().kill(String(m3.address));
    const { code, text } = await recover('--confirm', 'prod', '--lost', 'm2');
    expect(code).toBe(1);
    expect(text).toMatch(/management node 'm3' \(root@192\.0\.2\.13:22\): it does not answer, and if it runs it may still be part of the cluster.*--lost m3/);
    expect(text).not.toContain('management node \'m2\'');
  });

  test('without the name of the cluster it shows its plan and changes nothing', async () => {
    const { code, text } = await recover('--lost', 'm2', 'm3');
    expect(code).toBe(1);
    expect(text).toContain("Cluster 'prod' has lost its quorum: 1 of 3 etcd members runs, and 2 are needed.");
    expect(text).toMatch(/m1 +root@192\.0\.2\.11:22 +etcd's data up to revision 10000: the newest that is left/);
    expect(text).toMatch(/m2 +root@192\.0\.2\.12:22 +does not answer; said to be lost for good/);
    expect(text).toMatch(/confirmation: the name is typed by a person at a terminal;.*--confirm; nothing was changed/);
    expect((await recover('--lost', 'm2', 'm3', '--confirm', 'staging')).text).toMatch(/--confirm \(staging\): it is not 'prod', so nothing was changed/);
    expect(members()).toEqual(['m1', 'm2', 'm3']);
  });

  test('it lives on with the one that is left', async () => {
    const { code, text } = await recover('--lost', 'm2', 'm3', '--confirm', 'prod');
    expect({ code, text }).toMatchObject({ code: 0 });
    expect(text).toMatch(/prod recovering +4\/\d+ +making a cluster of the survivor's data/);
    expect(text).toMatch(/Cluster 'prod' is recovered from m1, revision 10000\. Its voters: m1\./);
    expect(text).toContain('llmos-nodes confirm m2 --recovered');
    expect(members()).toEqual(['m1']);
    expect((await scene().api().nodes()).map(({ name }) => name).sort()).toEqual(['m1', 'm2', 'm3', 'w1']);
  });

  test('other machines take the place of the lost ones with the next pulumi up, and the join token is changed', async () => {
    declare([m1, m4, m5], [{ name: 'm2', removal: 'unreachable', vote: 'lost' }, { name: 'm3', removal: 'unreachable', vote: 'lost' }]);
    const token = await scene().machine(m1 as { name: string; address: string }).joinToken();
    await up();
    expect(members()).toEqual(['m1', 'm4', 'm5']);
    expect((await scene().api().nodes()).map(({ name }) => name).sort()).toEqual(['m1', 'm4', 'm5', 'w1']);
    expect(await scene().machine(m1 as { name: string; address: string }).joinToken()).not.toBe(token);
    expect(await stack.preview('--expect-no-changes')).toMatchObject({ code: 0 });
  });

  test('lost again, other machines take the place under the same names', async () => {
    await scene().kill(String(m4.address));
    await scene().kill(String(m5.address));
    expect(await recover('--lost', 'm4', 'm5', '--confirm', 'prod')).toMatchObject({ code: 0 });
    declare([m1, { ...m4, address: '192.0.2.44' }, { ...m5, address: '192.0.2.45' }], [{ name: 'm4', removal: 'unreachable', vote: 'lost' }, { name: 'm5', removal: 'unreachable', vote: 'lost' }]);
    await up();
    expect(members()).toEqual(['m1', 'm4', 'm5']);
  });

  test('a host that is there and has lost its data is brought back by the recovery itself', async () => {
    await scene().kill('192.0.2.44');
    await scene().loseData('192.0.2.45');
    const { code, text } = await recover('--lost', 'm4', '--confirm', 'prod');
    expect({ code, text }).toMatchObject({ code: 0 });
    expect(text).toMatch(/recovered from m1, revision 10000\. Its voters: m1, m5\./);
    expect(members()).toEqual(['m1', 'm5']);
  });
});
