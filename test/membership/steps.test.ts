import type { ProgressEvent } from '../../src/membership/progress';
import { runSteps, type Step } from '../../src/membership/steps';
import { Problem } from '../../src/problem';

const subject = { node: 'm2', action: 'joining' };

async function run(steps: readonly Step<{ readonly fast: boolean }>[], fast = true): Promise<ProgressEvent[]> {
  const events: ProgressEvent[] = [];
  await runSteps(subject, steps, { fast }, event => events.push(event)).catch((error: unknown) => { throw Object.assign(error as Error, { events }); });
  return events;
}

const failing = (error: unknown): Step<unknown> => ({ title: 'connecting', run: async () => { throw error; } });

test('steps run one after the other, each announced with its number', async () => {
  const done: string[] = [];
  const step = (title: string): Step<unknown> => ({ title, run: async () => { await Promise.resolve(); done.push(title); } });
  const events = await run([step('one'), step('two')]);
  expect(done).toEqual(['one', 'two']);
  expect(events).toMatchObject([{ ...subject, step: 1, steps: 2, title: 'one' }, { step: 2, steps: 2, title: 'two' }]);
});

test('a step that does not apply is counted and neither run nor shown', async () => {
  const events = await run([{ title: 'slow', when: ({ fast }) => !fast, run: () => Promise.reject(new Error('not to be run')) }, { title: 'last', run: async () => undefined }]);
  expect(events).toMatchObject([{ step: 2, steps: 2, title: 'last' }]);
});

test('the same detail is told once in a row', async () => {
  const events = await run([{ title: 'waiting', run: async (_, report) => { ['a', 'a', 'b', 'a'].forEach(report); } }]);
  expect(events.map(({ detail }) => detail)).toEqual([undefined, 'a', 'b', 'a']);
});

test('a step that says nothing for long is mentioned again', async () => {
  jest.useFakeTimers();
  try {
    let end = () => {};
    const running = run([{ title: 'waiting', run: (_, report) => { report('m3 is a learner'); return new Promise(resolve => { end = resolve; }); } }]);
    await jest.advanceTimersByTimeAsync(15_000);
    end();
    expect((await running).map(({ detail }) => detail)).toEqual([undefined, 'm3 is a learner', 'm3 is a learner']);
  } finally {
    jest.useRealTimers();
  }
});

test('nothing runs after a step that failed, and the progress says where it ended', async () => {
  const after = jest.fn();
  const problem = new Problem({ subject: 'a', rule: 'b', remedy: 'c' });
  const error = await run([failing(problem), { title: 'after', run: after }]).catch((thrown: unknown) => thrown);
  expect(error).toBe(problem);
  expect(after).not.toHaveBeenCalled();
  expect((error as { events: ProgressEvent[] }).events.at(-1)).toMatchObject({ title: 'connecting', detail: 'it ends here' });
});

test('an error that was not made for reading is said with the node and the step, and keeps its cause', async () => {
  const cause = new TypeError('x is not a function');
  const error: unknown = await run([failing(cause)]).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Problem);
  expect((error as Problem).message).toBe("joining 'm2' (connecting): x is not a function; mend that, then run the same command again: it goes on where this run stopped");
  expect((error as Problem).cause).toBe(cause);
});
