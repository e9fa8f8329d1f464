import { Deadline } from '../../src/membership/deadline';
import type { Awaited } from '../../src/membership/ports/cluster-api';
import { waitUntil } from '../../src/membership/wait';

/** Answers in turn, the last one for ever. Moves the clock on with each question. */
function asking(...answers: (Awaited | Error)[]) {
  let now = 0;
  let index = 0;
  const said: string[] = [];
  const ask = async () => {
    now += 1000;
    const answer = answers[Math.min(index++, answers.length - 1)]!;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  async function wait(seconds: number): Promise<void> {
    const waiting = waitUntil("node 'm2'", ask, new Deadline(seconds, { now: () => now }), reason => said.push(reason));
    waiting.catch(() => undefined);
    await jest.runAllTimersAsync();
    return waiting;
  }
  return { said, wait };
}
const not = (reason: string): Awaited => ({ done: false, reason });

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

test('it ends with the first answer that is content, and tells what was missing', async () => {
  const { said, wait } = asking(not('a learner'), { done: true });
  await wait(10);
  expect(said).toEqual(['a learner']);
});

test('a question that fails is asked again: etcd answers nobody while it changes its leader', async () => {
  const { said, wait } = asking(new Error('no leader'), { done: true });
  await wait(10);
  expect(said).toEqual(['no leader']);
});

test('at the deadline it names the last reason and how to wait longer', async () => {
  const { wait } = asking(not('a learner'), not('m3 does not answer'));
  await expect(wait(3)).rejects.toThrow(/^node 'm2': not done after 3 s \(last seen: m3 does not answer\); .*customTimeouts/);
});
