import { Readable } from 'node:stream';
import type { Client, ClientChannel } from 'ssh2';
import { quote } from '../../llmos/quote';
import { Problem } from '../../problem';
import { HostUnreachable } from './connection-problems';
import type { SshConnection } from './connection';
import { endpointLabel } from './options';
import { NoSession } from './sessions';

/** How a script is run. */
export interface RunOptions {
  /** Standard input of the script: the only way for a secret to get there. A stream is read as fast as the host takes it. @default - none */
  readonly input?: string | Buffer | Readable;
  /** @default 60 */
  readonly timeoutSeconds?: number;
  /** Told every line of output as it comes. */
  readonly onLine?: (line: string) => void;
}

export interface RunResult {
  /** Exit status. @default - a signal ended it */
  readonly code?: number;
  /** What ended it: `SIGKILL`. @default - it ended by itself */
  readonly signal?: string;
  readonly stdout: string;
  readonly stderr: string;
}

const DEFAULT_TIMEOUT_SECONDS = 60;

/** Runs POSIX shell scripts on a host. */
export class Shell {
  readonly label: string;

  /** @param sudo the login is not root, so root's rights come from sudo */
  constructor(private readonly connection: SshConnection, private readonly sudo: boolean = connection.host.user !== 'root') {
    this.label = endpointLabel(connection.host);
  }

  /** Runs a script as the user who logs in. The script is an argument, which all users of the host can read: no secret may be in it. */
  async run(script: string, options: RunOptions = {}): Promise<RunResult> {
    return this.execute(`sh -c ${quote(script)}`, options);
  }

  /**
   * Runs a script as root.
   * @throws Problem when sudo does not let the user
   */
  async runAsRoot(script: string, options: RunOptions = {}): Promise<RunResult> {
    if (!this.sudo) return this.run(script, options);
    const result = await this.execute(`sudo -n sh -c ${quote(script)}`, options);
    if (result.code !== 0 && /^sudo: |sudo: (command )?not found/m.test(result.stderr)) throw this.sudoProblem(lastLine(result.stderr));
    return result;
  }

  /**
   * Runs a script as root that has to succeed, and returns its output.
   * @param purpose for the message when it fails: `writing the LLMOS config`
   */
  async need(purpose: string, script: string, options: RunOptions = {}): Promise<string> {
    const { code, signal, stdout, stderr } = await this.runAsRoot(script, options);
    if (code === 0) return stdout;
    throw new Problem({
      subject: `host ${this.label}`,
      // Never what it printed: that may be a token.
      rule: `${purpose} ${signal === undefined ? `failed with status ${code}` : `was ended by ${signal}`} (${lastLine(stderr) || 'it said nothing'})`,
      remedy: 'mend that on the host, then run the same command again',
    });
  }

  private async execute(command: string, options: RunOptions): Promise<RunResult> {
    try {
      return await this.connection.sessions.run(() => this.executeNow(command, options));
    } catch (error) {
      throw error instanceof NoSession ? this.lost(error.message) : error;
    }
  }

  private async executeNow(command: string, options: RunOptions): Promise<RunResult> {
    const client = await this.connection.client();
    return new Promise((resolve, reject) => {
      client.exec(command, (error, channel) => {
        if (error) reject(isRefusal(error) ? new NoSession(error.message) : this.lost(error.message));
        // At once: a quick command's exit status may come in the same packet, and nobody tells it twice.
        else this.collect(client, channel, options).then(resolve, reject);
      });
    });
  }

  private collect(client: Client, channel: ClientChannel, { input, timeoutSeconds = DEFAULT_TIMEOUT_SECONDS, onLine }: RunOptions): Promise<RunResult> {
    return new Promise((resolve, reject) => {
      const finish = () => {
        clearTimeout(timer);
        if (input instanceof Readable) input.destroy();
        client.removeListener('close', lost);
      };
      const fail = (problem: Problem) => {
        finish();
        channel.close();
        reject(problem);
      };
      const lost = () => fail(this.lost('the connection was lost while a command ran'));
      const timer = setTimeout(() => fail(this.timeoutProblem(timeoutSeconds)), timeoutSeconds * 1000);
      client.once('close', lost);
      const stdout = new Lines(onLine);
      const stderr = new Lines(onLine);
      let ending: Pick<RunResult, 'code' | 'signal'> | undefined;
      channel.on('data', (chunk: Buffer) => stdout.add(chunk));
      channel.stderr.on('data', (chunk: Buffer) => stderr.add(chunk));
      channel.on('exit', (code: number | null, signal?: string) => {
        ending = code === null ? { signal } : { code };
      });
      channel.on('close', () => {
        if (ending === undefined) return lost();
        finish();
        resolve({ ...ending, stdout: stdout.end(), stderr: stderr.end() });
      });
      // A script that ends before it read all of its input is no failure of ours: its status says what it was.
      channel.on('error', () => undefined);
      if (input instanceof Readable) input.once('error', error => fail(this.inputProblem(error))).pipe(channel);
      else channel.end(input);
    });
  }

  private lost(reason: string): HostUnreachable {
    return new HostUnreachable(this.connection.host, reason);
  }

  private sudoProblem(reason: string): Problem {
    return new Problem({
      subject: `host ${this.label}`, value: reason,
      rule: 'root is needed there, and sudo does not give it without a password',
      remedy: `log in as root, or let the user: echo '${this.connection.host.user} ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/llmos-nodes`,
    });
  }

  private inputProblem(error: Error): Problem {
    return new Problem({ subject: `host ${this.label}`, rule: `what was to be sent there cannot be read (${error.message})`, remedy: 'mend that here, then run the same command again' });
  }

  private timeoutProblem(seconds: number): Problem {
    return new Problem({
      subject: `host ${this.label}`,
      rule: `a command did not end within ${seconds} s`, remedy: 'look whether the host is overloaded or its disk hangs, then run the same command again',
    });
  }
}

/** The host took the request for a channel and opened none, which is how sshd says that there are too many. */
function isRefusal(error: Error & { readonly reason?: unknown }): boolean {
  return typeof error.reason === 'number';
}

/** The last line that is not empty, for a message. */
export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)!.trim();
}

/** Collects output and tells of each whole line. Bytes of one character may arrive apart, so they are decoded at the end of a line. */
class Lines {
  private readonly chunks: Buffer[] = [];
  private rest = Buffer.alloc(0);

  constructor(private readonly onLine: (line: string) => void = () => undefined) {}

  add(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.rest = Buffer.concat([this.rest, chunk]);
    for (let end = this.rest.indexOf(10); end >= 0; end = this.rest.indexOf(10)) {
      this.onLine(this.rest.subarray(0, end).toString('utf8'));
      this.rest = this.rest.subarray(end + 1);
    }
  }

  end(): string {
    if (this.rest.length > 0) this.onLine(this.rest.toString('utf8'));
    return Buffer.concat(this.chunks).toString('utf8');
  }
}
