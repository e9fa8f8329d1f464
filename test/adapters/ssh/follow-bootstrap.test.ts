import { SshConnection } from '../../../src/adapters/ssh/connection';
import { HostUnreachable } from '../../../src/adapters/ssh/connection-problems';
import { followBootstrap } from '../../../src/adapters/ssh/follow-bootstrap';
import { endpoint } from '../../../src/adapters/ssh/options';
import { Shell } from '../../../src/adapters/ssh/shell';
import { RESTART_BOOTSTRAP_SCRIPT } from '../../../src/llmos/host-scripts/bootstrap';
import { Deadline } from '../../../src/membership/deadline';
import type { ServerAnswer } from '../../../src/membership/ports/machine';

const HOST = endpoint({ address: '10.0.0.12' }, {});

/** A host whose llmos.service goes through these states, one look after the other, and then stays in the last. */
class ScriptedShell extends Shell {
  restarts = 0;
  readonly asked: string[] = [];

  constructor(private readonly looks: (string | Error)[]) {
    super(new SshConnection(HOST, {}));
  }

  override need(_purpose: string, script: string): Promise<string> {
    this.asked.push(script);
    if (script === RESTART_BOOTSTRAP_SCRIPT) {
      this.restarts += 1;
      return Promise.resolve('');
    }
    const look = this.looks.length > 1 ? this.looks.shift()! : this.looks[0]!;
    return look instanceof Error ? Promise.reject(look) : Promise.resolve(look);
  }
}

function look(state: string, lines: readonly string[] = [], { run = 'a', cursor = '' } = {}): string {
  return [state, `run=${run}`, '--- journal', ...lines, ...(cursor === '' ? [] : [`-- cursor: ${cursor}`]), ''].join('\n');
}

const RUNNING = 'LoadState=loaded\nActiveState=activating';
const FAILED = 'LoadState=loaded\nActiveState=failed\nResult=exit-code';
const DONE = 'LoadState=loaded\nActiveState=inactive\nResult=success\nbootstrapped=true';
const SERVER_AWAY = 'level=fatal msg="invalid config: invalid server URL: failed to check server URL: giving up after 4 attempts"';
const NO_INFO = 'level=warning msg="failed to bootstrap system, will retry: failed to get cluster info: <nil>"';

async function follow(looks: (string | Error)[], answers: ServerAnswer[] = [], seconds = 60) {
  const shell = new ScriptedShell(looks);
  const lines: string[] = [];
  let clock = 0;
  const outcome = await followBootstrap({
    shell,
    server: 'https://10.0.0.1:6443',
    token: 's3cret',
    askServer: () => Promise.resolve(answers.length > 1 ? answers.shift()! : answers[0]!),
    onLine: line => lines.push(line),
    deadline: new Deadline(seconds, { now: () => clock }),
    pause: milliseconds => Promise.resolve((clock += milliseconds)),
  }).then(() => 'done', (error: Error) => error.message);
  return { outcome, lines, shell };
}

describe('following llmos.service', () => {
  test('ends when the done stamp is there, and tells every line on the way', async () => {
    const { outcome, lines } = await follow([
      look(`LoadState=loaded\nActiveState=inactive\nJob=12`),
      look(RUNNING, ['time="…" level=info msg="Bootstrapping LLMOS v0.3.1"']),
      look(DONE, ['level=info msg="Successfully Bootstrapped LLMOS v0.3.1"']),
    ]);
    expect({ outcome, lines }).toEqual({ outcome: 'done', lines: ['Bootstrapping LLMOS v0.3.1', 'Successfully Bootstrapped LLMOS v0.3.1'] });
  });

  test('does not take an inactive unit with a queued start for one that ended, nor its old log for news', async () => {
    const { outcome, lines } = await follow([look('LoadState=loaded\nActiveState=failed\nJob=12', [SERVER_AWAY]), look(DONE, [], { run: 'b' })]);
    expect({ outcome, lines }).toEqual({ outcome: 'done', lines: [] });
  });

  test('reads each line of the journal once', async () => {
    const { shell } = await follow([look(RUNNING, ['one'], { cursor: 's=1;i=2' }), look(RUNNING), look(DONE)]);
    expect(shell.asked.map(script => /--after-cursor=(\S+)/.exec(script)?.[1])).toEqual([undefined, `'s=1;i=2'`, `'s=1;i=2'`]);
  });

  test('stops at once on an invalid config, with the reason', async () => {
    const { outcome, shell } = await follow([look(FAILED, ['level=fatal msg="invalid config: invalid mirror xx, only [cn] is supported for now"'])]);
    expect(outcome).toMatch(/10\.0\.0\.12:22: LLMOS gave up \(invalid config: invalid mirror xx/);
    expect(shell.restarts).toBe(0);
  });

  test('starts the unit again after its server was away, once the server answers', async () => {
    const { outcome, lines, shell } = await follow(
      [look(FAILED, [SERVER_AWAY]), look(RUNNING, [], { run: 'b' }), look(DONE, [], { run: 'b' })],
      [{ kind: 'unreachable', reason: 'refused' }, { kind: 'operator-unready', reason: 'starts' }],
    );
    expect(outcome).toBe('done');
    expect(shell.restarts).toBe(1);
    expect(lines.slice(1)).toEqual(['https://10.0.0.1:6443 does not answer from there: refused', 'https://10.0.0.1:6443 answers again: LLMOS is started once more']);
  });

  test('a server that was away once excuses no other failure later', async () => {
    const { outcome, shell } = await follow([look(FAILED, [SERVER_AWAY]), look(FAILED, ['level=fatal msg="invalid config: something else"'], { run: 'b' })], [{ kind: 'ok' }]);
    expect(outcome).toMatch(/gave up \(invalid config: something else\)/);
    expect(shell.restarts).toBe(1);
  });

  test('gives up on a server that stays away at the deadline, with the last reason', async () => {
    const { outcome } = await follow([look(FAILED, [SERVER_AWAY])], [{ kind: 'unreachable', reason: 'connection refused' }]);
    expect(outcome).toMatch(/within 60 s \(last it said: https:\/\/10\.0\.0\.1:6443 does not answer from there: connection refused\)/);
  });

  test('stops at once on a wrong token, which LLMOS would try for ever', async () => {
    const { outcome } = await follow([look(RUNNING, [NO_INFO])], [{ kind: 'token-refused' }]);
    expect(outcome).toMatch(/https:\/\/10\.0\.0\.1:6443 refuses the join token/);
  });

  test('goes on while the operator is not up yet, and says so', async () => {
    const { outcome, lines } = await follow([look(RUNNING, [NO_INFO]), look(DONE)], [{ kind: 'operator-unready', reason: "LLMOS's operator (port 8443): it answers with status 503" }]);
    expect(outcome).toBe('done');
    expect(lines).toContain("LLMOS's operator (port 8443): it answers with status 503");
  });

  test('ends at the deadline with what it said last', async () => {
    const { outcome } = await follow([look(RUNNING, ['level=info msg="pulling images"']), look(RUNNING)]);
    expect(outcome).toMatch(/has not set it up within 60 s \(last it said: pulling images\)/);
  });

  test('a unit that somebody stopped is not waited for', async () => {
    const { outcome } = await follow([look(RUNNING, ['level=info msg="pulling images"']), look('LoadState=loaded\nActiveState=inactive\nResult=success\nconfigured=true')]);
    expect(outcome).toMatch(/somebody stopped it \(last it said: pulling images\)/);
  });

  test('outlives a connection that breaks', async () => {
    const { outcome, lines } = await follow([new HostUnreachable(HOST, 'the connection was lost'), look(DONE)]);
    expect(outcome).toBe('done');
    expect(lines).toEqual([expect.stringMatching(/connection was lost/)]);
  });

  test('shows the token nowhere', async () => {
    const { outcome, lines } = await follow([look(RUNNING, ['level=info msg="plan: [K3S_TOKEN=s3cret]"']), look(FAILED, ['level=fatal msg="bad s3cret"'])]);
    expect(lines).toEqual(['plan: [K3S_TOKEN=***]', 'bad ***']);
    expect(outcome).not.toContain('s3cret');
  });
});
