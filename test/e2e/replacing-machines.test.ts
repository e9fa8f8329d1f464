import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { MachineProps } from '../../src';
import { openRehearsal } from '../../src/adapters/rehearsal';
import type { RemovalConfirmation } from '../../src/llmos/removal';
import { management, workers } from './machines';
import { Stack, describeWithEngine, type Definition } from './stack';

jest.setTimeout(180_000);

/** A cluster, and one definition after the other, each on what the one before left. */
class Scene {
  private constructor(readonly stack: Stack) {}

  static async of(definition: Definition): Promise<Scene> {
    const scene = new Scene(await Stack.create(definition));
    await scene.up();
    return scene;
  }

  get rehearsed() {
    return openRehearsal(this.stack.rehearsal);
  }

  declare(definition: Definition, confirmed: readonly RemovalConfirmation[] = []): void {
    this.stack.set('llmos:confirmRemoval', confirmed);
    this.stack.declare(definition);
  }

  async up(...flags: string[]): Promise<string> {
    const { code, text } = await this.stack.up(...flags);
    expect({ code, text }).toMatchObject({ code: 0 });
    return text;
  }

  /** What the preview says where it is refused. */
  async refusal(): Promise<string> {
    const { code, text } = await this.stack.preview();
    expect({ code, text }).not.toMatchObject({ code: 0 });
    return text;
  }

  /** What was done to nodes, in the order of the first line of each. */
  turns(text: string): string[] {
    const lines = [...text.split('Diagnostics:')[0]!.matchAll(/(\S+) (joining|removing) +\d+\/\d+/g)];
    return lines.map(([, name, action]) => `${name} ${action}`).filter((turn, index, all) => turn !== all[index - 1]);
  }

  /** `m1`: etcd's members; there is one cluster. */
  members(): string[] {
    const clusters = JSON.parse(readFileSync(join(this.stack.rehearsal, 'clusters.json'), 'utf8')) as { members: { node: string }[] }[];
    expect(clusters).toHaveLength(1);
    return clusters[0]!.members.map(({ node }) => node).sort();
  }

  async node(name: string) {
    return (await this.rehearsed.api().node(name))!;
  }
}

describeWithEngine('the only management node is replaced, on the real engine, rehearsed', () => {
  let scene: Scene;
  const [m1, m2] = management(2) as [MachineProps, MachineProps];
  const others = workers(1);

  beforeAll(async () => {
    scene = await Scene.of({ chart: { registrationAddress: m1.address }, management: { machines: [m1] }, workers: others });
  });
  afterAll(() => scene.stack.dispose());

  test('under its own name it is refused in the preview, although it was confirmed', async () => {
    scene.declare({ management: { machines: [{ ...m1, address: '192.0.2.61' }] }, workers: others }, ['m1']);
    expect(await scene.refusal()).toContain('removing m1 leaves no voter: with the only one the cluster is gone; give the new machine a name of its own, so that it joins before the old one leaves');
  });

  test('while machines join through its address, the preview asks for another one', async () => {
    scene.declare({ chart: { registrationAddress: m1.address }, management: { machines: [m2] }, workers: others }, ['m1']);
    expect((await scene.refusal()).replaceAll(/\s+/g, ' ')).toContain("registrationAddress of cluster 'prod' (192.0.2.11): it is the address of m1, and after this change no management node has it");
  });

  test('by one of another name, which joins before it leaves', async () => {
    scene.declare({ chart: { registrationAddress: m2.address }, management: { machines: [m2] }, workers: others }, ['m1']);
    expect(scene.turns(await scene.up())).toEqual(['m2 joining', 'm1 removing']);
    expect(scene.members()).toEqual(['m2']);
    expect(await scene.stack.preview('--expect-no-changes')).toMatchObject({ code: 0 });
  });

  test('it and a worker change places', async () => {
    const machines: MachineProps[] = [{ ...others[0]!, zone: 'a' }];
    scene.declare({ chart: { registrationAddress: others[0]!.address }, management: { machines }, workers: [m2] }, ['m2', 'w1']);
    expect(scene.turns(await scene.up())).toEqual(['w1 removing', 'w1 joining', 'm2 removing', 'm2 joining']);
    expect(scene.members()).toEqual(['w1']);
  });
});

describeWithEngine('machines change behind the names of nodes, on the real engine, rehearsed', () => {
  let scene: Scene;
  const [m1, m2, m3] = management(3) as [MachineProps, MachineProps, MachineProps];
  const [w1, w2] = workers(2) as [MachineProps, MachineProps];
  const all: Definition = { management: { machines: [m1, m2, m3] }, workers: [w1, w2] };
  /** All, with the management nodes at these addresses. */
  const at = (...addresses: readonly string[]): Definition => ({ ...all, management: { machines: [m1, m2, m3].map((machine, index) => ({ ...machine, address: addresses[index]! })) } });

  beforeAll(async () => {
    scene = await Scene.of(all);
  });
  afterAll(() => scene.stack.dispose());

  test('the first management node and a worker were reinstalled: a refresh finds it, and the next preview asks for their names', async () => {
    for (const { address } of [m1, w1]) await scene.rehearsed.reinstall(String(address));
    // Nothing but a look at the machines tells.
    scene.declare(all);
    expect(await scene.stack.preview('--expect-no-changes')).toMatchObject({ code: 0 });
    expect(await scene.stack.refresh()).toMatchObject({ code: 0 });
    expect(await scene.refusal()).toMatch(/removal from cluster 'prod' \(m1\): another machine \(machine-id [0-9a-f]{32}\) stands at its address.*if it was reinstalled: npx llmos-nodes confirm m1 --reinstall/);
    expect(await scene.stack.llmosNodes('impact', '--stack', 'test')).toMatchObject({ code: 5, text: expect.stringMatching(/NOT CONFIRMED[^]*- m1 leaves its old machine[^]*\+ m1 joins on its new machine/) });
  });

  test('a machine that is no more cannot be cleaned', async () => {
    scene.declare(all, [{ name: 'm1', removal: 'reinstall' }, 'w1']);
    expect(await scene.refusal()).toMatch(/\(w1\): another machine .* is not there to be cleaned; if it was reinstalled: npx llmos-nodes confirm w1 --reinstall/);
  });

  test('confirmed as reinstalled, each leaves and joins again', async () => {
    const before = await scene.node('m1');
    scene.declare(all, ['m1', 'w1'].map(name => ({ name, removal: 'reinstall' })));
    const { code, text } = await scene.stack.preview();
    expect({ code, text }).toMatchObject({ code: 0, text: expect.stringMatching(/prod-m1 +replace.*anotherMachine/) });
    const turns = scene.turns(await scene.up());
    expect(turns.filter(turn => turn.startsWith('m1'))).toEqual(['m1 removing', 'm1 joining']);
    expect(turns.filter(turn => turn.startsWith('w1'))).toEqual(['w1 removing', 'w1 joining']);
    expect(scene.members()).toEqual(['m1', 'm2', 'm3']);
    expect((await scene.node('m1')).machineId).not.toBe(before.machineId);
    scene.declare(all);
    expect(await scene.stack.preview('--expect-no-changes', '--refresh')).toMatchObject({ code: 0 });
  });

  test('the first management node dies for good and another machine gets its name', async () => {
    await scene.rehearsed.kill(String(m1.address));
    const moved = { ...all, management: { machines: [{ ...m1, address: '192.0.2.61' }, m2, m3] } };
    scene.declare(moved, [{ name: 'm1', removal: 'unreachable' }]);
    expect(scene.turns(await scene.up())).toEqual(['m1 removing', 'm1 joining']);
    expect(scene.members()).toEqual(['m1', 'm2', 'm3']);
    scene.declare(moved);
    expect(await scene.stack.preview('--expect-no-changes')).toMatchObject({ code: 0 });
  });

  test('every management node gets another machine under its name in one change', async () => {
    scene.declare(at('192.0.2.71', '192.0.2.72', '192.0.2.73'), ['m1', 'm2', 'm3']);
    expect(scene.turns(await scene.up())).toEqual(['m1', 'm2', 'm3'].flatMap(name => [`${name} removing`, `${name} joining`]));
    expect(scene.members()).toEqual(['m1', 'm2', 'm3']);
  });

  test('and one of them yet another one, in the run that refreshed before', async () => {
    scene.stack.declareInProgram(at('192.0.2.71', '192.0.2.82', '192.0.2.73'));
    expect(scene.turns(await scene.up('--refresh'))).toEqual(['m2 removing', 'm2 joining']);
    expect(scene.members()).toEqual(['m1', 'm2', 'm3']);
  });
});

describeWithEngine('nodes move between pools, on the real engine, rehearsed', () => {
  let scene: Scene;
  const [m1, m2, m3] = management(3) as [MachineProps, MachineProps, MachineProps];
  const [w1, w2, w3] = workers(3) as [MachineProps, MachineProps, MachineProps];
  const gpu = { labels: { accelerator: 'h200' }, taints: [{ key: 'gpu', effect: 'NoSchedule' as const }] };

  beforeAll(async () => {
    scene = await Scene.of({ management: { machines: [m1, m2, m3] }, workers: [w1, w2], pools: { gpu: { ...gpu, machines: [w3] } } });
  });
  afterAll(() => scene.stack.dispose());

  test('into a pool of the same role: its labels and taints change, and nothing else', async () => {
    const before = await scene.node('w2');
    scene.declare({ management: { machines: [m1, m2, m3] }, workers: [w1], pools: { gpu: { ...gpu, machines: [w3, w2] } } });
    const preview = await scene.stack.preview();
    expect(preview).toMatchObject({ code: 0, text: expect.not.stringContaining('replace') });
    expect(scene.turns(await scene.up())).toEqual([]);
    expect(await scene.node('w2')).toMatchObject({ uid: before.uid, labels: { accelerator: 'h200' }, taints: [{ key: 'gpu', effect: 'NoSchedule' }] });
  });

  test('and back, with the pool renamed and all machines in another order', async () => {
    scene.declare({ management: { machines: [m3, m1, m2] }, workers: [w2, w1], pools: { h200: { ...gpu, machines: [w3] } } });
    expect(scene.turns(await scene.up())).toEqual([]);
    const { labels, taints } = await scene.node('w2');
    expect(labels).not.toHaveProperty('accelerator');
    expect(taints).toEqual([]);
    expect(await scene.stack.preview('--expect-no-changes')).toMatchObject({ code: 0 });
  });

  test('in the new order they still leave one after the other', async () => {
    scene.declare({ management: { machines: [m3] }, workers: [w2, w1], pools: { h200: { ...gpu, machines: [w3] } } }, ['m1', 'm2']);
    expect(scene.turns(await scene.up())).toEqual(['m2 removing', 'm1 removing']);
    expect(scene.members()).toEqual(['m3']);
  });
});
