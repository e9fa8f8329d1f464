import fc from 'fast-check';

import type { Rehearsal } from '../../src/adapters/rehearsal';
import { RESTART_BLOCK } from '../../src/llmos/paths';
import { joinSteps } from '../../src/membership/join/join-steps';
import { lastNodeSteps, removeSteps } from '../../src/membership/remove/remove-steps';
import { waitUntil } from '../../src/membership/wait';
import { cluster, rehearsal, removeFolders, soon } from '../adapters/rehearsal/cluster-fixture';
import { Interrupted, joining, removing, starting, startingAnew, type Found, type Kept, type Interruption, type Run, type Work } from './interruption';
import { target } from './scene';

afterAll(() => {
  removeFolders();
  Interrupted.removeFolders();
});

/** Calls through the ports that change nothing: an answer that gets lost is as if they had failed. */
const READS = /\.(facts|members|memberHealthy|identity|nodes?|pods|fencedNames|removedNodes|tokenChangedBy|fenceHolds|leftovers|joinToken|askServer|waitFor\w+|lease)$/;

/** A change that is cut off at each of its calls in turn, and run again. */
interface Case {
  /** How things stand before. */
  readonly given: () => Promise<Rehearsal>;
  /** All nodes that the definition has, or had. */
  readonly declared: readonly string[];
  readonly work: Work;
  /** What is run afterwards. @default - the same again */
  readonly again?: Work;
  /** Names of the management and worker nodes that there are in the end. */
  readonly nodes: readonly string[];
  readonly fenced?: readonly string[];
  /** The node that the change is about: everything of all others stays what it was. */
  readonly about: string;
}

const three = ['m1', 'm2', 'm3'];

async function withPods(given: Promise<Rehearsal>, node: string): Promise<Rehearsal> {
  const rehearsed = await given;
  await rehearsed.deploy({ name: 'web', node, minAvailable: 0 });
  await rehearsed.api().pods(node);
  return rehearsed;
}

async function withFence(given: Promise<Rehearsal>, name: string): Promise<Rehearsal> {
  const rehearsed = await given;
  await rehearsed.api().ensureFence();
  await rehearsed.api().fence(name);
  return rehearsed;
}

async function withDead(given: Promise<Rehearsal>, name: string): Promise<Rehearsal> {
  const rehearsed = await given;
  await rehearsed.kill(name);
  return rehearsed;
}

/** Its removal was killed before its member went. */
async function withRemovalBegun(given: Promise<Rehearsal>, name: string): Promise<Rehearsal> {
  const rehearsed = await withFence(given, name);
  await rehearsed.api().cordon(name, 'removal');
  await rehearsed.machine(target(name)).blockRestart();
  return rehearsed;
}

/** By it the join token was changed, and nobody else has the new one yet. */
async function withTokenChangeBegun(given: Promise<Rehearsal>, name: string): Promise<Rehearsal> {
  const rehearsed = await given;
  await rehearsed.api().beginTokenChange(name, []);
  await rehearsed.machine(target(name)).rotateToken();
  return rehearsed;
}

const cases: Readonly<Record<string, Case>> = {
  'the first node joins': { given: () => rehearsal(), declared: three, work: starting('m1'), nodes: ['m1'], about: 'm1' },
  'the first node joins, and the state of the run is lost': {
    given: () => rehearsal(), declared: three, work: starting('m1'), again: startingAnew('m1', three), nodes: ['m1'], about: 'm1',
  },
  'the second management node joins': { given: () => cluster(['m1']), declared: three, work: joining('m2'), nodes: ['m1', 'm2'], about: 'm2' },
  'the third management node joins under a fenced name': {
    given: () => withFence(cluster(['m1', 'm2']), 'm3'), declared: three, work: joining('m3'), nodes: three, about: 'm3',
  },
  'a worker joins under a fenced name': {
    given: () => withFence(cluster(['m1']), 'w1'), declared: ['m1', 'w1'], work: joining('w1'), nodes: ['m1', 'w1'], about: 'w1',
  },
  'a node that is in the cluster is adopted': { given: () => cluster(['m1', 'm2']), declared: ['m1', 'm2'], work: joining('m2'), nodes: ['m1', 'm2'], about: 'm2' },
  'a management node whose removal was killed is adopted': {
    given: () => withRemovalBegun(cluster(three), 'm3'), declared: three, work: joining('m3'), nodes: three, about: 'm3',
  },
  'the management node that began to change the join token leaves': {
    given: () => withTokenChangeBegun(cluster(three), 'm3'), declared: three, work: removing('m3'), nodes: ['m1', 'm2'], fenced: ['m3'], about: 'm3',
  },
  'a management node with pods leaves': {
    given: () => withPods(cluster([...three, 'w1']), 'm3'), declared: [...three, 'w1'], work: removing('m3'), nodes: ['m1', 'm2', 'w1'], fenced: ['m3'], about: 'm3',
  },
  'the node that started the cluster leaves': { given: () => cluster(three), declared: three, work: removing('m1'), nodes: ['m2', 'm3'], fenced: ['m1'], about: 'm1' },
  'one of two leaves': { given: () => cluster(['m1', 'm2']), declared: ['m1', 'm2'], work: removing('m2'), nodes: ['m1'], fenced: ['m2'], about: 'm2' },
  'a worker with pods leaves': {
    given: () => withPods(cluster(['m1', 'w1', 'w2']), 'w1'), declared: ['m1', 'w1', 'w2'], work: removing('w1'), nodes: ['m1', 'w2'], fenced: ['w1'], about: 'w1',
  },
  'a management node that died leaves, and the join token is changed': {
    given: () => withDead(cluster([...three, 'm4', 'w1']), 'm4'), declared: [...three, 'm4', 'w1'], work: removing('m4', { confirmed: { removal: 'unreachable' } }),
    nodes: [...three, 'w1'], fenced: ['m4'], about: 'm4',
  },
  'the last node is destroyed': { given: () => cluster(['m1']), declared: ['m1'], work: removing('m1', { destroyingCluster: true }), nodes: [], about: 'm1' },
};

/** How things stand where a change came to its end: nothing half done, and nobody but its node was touched. */
function expectEnd(found: Found, { calls, cut }: Run, before: Found, { nodes, fenced = [], about }: Case): void {
  const management = nodes.filter(name => name.startsWith('m'));
  const { identities, members, setUp } = found;
  expect({ clusters: identities.length, members, nodes: found.nodes, fenced: found.fenced, setUp: Object.keys(setUp).sort() }).toEqual({
    clusters: nodes.length === 0 ? 0 : 1, members: management, nodes: nodes.map(name => `${name} ${target(name).role} Ready`), fenced, setUp: nodes,
  });
  expect(Object.entries(setUp).filter(([, traces]) => traces.includes(RESTART_BLOCK.marker))).toEqual([]);
  expectOthersUntouched(found, before, about);
  if (cut) return;
  expect(found.outdatedTokens).toEqual([]);
  // The lock of a run that was killed is taken over by the next one that needs it.
  if (calls.includes('api.putLease')) expect(found.holder).toBe('');
  // Wiped and started again, each of them joins one that is there.
  if (management.length > 1) expect(management.map(name => nodes.find(each => target(each).address === found.joinsBy[name]))).not.toContain(undefined);
}

/** How things stand where a removal failed: as before, but that a change of the token which was begun before may have come further. */
function expectTakenBack(found: Found, before: Found): void {
  const outdatedTokens = before.outdatedTokens.filter(name => found.outdatedTokens.includes(name));
  expect(found).toEqual({ ...before, outdatedTokens, holder: expect.any(String) });
}

/** No member and no Node but those of one node went, or was made anew; nor was a second cluster started. */
function expectOthersUntouched(found: Kept, before: Kept, about: string): void {
  const others = ({ ids }: Kept) => Object.fromEntries(Object.entries(ids).filter(([key]) => !key.endsWith(` ${about}`)));
  expect(others(found)).toEqual(others(before));
  expect(found.identities.length).toBeLessThanOrEqual(1);
  if (before.identities.length > 0 && found.identities.length > 0) expect(found.identities).toEqual(before.identities);
}

/** Cut off at a call that is counted. */
type Counted = Interruption & { readonly at: number };

/**
 * Killed at every call; the other ways at every change, and at the first of the questions that are alike. Between two kills with
 * nothing but a question between them there is no difference but time, so that long runs are killed only around what they change.
 */
function interruptions(calls: readonly string[]): Counted[] {
  const isRead = (call: string | undefined) => call === undefined || READS.test(call);
  return calls.flatMap((call, index): Counted[] => {
    const at = index + 1;
    if (!isRead(call)) return [{ cut: 'killed', at }, { cut: 'failed', at }, { cut: 'unanswered', at }];
    if (calls.indexOf(call) === index) return [{ cut: 'killed', at }, { cut: 'failed', at }];
    return calls.length > 100 && isRead(calls[index - 1]) ? [] : [{ cut: 'killed', at }];
  });
}

/** Says where it was when an expectation failed. */
async function at<T>(where: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw Object.assign(error as Error, { message: `${where}: ${(error as Error).message}` });
  }
}

function naming({ cut, at: number, killedAfter = 0 }: Counted, { calls, steps }: Run): string {
  const call = (index: number) => `call ${index + 1} (${calls[index]}, ${steps[index]})`;
  return `${cut} at ${call(number - 1)}${killedAfter === 0 ? '' : `, then killed at ${call(number + killedAfter - 1)}`}`;
}

/** A copy of how things stood, for as long as something is done with it. Says where it was when an expectation fails. */
async function on(original: Rehearsal, { declared }: Pick<Case, 'declared'>, where: (scene: Interrupted) => Promise<void>): Promise<void> {
  const scene = Interrupted.copyOf(original, declared);
  try {
    await where(scene);
  } finally {
    scene.dispose();
  }
}

/** The change from beginning to end, which tells what it calls. */
async function uncut(original: Rehearsal, each: Case): Promise<{ readonly run: Run; readonly before: Found }> {
  const scene = Interrupted.copyOf(original, each.declared);
  const before = await scene.look();
  const run = await scene.run(each.work);
  expect(run).toMatchObject({ ended: 'done', cut: false });
  expectEnd(await scene.look(), run, before, each);
  scene.dispose();
  return { run, before };
}

/** The first call of a removal that is not taken back where it or a later one fails. The end of a whole cluster never is. */
function placeOfNoReturn({ steps }: Run, { nodes }: Case): number {
  return nodes.length === 0 ? 0 : 1 + steps.findIndex(title => title === 'removing the etcd member' || title === 'stopping the node');
}

describe('cut off at any call through a port, and run again', () => {
  const covered = new Set<string>();

  test.each(Object.entries(cases))('%s', async (_title, each) => {
    const original = await each.given();
    const { run, before } = await uncut(original, each);
    run.steps.forEach(title => covered.add(title));
    for (const interruption of interruptions(run.calls)) {
      await on(original, each, async scene => {
        const cut = await scene.run(each.work, interruption);
        await at(naming(interruption, cut), async () => {
          // A question to which there is no answer is asked again, or of somebody else.
          if (cut.ended === 'done') expectEnd(await scene.look(), cut, before, each);
          if (cut.ended === 'refused' && interruption.at < placeOfNoReturn(run, each)) expectTakenBack(await scene.look(), before);
          expectOthersUntouched(scene.kept(), before, each.about);
          const again = await scene.run(each.again ?? each.work);
          expect(again).toMatchObject({ ended: 'done' });
          expectEnd(await scene.look(), again, before, each);
          again.steps.forEach(title => covered.add(title));
        });
      });
    }
  });

  test('there is no step of a join or a removal but one of these runs makes a call in it', () => {
    const quiet = ['checking the host', 'leaving the machine as it is'];
    const titles = [...joinSteps, ...removeSteps, ...lastNodeSteps].map(({ title }) => title);
    expect(titles.filter(title => !covered.has(title) && !quiet.includes(title))).toEqual([]);
  });

  test.each(['a management node with pods leaves', 'a worker with pods leaves'])('%s, and what is taken back after a failure is cut off too', async title => {
    const each = cases[title]!;
    const original = await each.given();
    const { run, before } = await uncut(original, each);
    // A wait of the drain that fails is no failure of the removal.
    const failures = interruptions(run.calls).filter(({ cut, at: number }) => cut === 'failed' && number < placeOfNoReturn(run, each) && run.calls[number - 1] !== 'api.waitForPods');
    for (const interruption of failures.flatMap(failure => [1, 2, 3, 4].map(killedAfter => ({ ...failure, killedAfter })))) {
      await on(original, each, async scene => {
        const cut = await scene.run(each.work, interruption);
        await at(naming(interruption, cut), async () => {
          const again = await scene.run(each.work);
          expect(again).toMatchObject({ ended: 'done' });
          expectEnd(await scene.look(), again, before, each);
        });
      });
    }
  });

  test('however often it is cut off', async () => {
    const given = new Map<string, Rehearsal>();
    const cut = fc.constantFrom('killed' as const, 'failed' as const, 'unanswered' as const);
    const interruption = fc.record({ cut, at: fc.integer({ min: 1, max: 60 }), killedAfter: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }) });
    await fc.assert(fc.asyncProperty(fc.constantFrom(...Object.keys(cases)), fc.array(interruption, { minLength: 2, maxLength: 4 }), async (title, cuts) => {
      const each = cases[title]!;
      const original = given.get(title) ?? await each.given();
      given.set(title, original);
      await on(original, each, async scene => {
        const before = await scene.look();
        for (const [index, next] of cuts.entries()) await scene.run(index === 0 ? each.work : each.again ?? each.work, next);
        const again = await scene.run(each.again ?? each.work);
        expect(again).toMatchObject({ ended: 'done' });
        expectEnd(await scene.look(), again, before, each);
      });
    }), { numRuns: 60 });
  });
});

describe('killed at any call, and then something else is wanted', () => {
  test.each(['the second management node joins', 'the third management node joins under a fenced name', 'a worker joins under a fenced name'])('%s, and is removed instead', async title => {
    const each = cases[title]!;
    const original = await each.given();
    const { run, before } = await uncut(original, each);
    const removed: Case = { ...each, nodes: each.nodes.filter(name => name !== each.about), fenced: [each.about] };
    for (const [index, call] of run.calls.entries()) {
      await on(original, each, async scene => {
        await scene.run(each.work, { cut: 'killed', at: index + 1 });
        await at(`killed at ${call}`, async () => {
          const again = await scene.run(removing(each.about));
          expect(again).toMatchObject({ ended: 'done' });
          expectEnd(await scene.look(), again, before, removed);
        });
      });
    }
  });

  test.each(['a management node with pods leaves', 'the node that started the cluster leaves', 'one of two leaves', 'a worker with pods leaves'])('%s, and is to stay after all', async title => {
    const each = cases[title]!;
    const original = await each.given();
    const { run, before } = await uncut(original, each);
    const stays: Case = { ...each, nodes: [...each.nodes, each.about].sort(), fenced: [] };
    for (const [index, call] of run.calls.entries()) {
      await on(original, each, async scene => {
        await scene.run(each.work, { cut: 'killed', at: index + 1 });
        await at(`killed at ${call}`, async () => {
          // A cordon may be the user's own, so it stays for them to take away.
          const cordoned = (await scene.rehearsed.api().node(each.about))?.unschedulable;
          let again = await scene.run(joining(each.about, 3));
          // What cannot be taken back has to be ended first, and says so.
          if (again.ended === 'refused') {
            expect(String(again.error)).toMatch(/its removal was begun|it was removed there|Kubelet stopped posting/);
            expect(await scene.run(each.work)).toMatchObject({ ended: 'done' });
            again = await scene.run(joining(each.about));
          }
          expect(again).toMatchObject({ ended: 'done' });
          if (cordoned) await scene.rehearsed.api().uncordon(each.about);
          expectEnd(await scene.look(), again, before, stays);
        });
      });
    }
  });

  test('the first node joins, and does not answer any more: none of the others starts a second cluster', async () => {
    const each = cases['the first node joins']!;
    const original = await each.given();
    const { run } = await uncut(original, each);
    for (const [index, call] of run.calls.entries()) {
      await on(original, each, async scene => {
        await scene.run(each.work, { cut: 'killed', at: index + 1 });
        const before = scene.kept();
        await scene.rehearsed.kill('m1');
        await at(`killed at ${call}`, async () => {
          for (const declared of [three, ['m2', 'm1', 'm3']]) {
            expect(await scene.run(startingAnew(declared[0]!, declared))).toMatchObject({ ended: 'refused' });
          }
          expect(scene.kept()).toEqual(before);
          await scene.rehearsed.revive('m1');
          expect(await scene.run(startingAnew('m1', three))).toMatchObject({ ended: 'done' });
          expect(scene.kept().identities).toHaveLength(1);
        });
      });
    }
  });

  test('the first node joins, and another one is declared before it: it carries no cluster of its own', async () => {
    const each = cases['the first node joins']!;
    const original = await each.given();
    const { run } = await uncut(original, each);
    const ends = new Set<string>();
    for (const [index, call] of run.calls.entries()) {
      await on(original, each, async scene => {
        await scene.run(each.work, { cut: 'killed', at: index + 1 });
        const before = scene.kept().identities;
        await at(`killed at ${call}`, async () => {
          const other = await scene.run(startingAnew('m2', ['m2', 'm1', 'm3']));
          ends.add(`${before.length} before, ${other.ended}`);
          if (other.ended === 'refused') expect(await scene.run(startingAnew('m1', three))).toMatchObject({ ended: 'done' });
          expect(scene.kept().identities).toHaveLength(1);
          expect([...before, ...scene.kept().identities].every(identity => identity === scene.kept().identities[0])).toBe(true);
        });
      });
    }
    // Nothing was done yet, half of it was, all of it was.
    expect([...ends].sort()).toEqual(['0 before, done', '0 before, refused', '1 before, done']);
  });
});

describe('killed while the new member is a learner', () => {
  const each: Case = { given: () => cluster(['m1', 'm2']), declared: [...three, 'm4'], work: joining('m3'), nodes: three, about: 'm3' };

  /** The join of m3, whose learner lags, killed while it waits for the promotion; then the learner catches up or not. */
  async function learner(where: (scene: Interrupted, before: Found, catchUp: () => Promise<void>) => Promise<void>): Promise<void> {
    await on(await each.given(), each, async scene => {
      const before = await scene.look();
      await scene.rehearsed.setFaults('m3', { lagging: true });
      await scene.run(each.work, { cut: 'killed', at: 'api.waitForNode' });
      expect((await scene.look()).members).toEqual(['m1', 'm2', 'm3 (learner)']);
      await where(scene, before, () => scene.rehearsed.setFaults('m3', { lagging: undefined }));
    });
  }

  test('the next run carries it on', () => learner(async (scene, before, catchUp) => {
    await catchUp();
    const again = await scene.run(each.work);
    expect(again).toMatchObject({ ended: 'done' });
    expectEnd(await scene.look(), again, before, each);
  }));

  test('another node waits for it, and joins once it is a voter', () => learner(async (scene, _before, catchUp) => {
    expect(await scene.run(joining('m4'))).toMatchObject({ ended: 'refused', error: expect.objectContaining({ message: expect.stringContaining('m3') }) });
    expect((await scene.look()).members).toEqual(['m1', 'm2', 'm3 (learner)']);
    await catchUp();
    expect(await scene.run(each.work)).toMatchObject({ ended: 'done' });
    expect(await scene.run(joining('m4'))).toMatchObject({ ended: 'done' });
    expect((await scene.look()).members).toEqual(['m1', 'm2', 'm3', 'm4']);
  }));

  test('it can be removed instead', () => learner(async (scene, before) => {
    const again = await scene.run(removing('m3'));
    expect(again).toMatchObject({ ended: 'done' });
    expectEnd(await scene.look(), again, before, { ...each, nodes: ['m1', 'm2'], fenced: ['m3'] });
  }));

  test('etcd throws it out when it makes no progress, and it is carried on all the same', () => learner(async (scene, before, catchUp) => {
    await scene.rehearsed.kill('m3');
    await scene.rehearsed.setCluster({ learnerSeconds: 0 });
    await waitUntil('the learner', async () => {
      // The rehearsal goes on while somebody looks.
      await scene.rehearsed.api().nodes();
      return 'member m3' in scene.kept().ids ? { done: false, reason: 'still there' } : { done: true };
    }, soon(), () => undefined);
    await catchUp();
    await scene.rehearsed.revive('m3');
    const again = await scene.run(each.work);
    expect(again).toMatchObject({ ended: 'done' });
    expectEnd(await scene.look(), again, before, each);
  }));
});
