import { Deadline } from '../../../src/membership/deadline';
import { findServer } from '../../../src/membership/join/find-server';
import type { JoinContext } from '../../../src/membership/join/join-context';
import type { ServerAnswer } from '../../../src/membership/ports/machine';
import { target } from '../scene';

/** A join of w1 to a cluster with the voters m1 and m2 and a third management host that was removed. */
function joining(answer: (url: string) => ServerAnswer) {
  let now = 0;
  const asked: string[] = [];
  const said: string[] = [];
  const machine = {
    async askServer(url: string): Promise<ServerAnswer> {
      asked.push(url);
      now += 1000;
      return answer(url);
    },
  };
  const server = {
    node: target('m1'),
    machine: { label: 'root@10.0.1.1:22', joinToken: async () => 's3cret', members: async () => ['m1', 'm2'].map(node => ({ node, learner: false })) },
  };
  const session = { cluster: { name: 'prod', registrationAddress: 'prod.example.com', registrationPort: 6443 }, management: ['m1', 'm2', 'm3'].map(name => target(name)) };
  const context = { session, server, machine, node: target('w1'), deadline: new Deadline(60, { now: () => now }) } as unknown as JoinContext;
  async function run(): Promise<void> {
    const finding = findServer(context, detail => said.push(detail));
    finding.catch(() => undefined);
    await jest.runAllTimersAsync();
    return finding;
  }
  return { run, context, asked, said, elapsed: () => now };
}

const away: ServerAnswer = { kind: 'unreachable', reason: 'connection refused' };

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

test('a machine joins by the registration address', async () => {
  const { run, context, asked } = joining(() => ({ kind: 'ok' }));
  await run();
  expect([context.registration, context.token, asked]).toEqual(['https://prod.example.com:6443', 's3cret', ['https://prod.example.com:6443']]);
});

test('where that does not answer it joins by a management node, and says so', async () => {
  const { run, context, said } = joining(url => (url.includes('prod') ? away : { kind: 'ok' }));
  await run();
  expect(context.registration).toBe('https://10.0.1.1:6443');
  expect(said).toEqual(['prod.example.com does not answer from there, joining by 10.0.1.1']);
});

test('a management node that has no vote any more is not joined by', async () => {
  const { run, asked } = joining(url => (url.includes('10.0.1.3') ? { kind: 'ok' } : away));
  await expect(run()).rejects.toThrow('no management node answers it');
  expect(asked).not.toContain('https://10.0.1.3:6443');
});

test('a token that is refused is told from a server that is away, at once and without the token', async () => {
  const { run, asked } = joining(() => ({ kind: 'token-refused' }));
  const message = await run().catch((error: unknown) => (error as Error).message);
  expect(message).toMatch(/^machine 'w1': https:\/\/prod\.example\.com:6443 refuses the join token that root@10\.0\.1\.1:22 gave; it was probably rotated/);
  expect(message).not.toContain('s3cret');
  expect(asked).toHaveLength(1);
});

test('an operator that is not ready yet is waited for', async () => {
  let asked = 0;
  const { run, said, context } = joining(() => (asked++ < 3 ? { kind: 'operator-unready', reason: 'the operator starts' } : { kind: 'ok' }));
  await run();
  expect(said[0]).toContain('https://prod.example.com:6443: the operator starts');
  expect(context.registration).toBeDefined();
});

test('where nobody answers it gives up in time for nothing to be lost, with what each said', async () => {
  const { run, elapsed } = joining(() => away);
  await expect(run()).rejects.toThrow(/^machine 'w1': no management node answers it \(https:\/\/prod\.example\.com:6443: connection refused · https:\/\/10\.0\.1\.1:6443: connection refused · https:\/\/10\.0\.1\.2:6443: connection refused\); open ports 6443/);
  expect(elapsed()).toBeLessThan(60_000);
});
