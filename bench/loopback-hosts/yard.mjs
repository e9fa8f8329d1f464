// A place of its own for hosts on this machine: mounts, processes and a network that nobody else sees. It goes with its first process,
// and that with ours, so that nothing is left behind, however a run ends.
import { spawn } from 'node:child_process';
import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aptInstall } from '../../scripts/lab-parts/machine.mjs';
import { LabPartsError, hasCommand } from '../../scripts/lab-parts/store.mjs';

/** The commands it takes, each with the Debian package that brings it. */
const COMMANDS = { unshare: 'util-linux', nsenter: 'util-linux', setpriv: 'util-linux', ip: 'iproute2', sshd: 'openssh-server', ssh: 'openssh-client', curl: 'curl', openssl: 'openssl' };

/** Temporary files are kept in memory there. The shell stays, as the process that ends are handed to. */
const PREPARE = 'set -eu; mount -t tmpfs -o mode=700 yard "$TMPDIR"; ip link set lo up; "$@"';

/** Installs what it takes where that is missing. @throws {LabPartsError} where there can be none on this machine */
export async function prepareYard({ log }) {
  if (process.platform !== 'linux' || process.getuid() !== 0) throw new LabPartsError('hosts in namespaces of their own take Linux and root; run it as root: sudo npm run bench');
  const missing = Object.keys(COMMANDS).filter(command => !hasCommand(command));
  if (missing.length > 0) await aptInstall([...new Set(missing.map(command => COMMANDS[command]))], log);
}

/**
 * Runs a Node program there.
 * @param {readonly string[]} args the program and its arguments
 * @returns {Promise<unknown>} what it printed, as JSON; what it says on standard error is shown
 */
export async function runInYard(args) {
  const folder = await mkdtemp(join(tmpdir(), 'llmos-nodes-bench-'));
  try {
    return JSON.parse(await output('setpriv', [
      '--pdeathsig', 'KILL', 'unshare', '--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc', 'sh', '-c', PREPARE, 'sh', process.execPath, ...args,
    ], { ...process.env, TMPDIR: folder }));
  } finally {
    await rmdir(folder);
  }
}

function output(command, args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', chunk => { text += chunk; });
    child.on('error', reject);
    child.on('close', code => (code === 0 ? resolve(text) : reject(new Error(`${args.at(-1)} ended with ${code}, see above`))));
  });
}
