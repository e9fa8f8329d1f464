import type { MachineProps } from '../../src';
import { openRehearsal } from '../../src/adapters/rehearsal';
import { management, workers } from './machines';
import { Stack, describeWithEngine, type Definition } from './stack';

jest.setTimeout(180_000);

const KEY = 'THE-PRIVATE-KEY';

/** One after the other on one cluster of a management node and two workers. */
describeWithEngine('what people know of Pulumi holds here, on the real engine, rehearsed', () => {
  let stack: Stack;
  const [bare, w2, w3] = workers(3) as [MachineProps, MachineProps, MachineProps];
  const w1 = { ...bare, labels: { rack: 'r0' } };
  const changed = {
    w1: { ...w1, zone: 'c', labels: { rack: 'r1' }, taints: [{ key: 'gpu', value: 'h200', effect: 'NoSchedule' }] } satisfies MachineProps,
    w2: { ...w2, port: 2222 },
  };
  const machines = management(1);

  const scene = () => openRehearsal(stack.rehearsal);
  const names = async () => (await scene().api().nodes()).map(({ name }) => name).sort();

  function declare(others: readonly MachineProps[], more: Partial<Definition> = {}): void {
    stack.declare({ management: { machines }, workers: others, ...more });
  }

  async function up(...flags: string[]): Promise<string> {
    const { code, text } = await stack.up(...flags);
    expect({ code, text }).toMatchObject({ code: 0 });
    return text;
  }

  beforeAll(async () => {
    stack = await Stack.create();
    await stack.setSecret('e2e:privateKey', KEY);
    await stack.setSecret('llmos:passphrase', KEY);
    declare([w1, w2]);
    const text = await up();
    expect(text).not.toContain(KEY);
  });
  afterAll(() => stack.dispose());

  test('a private key that was passed in is secret in the state, also after a refresh and where a node joined half-way', async () => {
    const exported = async () => (await stack.pulumi('stack', 'export')).text;
    expect(await exported()).not.toContain(KEY);
    expect((await stack.pulumi('stack', 'export', '--show-secrets')).text).toContain(KEY);
    await scene().setFaults('w3', { installFails: 'no space left on device' });
    declare([w1, w2, w3]);
    const { code, text } = await stack.up();
    expect(code).not.toBe(0);
    expect(text).not.toContain(KEY);
    expect(await stack.nodes()).toContain('w3');
    expect(await exported()).not.toContain(KEY);
    await scene().api().applyNode('w1', { labels: { rack: 'r9' }, taints: [] });
    await stack.refresh();
    expect(await exported()).not.toContain(KEY);
    await scene().setFaults('w3', { installFails: undefined });
    await up();
    expect(await exported()).not.toContain(KEY);
  });

  test('labels, taints and zone change in place, a port is only recorded, and nobody joins or leaves', async () => {
    declare([changed.w1, changed.w2, w3]);
    expect(await up()).not.toMatch(/joining|removing/);
    expect(await scene().api().node('w1')).toMatchObject({
      labels: { rack: 'r1', 'topology.kubernetes.io/zone': 'c' }, taints: [{ key: 'gpu', value: 'h200', effect: 'NoSchedule' }],
    });
    const { outputs } = (await stack.resources()).find(({ urn }) => urn.endsWith('::prod-w2'))!;
    expect(outputs).toMatchObject({ port: 2222 });
  });

  test('aliases: a Cluster under another name is the same cluster', async () => {
    declare([changed.w1, changed.w2, w3], { name: 'production', options: { aliases: [{ name: 'prod' }] } });
    const { code, text } = await stack.preview('--expect-no-changes');
    expect({ code, text }).toMatchObject({ code: 0 });
  });

  test('--replace, and a Cluster that was moved without aliases, make the records anew and leave the nodes, also where their removal was confirmed', async () => {
    const whole = async () => (await scene().api().nodes()).map(({ name, uid, ready, unschedulable }) => ({ name, uid, ready, unschedulable }));
    const before = await whole();
    stack.set('llmos:confirmRemoval', ['m1', 'w1', 'w2', 'w3']);
    declare([changed.w1, w2, w3]);
    expect(await up('--replace', await stack.urn('prod-w1'))).toContain("node 'w1' stays: it is declared as it is");
    for (const name of ['production', 'prod']) {
      declare([changed.w1, w2, w3], { name });
      const text = await up();
      expect(text).toContain("node 'm1' stays: it is declared as it is");
      expect(text).not.toContain('removing');
      expect((await stack.preview('--expect-no-changes')).code).toBe(0);
    }
    expect(await whole()).toEqual(before);
    stack.set('llmos:confirmRemoval', []);
  });

  test('an unconfirmed removal stays refused with --continue-on-error', async () => {
    declare([changed.w1, changed.w2]);
    expect((await stack.up('--continue-on-error')).code).not.toBe(0);
    expect(await names()).toEqual(['m1', 'w1', 'w2', 'w3']);
  });

  test('customTimeouts: a removal ends at its deadline, says what held it back and takes back what it did', async () => {
    stack.set('llmos:confirmRemoval', ['w1', 'w2', 'w3']);
    await scene().deploy({ name: 'web', node: 'w3', minAvailable: 1 });
    declare([changed.w1, changed.w2], { options: { customTimeouts: { delete: '1s' } } });
    const { code, text } = await stack.up();
    expect(code).not.toBe(0);
    expect(text).toMatch(/drain of 'w3': not done after 0\.[67] s .*web/);
    expect(await scene().api().node('w3')).toMatchObject({ unschedulable: false });
    await scene().deploy({ name: 'web', minAvailable: 0 });
    declare([changed.w1, changed.w2], { options: { protect: true } });
    await up();
    expect(await names()).toEqual(['m1', 'w1', 'w2']);
  });

  test('protect: a protected node does not leave', async () => {
    declare([changed.w1], { options: { protect: true } });
    const { code, text } = await stack.up();
    expect(code).not.toBe(0);
    expect(text).toContain('protect');
    expect(await names()).toEqual(['m1', 'w1', 'w2']);
  });

  test('retainOnDelete: a node leaves the state and stays in the cluster', async () => {
    // It was taken out and is declared again, so its machine is looked at; and the rehearsal has another one behind that port.
    declare([changed.w1, w2], { options: { retainOnDelete: true } });
    await up();
    declare([changed.w1], { options: { retainOnDelete: true } });
    expect(await up()).not.toMatch(/removing/);
    expect(await stack.nodes()).toEqual(['m1', 'w1']);
    expect(await names()).toEqual(['m1', 'w1', 'w2']);
    expect(await scene().api().fencedNames()).toEqual(['w3']);
  });
});
