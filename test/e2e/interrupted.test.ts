import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { openRehearsal } from '../../src/adapters/rehearsal';
import { Deadline } from '../../src/membership/deadline';
import { joinSteps } from '../../src/membership/join/join-steps';
import { removeSteps } from '../../src/membership/remove/remove-steps';
import { upToStep } from './hang';
import { management, workers } from './machines';
import { Stack, describeWithEngine, type Outcome } from './stack';

jest.setTimeout(300_000);

/**
 * One stack that grows from nothing to three management nodes and a worker and shrinks again. Each test begins where the one before
 * ended. What is killed is killed with SIGKILL right before a step; crash-anywhere.test.ts is about what lies between two.
 */
describeWithEngine('runs that are killed, on the real engine, rehearsed', () => {
  let stack: Stack;
  let identity: string;
  /** Titles of the steps before which something was killed. */
  const interrupted = new Set<string>();

  beforeAll(async () => {
    stack = await Stack.create({ management: { machines: management(1) } });
  });

  afterAll(() => stack.dispose());

  const api = () => openRehearsal(stack.rehearsal).api();
  const machine = (name: string) => {
    const { address } = [...management(3), ...workers(1)].find(each => each.name === name)!;
    return openRehearsal(stack.rehearsal).machine({ name, address: String(address) });
  };
  const identities = () => (JSON.parse(readFileSync(join(stack.rehearsal, 'clusters.json'), 'utf8')) as { identity: string }[]).map(each => each.identity);

  /** Kills the run before each step of a change in turn, each run carrying on what the one before left, until one comes to its end. */
  async function killedBeforeEveryStep(change: string, ...untouched: string[]): Promise<Outcome> {
    for (let after = 0; ;) {
      const run = await upToStep(stack, change, after);
      if (!run.hangs) return run;
      await run.killEngine();
      interrupted.add(run.title);
      after = run.step;
      await expectWhole(...untouched);
    }
  }

  /** These nodes are in the cluster as if nothing had happened. */
  async function expectWhole(...names: string[]): Promise<void> {
    if (names.length === 0) return;
    const nodes = (await api().nodes()).filter(({ name }) => names.includes(name));
    expect(nodes.map(({ name, ready, unschedulable }) => `${name} ${ready} ${unschedulable}`).sort()).toEqual(names.map(name => `${name} true false`));
    expect(identities()).toEqual([identity]);
  }

  /** What the declared nodes and those that left are like when everything has come to its end. */
  async function expectEnd({ code, text }: Outcome, names: readonly string[], left: readonly string[] = []): Promise<void> {
    expect({ code, text }).toMatchObject({ code: 0 });
    const voters = names.filter(name => name.startsWith('m'));
    expect((await machine('m1').members()).map(({ node, learner }) => `${node} ${learner ? 'learner' : 'voter'}`).sort()).toEqual(voters.map(name => `${name} voter`));
    expect((await api().nodes()).map(({ name }) => name).sort()).toEqual(names);
    await expectWhole(...names);
    expect(await api().fencedNames()).toEqual(left);
    for (const name of left) expect(await machine(name).leftovers()).toEqual([]);
    expect(await stack.nodes()).toEqual(names);
  }

  /** What README says to type when everything has come to its end, and that nothing is left of the kills in the state. */
  async function expectForgotten(): Promise<void> {
    const { code, text } = await stack.pulumi('refresh', '--yes', '--skip-preview', '--clear-pending-creates', ...stack.configFlag);
    expect({ code, text }).toMatchObject({ code: 0 });
    const preview = await stack.preview('--expect-no-changes');
    expect(preview).toMatchObject({ code: 0 });
    expect(preview.text).not.toContain('pending operations');
  }

  test('the first node joins, killed before every step: one cluster is started and not two', async () => {
    const end = await killedBeforeEveryStep('m1 joining');
    [identity] = identities() as [string];
    await expectEnd(end, ['m1']);
    await expectForgotten();
  });

  test('a management node joins, killed before every step', async () => {
    stack.declare({
      management: { machines: management(2), allowEven: 'the third one comes next' },
      // Any file does where nothing is uploaded: there is one step more.
      args: { installer: { images: [{ path: __filename }] } },
    });
    await expectEnd(await killedBeforeEveryStep('m2 joining', 'm1'), ['m1', 'm2']);
  });

  test('the provider alone is killed while a management node and a worker join', async () => {
    stack.declare({ management: { machines: management(3) }, workers: workers(1) });
    for (const change of ['m3 joining', 'w1 joining']) {
      const run = await upToStep(stack, change, 12);
      if (!run.hangs) throw new Error(run.text);
      const { code } = await run.killProvider();
      expect(code).not.toBe(0);
    }
    await expectEnd(await stack.up(), ['m1', 'm2', 'm3', 'w1']);
    await expectForgotten();
  });

  test('a removal that was killed and is not wanted any more leaves the node whole, or lets it join again where it was out', async () => {
    for (const title of ['removing the etcd member', 'pointing management nodes at each other']) {
      stack.declare({ management: { machines: management(2), allowEven: 'm3 is being repaired' }, workers: workers(1) });
      stack.set('llmos:confirmRemoval', ['m3']);
      const run = await upToStep(stack, 'm3 removing', removeSteps.findIndex(step => step.title === title));
      if (!run.hangs) throw new Error(run.text);
      expect(run.title).toBe(title);
      await run.killEngine();
      stack.declare({ management: { machines: management(3) }, workers: workers(1) });
      await expectEnd(await stack.up(), ['m1', 'm2', 'm3', 'w1']);
      await openRehearsal(stack.rehearsal).reboot('m3');
      await api().waitForNode('m3', node => (node?.ready ? { done: true } : { done: false, reason: 'it does not start again' }), new Deadline(20));
    }
  });

  test('a management node leaves, killed before every step', async () => {
    stack.declare({ management: { machines: management(2), allowEven: 'm3 is being repaired' }, workers: workers(1) });
    stack.set('llmos:confirmRemoval', ['m3']);
    await expectEnd(await killedBeforeEveryStep('m3 removing', 'm1', 'm2', 'w1'), ['m1', 'm2', 'w1'], ['m3']);
  });

  test('a worker leaves, killed while it is drained and while it is cleaned, the provider alone in between', async () => {
    const place = (title: string) => removeSteps.findIndex(step => step.title === title);
    stack.declare({ management: { machines: management(2), allowEven: 'm3 is being repaired' } });
    stack.set('llmos:confirmRemoval', ['w1']);
    for (const [title, victim] of [['draining', 'engine'], ['deleting the Node', 'provider'], ['cleaning the machine', 'engine']] as const) {
      const run = await upToStep(stack, 'w1 removing', place(title));
      if (!run.hangs) throw new Error(run.text);
      expect(run.title).toBe(title);
      await (victim === 'engine' ? run.killEngine() : run.killProvider());
      await expectWhole('m1', 'm2');
    }
    await expectEnd(await stack.up(), ['m1', 'm2'], ['m3', 'w1']);
    await expectForgotten();
  });

  test('every step of a join and of a removal was among them', () => {
    // These are for machines that do not answer, or that somebody reinstalls, and for what was begun and given up: test/membership/crash-anywhere has them.
    const elsewhere = [
      'waiting until the cluster has noticed that it is gone', 'leaving the machine as it is', 'changing the join token',
      'ending the change of the join token that was begun by it', 'looking for what is left of a removal',
    ];
    const titles = [...joinSteps, ...removeSteps].map(({ title }) => title);
    expect(titles.filter(title => !interrupted.has(title) && !elsewhere.includes(title))).toEqual([]);
  });
});
