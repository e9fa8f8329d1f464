// Child processes: one way to run one, one way to insist that it succeeds.
import { spawn } from 'node:child_process';
import { Explained } from './main.mjs';

const KEPT = 10;

/**
 * Runs a program and collects what it prints; with `show` it prints straight to ours instead, and with `interactive` it has
 * our standard input as well. Otherwise there is none, because nothing may wait for a person who is not there.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, show?: boolean, interactive?: boolean }} [options]
 * @returns {Promise<{ status: number, stdout: string, stderr: string }>} rejects only when the program cannot be started
 */
export function run(command, args, { cwd, env, show = false, interactive = false } = {}) {
  return new Promise((resolve, reject) => {
    const output = show || interactive ? 'inherit' : 'pipe';
    const child = spawn(command, args, { cwd, env, stdio: [interactive ? 'inherit' : 'ignore', output, output] });
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) child[name]?.setEncoding('utf8').on('data', (text) => { said[name] += text; });
    child.on('error', reject);
    child.on('close', (code) => resolve({ status: code ?? 1, ...said }));
  });
}

/**
 * Runs a program that has to succeed, and returns its standard output.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {Parameters<typeof run>[2]} [options]
 * @throws {Explained} with what the program said, when it fails or cannot be started
 */
export async function mustRun(command, args, options) {
  const shown = [command, ...args].join(' ');
  const result = await run(command, args, options).catch((error) => {
    throw new Explained(error.code === 'ENOENT' ? `${command} is not installed` : `${shown} could not be started: ${error.message}`);
  });
  if (result.status !== 0) throw new Explained(`${shown} failed (exit ${result.status})${bothEnds(result.stderr || result.stdout)}`);
  return result.stdout;
}

/** npm names the cause first, compilers last: both ends are kept. */
function bothEnds(text) {
  const lines = text.trim().split('\n').filter(Boolean);
  const kept = lines.length <= 2 * KEPT ? lines : [...lines.slice(0, KEPT), '…', ...lines.slice(-KEPT)];
  return kept.length === 0 ? '' : `:\n  ${kept.join('\n  ')}`;
}
