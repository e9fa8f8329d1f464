import { setTimeout as delay } from 'node:timers/promises';
import { logMeaning, logMessage, redact } from '../../llmos/bootstrap-log';
import { followBootstrapScript, parseBootstrap, RESTART_BOOTSTRAP_SCRIPT, type BootstrapView } from '../../llmos/host-scripts/bootstrap';
import type { Deadline } from '../../membership/deadline';
import type { ServerAnswer } from '../../membership/ports/machine';
import { Problem } from '../../problem';
import { HostUnreachable } from './connection-problems';
import type { Shell } from './shell';

/** What a wait for `llmos bootstrap` works with. */
export interface Bootstrap {
  readonly shell: Shell;
  /** The server and the token of the host's own config, where it joins one. */
  readonly server?: string;
  readonly token?: string;
  /** Asks that server from the host. */
  askServer(server: string, token: string): Promise<ServerAnswer>;
  readonly onLine: (line: string) => void;
  readonly deadline: Deadline;
  /** Waits between two looks. */
  readonly pause?: (milliseconds: number) => Promise<unknown>;
}

/** How long the host may keep its answer while nothing happens. A connection that breaks meanwhile is noticed as quickly. */
const ANSWER_SECONDS = 30;
/** The host waits; this only keeps one that does not from being asked without end. */
const LOOK_EVERY_MS = 100;
const ASK_EVERY_MS = 3_000;

/**
 * Follows `llmos bootstrap` to its end. LLMOS tries most things for ever, so what never heals is found out here: an invalid
 * config, and a wrong token, which its log does not tell from an operator that is not up yet. The other way round, a server that
 * was away for a moment ends the unit as failed for good: that one is waited for, and the unit started again.
 */
export async function followBootstrap(bootstrap: Bootstrap): Promise<void> {
  const { shell, deadline, pause = delay } = bootstrap;
  const log = new Log(bootstrap);
  for (;;) {
    const view = await look(bootstrap, log);
    if (view !== undefined) {
      const lines = log.read(view);
      if (view.stage === 'done') return;
      if (view.stage === 'failed' && !log.serverAway) throw failed(shell, view, log);
      if (view.stage === 'failed') await startAgain(bootstrap, log);
      if (view.stage === 'configured' || view.stage === 'absent') throw stopped(shell, log);
      if (lines.some(line => logMeaning(line) === 'no-cluster-info')) await refuseWrongToken(bootstrap, log);
    }
    if (deadline.passed) throw tooLate(shell, deadline, log);
    await pause(Math.min(LOOK_EVERY_MS, deadline.remaining));
  }
}

/** One look; a connection that breaks on the way is a reason to wait, not to give up. */
async function look({ shell, deadline }: Bootstrap, log: Log): Promise<BootstrapView | undefined> {
  try {
    return parseBootstrap(await shell.need('looking at llmos.service', followBootstrapScript(log.cursor, Math.min(ANSWER_SECONDS, deadline.remaining / 1000))));
  } catch (error) {
    if (!(error instanceof HostUnreachable)) throw error;
    log.say(error.message);
    return undefined;
  }
}

async function startAgain({ shell, server, token, askServer, deadline, pause = delay }: Bootstrap, log: Log): Promise<void> {
  for (;;) {
    const answer = server === undefined || token === undefined ? { kind: 'ok' as const } : await askServer(server, token);
    if (answer.kind === 'token-refused') throw wrongToken(shell, server);
    if (answer.kind !== 'unreachable') break;
    log.say(`${server} does not answer from there: ${answer.reason}`);
    if (deadline.passed) throw tooLate(shell, deadline, log);
    await pause(Math.min(ASK_EVERY_MS, deadline.remaining));
  }
  log.say(`${server} answers again: LLMOS is started once more`);
  await shell.need('starting llmos.service', RESTART_BOOTSTRAP_SCRIPT);
}

async function refuseWrongToken({ shell, server, token, askServer }: Bootstrap, log: Log): Promise<void> {
  if (server === undefined || token === undefined) return;
  const answer = await askServer(server, token);
  if (answer.kind === 'token-refused') throw wrongToken(shell, server);
  if (answer.kind !== 'ok') log.say(answer.reason);
}

/** What was read of the journal so far, fit to be shown. */
class Log {
  cursor?: string;
  /** The current run ended because its server was away. */
  serverAway = false;
  last = '';
  private run = '';

  constructor(private readonly bootstrap: Bootstrap) {}

  /** Takes in what is new, and returns it. */
  read({ run, queued, lines, cursor }: BootstrapView): readonly string[] {
    this.cursor = cursor ?? this.cursor;
    if (queued) return [];
    if (run !== this.run) {
      this.run = run;
      this.serverAway = false;
    }
    for (const line of lines) {
      if (logMeaning(line) === 'server-away') this.serverAway = true;
      this.say(logMessage(line));
    }
    return lines;
  }

  say(line: string): void {
    this.last = redact(line, [this.bootstrap.token]);
    this.bootstrap.onLine(this.last);
  }
}

function failed(shell: Shell, { result }: BootstrapView, { last }: Log): Problem {
  return new Problem({
    subject: `host ${shell.label}`,
    rule: `LLMOS gave up (${last || `llmos.service ended with ${result}`})`,
    remedy: 'correct what it names, then run the same command again; `journalctl -u llmos` there has it all',
  });
}

function stopped(shell: Shell, { last }: Log): Problem {
  return new Problem({
    subject: `host ${shell.label}`,
    rule: `llmos.service does not run and has not finished: somebody stopped it${last === '' ? '' : ` (last it said: ${last})`}`,
    remedy: 'run the same command again, which starts it',
  });
}

function wrongToken(shell: Shell, server = ''): Problem {
  return new Problem({
    subject: `host ${shell.label}`,
    rule: `${server} refuses the join token in its LLMOS config; LLMOS itself would try for ever`,
    remedy: 'compare it with `llmos get-token` on a management node, then run the same command again',
  });
}

function tooLate(shell: Shell, deadline: Deadline, { last }: Log): Problem {
  return new Problem({
    subject: `host ${shell.label}`,
    rule: `LLMOS has not set it up within ${deadline.seconds} s (last it said: ${last || 'nothing'})`,
    remedy: 'look at `journalctl -u llmos` there; LLMOS goes on, and running the same command again goes on waiting',
  });
}
