// Whole processes, measured by themselves at their end: what a person waits for begins with the start of Node.
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const report = join(import.meta.dirname, 'programs', 'report-usage.cjs');

/**
 * Runs a Node program to its end.
 * @returns {Promise<{ cpuMs: number, peakMiB: number }>} processor time of the process, and the most memory it had
 */
export function runNode(args, options = {}) {
  return new Promise((resolve, reject) => {
    const started = process.hrtime.bigint();
    const child = spawn(process.execPath, ['--require', report, ...args], { ...options, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    let text = '';
    let usage;
    let ended;
    child.stdout.on('data', chunk => { text += chunk; });
    child.stderr.on('data', chunk => { text += chunk; });
    child.on('message', message => { usage = message; });
    child.on('error', reject);
    child.on('exit', () => { ended = process.hrtime.bigint(); });
    child.on('close', (code) => {
      if (code === 0 && usage) resolve({ ...usage, wallMs: Number(ended - started) / 1e6 });
      else reject(new Error(`${args.join(' ')} ended with ${code}:\n${text}`));
    });
  });
}
