import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { openRehearsal } from '../../src/adapters/rehearsal';
import { management, workers } from './machines';
import { Stack, describeWithEngine, type Definition } from './stack';

jest.setTimeout(180_000);

const small: Definition = { management: { machines: management(1) }, workers: workers(1) };

describeWithEngine('what goes wrong, on the real engine, rehearsed', () => {
  let stack: Stack;

  afterEach(() => stack.dispose());

  /** A stack whose rehearsal is set up as in a faults.yaml that a person wrote. */
  async function given(faults: object, definition: Definition = small): Promise<void> {
    stack = await Stack.create(definition);
    setFaults(faults);
  }

  function setFaults(faults: object): void {
    mkdirSync(stack.rehearsal, { recursive: true });
    writeFileSync(join(stack.rehearsal, 'faults.yaml'), JSON.stringify(faults));
  }

  const cluster = () => openRehearsal(stack.rehearsal).api();
  const names = async () => (await cluster().nodes()).map(({ name }) => name).sort();

  /** One message, the remedy in it, no stack trace. */
  function expectMessage(text: string, ...parts: (string | RegExp)[]): void {
    for (const part of parts) expect(text).toMatch(part);
    expect(text).not.toMatch(/\n\s+at .*[\\/]/);
  }

  test('a host that is down is named before anything is touched', async () => {
    await given({ w1: { dead: true } });
    const { code, text } = await stack.up();
    expect(code).not.toBe(0);
    expectMessage(text, /w1/);
    expect(await stack.nodes()).toEqual([]);
  });

  test('a host that already runs another Kubernetes is refused and left alone', async () => {
    await given({ w1: { facts: { otherKubernetes: ['kubelet.service'] } } });
    const { code, text } = await stack.up();
    expect(code).not.toBe(0);
    expectMessage(text, /machine 'w1' \(kubelet\.service\): another Kubernetes lives there/);
    expect(await names()).toEqual(['m1']);
  });

  test('two machines with one machine-id are refused before anything is touched', async () => {
    await given({ m1: { facts: { machineId: 'f'.repeat(32) } }, w1: { facts: { machineId: 'f'.repeat(32) } } });
    const { code, text } = await stack.up();
    expect(code).not.toBe(0);
    expectMessage(text, /machines 'm1', 'w1'.*machine-id/);
    expect(await stack.nodes()).toEqual([]);
  });

  test('an installer that fails says so, and the next run carries on', async () => {
    await given({ w1: { installFails: 'no space left on device' } });
    const { code, text } = await stack.up();
    expect(code).not.toBe(0);
    expectMessage(text, /w1/, /no space left on device/);
    setFaults({});
    const again = await stack.up();
    expect(again).toMatchObject({ code: 0 });
    expect(await names()).toEqual(['m1', 'w1']);
  });

  test('an install script whose checksum differs is not run', async () => {
    await given({ m1: { checksumMismatch: true } }, { ...small, args: { installer: { sha256: 'a'.repeat(64) } } });
    const { code, text } = await stack.up();
    expect(code).not.toBe(0);
    expectMessage(text, /m1/, /sha256|checksum/);
    setFaults({});
    expect(await stack.up()).toMatchObject({ code: 0 });
  });

  test('a node that never becomes Ready ends at the deadline with the last reason, is recorded, and is carried on', async () => {
    await given({ w1: { notReady: 'container runtime network not ready' } }, { ...small, options: { customTimeouts: { create: '3s' } } });
    const { code, text } = await stack.up();
    expect(code).not.toBe(0);
    expectMessage(text, /w1/, /container runtime network not ready/, /customTimeouts/);
    expect(await stack.nodes()).toEqual(['m1', 'w1']);
    setFaults({});
    expect(await stack.up()).toMatchObject({ code: 0 });
    expect(await stack.preview('--expect-no-changes')).toMatchObject({ code: 0 });
  });

  test('a management node does not join while a voter is unhealthy', async () => {
    await given({}, { management: { machines: management(3) } });
    expect(await stack.up()).toMatchObject({ code: 0 });
    setFaults({ m3: { unhealthy: true } });
    stack.declare({ management: { machines: management(5) } });
    const { code, text } = await stack.up();
    expect(code).not.toBe(0);
    expectMessage(text, /cluster 'prod'/);
    expect(await names()).toEqual(['m1', 'm2', 'm3']);
  });

  test('a removal that would cost the quorum is refused by the live guard although it was confirmed', async () => {
    await given({}, { management: { machines: management(3) } });
    expect(await stack.up()).toMatchObject({ code: 0 });
    setFaults({ m1: { unhealthy: true } });
    stack.declare({ management: { machines: management(2), allowEven: 'm3 is being repaired' } });
    stack.set('llmos:confirmRemoval', ['m3']);
    const { code, text } = await stack.up();
    expect(code).not.toBe(0);
    expectMessage(text, /removing 'm3' from cluster 'prod'/);
    const nodes = await cluster().nodes();
    expect(nodes.map(({ name, unschedulable }) => `${name} ${unschedulable}`).sort()).toEqual(['m1 false', 'm2 false', 'm3 false']);
    expect(await cluster().fencedNames()).toEqual([]);
  });

  test('an unknown address of one machine is not taken for the unknown address of another', async () => {
    await given({}, { ...small, deferred: ['m1', 'w1'] });
    expect(await stack.preview()).toMatchObject({ code: 0 });
    expect(await stack.up()).toMatchObject({ code: 0 });
  });

  test('a node that is in the cluster already is adopted and nothing is installed', async () => {
    await given({});
    expect(await stack.up()).toMatchObject({ code: 0 });
    const other = await Stack.create(small);
    try {
      other.set('llmos:rehearsal', stack.rehearsal);
      const { code, text } = await other.up();
      expect({ code, text }).toMatchObject({ code: 0 });
      expect(text).not.toContain('installing LLMOS');
      expect(await other.nodes()).toEqual(['m1', 'w1']);
    } finally {
      other.dispose();
    }
  });

  test('killed with SIGKILL in the middle of a join, cancelled and run again, it converges and starts no second cluster', async () => {
    await given({ Cluster: { installSeconds: 2 } }, { management: { machines: management(3) } });
    const killed = stack.start('up', '--yes', '--skip-preview', ...stack.configFlag);
    await new Promise<void>(resolve => {
      killed.stdout!.on('data', () => { if (/m2 joining.*installing/.test(killed.text())) resolve(); });
    });
    await stack.kill(killed);
    const identity = await cluster().identity();
    expect(await stack.cancel()).toMatchObject({ code: 0 });
    expect(await stack.up()).toMatchObject({ code: 0 });
    expect(await cluster().identity()).toBe(identity);
    expect(await names()).toEqual(['m1', 'm2', 'm3']);
  });

  test('killed while the very first node is set up, it is carried on and not started twice', async () => {
    await given({ Cluster: { installSeconds: 2 } });
    const killed = stack.start('up', '--yes', '--skip-preview', ...stack.configFlag);
    await new Promise<void>(resolve => {
      killed.stdout!.on('data', () => { if (/m1 joining.*LLMOS is setting up/.test(killed.text())) resolve(); });
    });
    await stack.kill(killed);
    expect(await stack.cancel()).toMatchObject({ code: 0 });
    expect(await stack.up()).toMatchObject({ code: 0 });
    expect(await names()).toEqual(['m1', 'w1']);
  });
});
