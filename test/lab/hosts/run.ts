import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

/** How a command ended. */
export interface Outcome {
  /** Exit status; 255 also where ssh itself failed, and 124 where the time was up. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of a command. */
export interface RunOptions {
  /** What the command reads. @default - nothing */
  readonly input?: string | Buffer;
  /** Seconds until the command is killed. @default 60 */
  readonly timeout?: number;
}

/** Runs a command to its end, whatever its exit status is. Throws where it cannot be started. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, (options.timeout ?? 60) * 1000);
    child.stdout.on('data', (data: Buffer) => stdout.push(data));
    child.stderr.on('data', (data: Buffer) => stderr.push(data));
    // A command that ends without reading its input is judged by its exit status.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code: timedOut ? 124 : (code ?? 255), stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() });
    });
  });
}

/** Runs a command that has to succeed; returns its standard output. Throws with its messages where it fails. */
export async function mustRun(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, options);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} (status ${code}): ${stderr.trim() || stdout.trim()}`);
  return stdout;
}

/** Asks again until the condition holds; throws with what was awaited once the seconds are over. */
export async function waitUntil(what: string, condition: () => boolean | Promise<boolean>, seconds: number): Promise<void> {
  const deadline = process.hrtime.bigint() + BigInt(Math.round(seconds * 1e9));
  while (!(await condition())) {
    if (process.hrtime.bigint() > deadline) throw new Error(`${what}: not so after ${seconds} s`);
    await delay(50);
  }
}
