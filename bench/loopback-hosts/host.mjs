// A host on this machine: an sshd in namespaces of its own, over this machine's files.
import { spawn } from 'node:child_process';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { mustRun } from '../../scripts/run.mjs';

const here = import.meta.dirname;

/** How sshd says that a client asked for a command, and that one logged in. */
const SAYS = { commands: /^Starting session: command /, connections: /^Accepted publickey / };

export class Host {
  /** SSH commands and connections since the start. */
  counts = { commands: 0, connections: 0 };
  #process;

  /** @param {{ name: string, address: string, folder: string, network?: number, installSeconds?: number }} props `network`: a process whose network it is in; ours where there is none */
  constructor(props) {
    Object.assign(this, { installSeconds: 0, ...props });
  }

  /** Makes what lasts over its starts: its key, its identity and who may log in. */
  async create(authorizedKeys) {
    const base = join(this.folder, 'base');
    await mkdir(this.folder, { recursive: true });
    await cp(join(here, 'base'), base, { recursive: true });
    await mkdir(join(base, 'etc'));
    await writeFile(join(base, 'etc/machine-id'), `${randomUUID().replaceAll('-', '')}\n`);
    await this.installsFor(this.installSeconds);
    const key = join(this.folder, 'host-key');
    await mustRun('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
    this.hostKey = (await readFile(`${key}.pub`, 'utf8')).split(' ').slice(0, 2).join(' ');
    await writeFile(join(this.folder, 'sshd_config'), [
      `ListenAddress ${this.address}:22`, `HostKey ${key}`, `AuthorizedKeysFile ${authorizedKeys}`, 'StrictModes no', 'UsePAM no', 'UseDNS no', 'PidFile none',
      'PermitRootLogin prohibit-password', 'PasswordAuthentication no', 'Subsystem sftp internal-sftp', 'LogLevel VERBOSE', '',
    ].join('\n'));
  }

  /** How long LLMOS takes on it, from its next start on. */
  async installsFor(seconds) {
    await this.give('usr/local/lib/standin/install-seconds', `${seconds}\n`);
  }

  /** Writes a file it has from its start on. */
  async give(path, content) {
    const file = join(this.folder, 'base', path);
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, content);
  }

  /** Starts it as it was made, with nothing of what it did before. Returns when it takes logins. */
  async start() {
    await Promise.all(['upper', 'work'].map(part => rm(join(this.folder, part), { recursive: true, force: true })));
    this.counts = { commands: 0, connections: 0 };
    const alone = ['unshare', '--mount', '--uts', '--pid', '--fork', '--kill-child', '--mount-proc', 'sh', join(here, 'host.sh'), this.name, this.folder];
    const [command, ...args] = this.network === undefined ? alone : ['nsenter', `--net=/proc/${this.network}/ns/net`, ...alone];
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#process = child;
    const said = [];
    await new Promise((resolve, reject) => {
      child.once('exit', code => reject(new Error(`host ${this.name} ended with ${code}:\n${said.slice(-10).join('\n')}`)));
      createInterface({ input: child.stderr }).on('line', line => {
        said.push(line);
        for (const [what, pattern] of Object.entries(SAYS)) if (pattern.test(line)) this.counts[what] += 1;
        if (line.startsWith('Server listening')) resolve();
      });
    });
  }

  /** Ends it with everything that runs on it, as a loss of power would. */
  async stop() {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise(resolve => child.once('close', resolve));
    child.kill('SIGKILL');
    await ended;
  }
}
