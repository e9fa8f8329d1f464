import type { ChildProcess } from 'node:child_process';

import { openRehearsal } from '../../src/adapters/rehearsal';
import { management } from './machines';
import { Stack, describeWithEngine, finished, type Definition } from './stack';

jest.setTimeout(240_000);

const definition = (count: number): Definition => ({ management: { machines: management(count) } });

describeWithEngine('two people with the same program and one cluster, each with a stack of their own', () => {
  let anna: Stack;
  let ben: Stack;
  let running: (ChildProcess & { text: () => string }) | undefined;
  const rehearsal = () => openRehearsal(anna.rehearsal);
  const members = async () => (await rehearsal().machine({ name: 'm1', address: '192.0.2.11' }).members()).map(({ node }) => node).sort();

  /** Both know the cluster and have nothing to do. */
  beforeEach(async () => {
    anna = await Stack.create(definition(3));
    ben = await Stack.create(definition(3));
    ben.set('llmos:rehearsal', anna.rehearsal);
    expect(await anna.up()).toMatchObject({ code: 0 });
    expect(await ben.up()).toMatchObject({ code: 0 });
  });

  afterEach(async () => {
    if (running?.exitCode === null && running.signalCode === null) await kill(running);
    anna.dispose();
    ben.dispose();
  });

  /** Starts `pulumi up` and resolves once it says so. */
  async function upUntil(stack: Stack, saying: RegExp): Promise<void> {
    const child = running = stack.start('up', '--yes', '--skip-preview', ...stack.configFlag);
    await new Promise<void>((resolve, reject) => {
      child.stdout!.on('data', () => { if (saying.test(child.text())) resolve(); });
      child.on('close', () => reject(new Error(`ended without saying ${saying}: ${child.text()}`)));
    });
  }

  /** Holds anna's join of m4 between the lock and the installation, as an operator that does not answer would. */
  async function annaJoinsAndWaits(): Promise<void> {
    await rehearsal().setCluster({ operatorUnready: true });
    anna.declare(definition(5));
    await upUntil(anna, /m4 joining.*asking the cluster from this host/);
  }

  async function expectBothAreDone(count: number): Promise<void> {
    expect(await members()).toEqual(management(count).map(({ name }) => name));
    for (const stack of [anna, ben]) expect(await stack.preview('--expect-no-changes')).toMatchObject({ code: 0 });
    expect((await rehearsal().api().lease())?.holder).toBe('');
  }

  test('of two joins at once one goes on and the other is refused with the holder and since when; run again it finds everything done', async () => {
    await annaJoinsAndWaits();
    const { holder } = (await rehearsal().api().lease())!;
    ben.declare(definition(5));
    const { code, text } = await ben.up();
    expect(code).not.toBe(0);
    expect(text).toContain(`lock of cluster 'prod' (${holder}): one management change at a time: it has been held for `);
    expect(text).toMatch(/it has been held for \d+ s and was renewed \d+ s ago; wait for that run to end, then run the same command again/);
    expect(text).not.toMatch(/\n\s+at .*[\\/]/);
    expect(await members()).toEqual(['m1', 'm2', 'm3']);

    await rehearsal().setCluster({ operatorUnready: undefined });
    expect(await finished(running!)).toMatchObject({ code: 0 });
    expect(await members()).toEqual(['m1', 'm2', 'm3', 'm4', 'm5']);
    expect(await ben.up()).toMatchObject({ code: 0 });
    await expectBothAreDone(5);
  });

  test('a removal waits for nobody either: while somebody else has a node join it is refused, and nothing is taken out', async () => {
    await annaJoinsAndWaits();
    ben.declare(definition(1));
    ben.set('llmos:confirmRemoval', ['m2', 'm3']);
    const { code, text } = await ben.up();
    expect(code).not.toBe(0);
    expect(text).toMatch(/lock of cluster 'prod' \(.*\): one management change at a time/);
    expect(await rehearsal().api().fencedNames()).toEqual([]);
    expect((await rehearsal().api().nodes()).filter(({ unschedulable }) => unschedulable)).toEqual([]);

    await rehearsal().setCluster({ operatorUnready: undefined });
    expect(await finished(running!)).toMatchObject({ code: 0 });
    ben.declare(definition(5));
    ben.set('llmos:confirmRemoval', undefined);
    expect(await ben.up()).toMatchObject({ code: 0 });
    await expectBothAreDone(5);
  });

  test('the lock of a run that was killed is taken over at once', async () => {
    await annaJoinsAndWaits();
    const { holder } = (await rehearsal().api().lease())!;
    await kill(running!);
    await processEnded(Number(/process (\d+)/.exec(holder)![1]));
    expect((await rehearsal().api().lease())!.holder).toBe(holder);
    await rehearsal().setCluster({ operatorUnready: undefined });

    ben.declare(definition(5));
    expect(await ben.up()).toMatchObject({ code: 0 });
    expect(await anna.cancel()).toMatchObject({ code: 0 });
    expect(await anna.up()).toMatchObject({ code: 0 });
    await expectBothAreDone(5);
  });
});

async function kill(child: ChildProcess & { text: () => string }): Promise<void> {
  const end = finished(child);
  process.kill(-child.pid!, 'SIGKILL');
  await end;
}

/** A provider outlives its engine by a moment. */
async function processEnded(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise(resolve => setImmediate(resolve));
  }
}
