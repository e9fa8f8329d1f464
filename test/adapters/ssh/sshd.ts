import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { endProcess } from '../../end-process';

const SSHD = '/usr/sbin/sshd';

/** Whether a real sshd can be started here. Root gets it from the distribution. */
export function haveSshd(): boolean {
  if (existsSync(SSHD)) return true;
  if (process.getuid?.() !== 0) return false;
  try {
    // Run level 1 keeps the package from starting a server of its own.
    execFileSync('apt-get', ['install', '-y', '--no-install-recommends', 'openssh-server'], { stdio: 'ignore', env: { ...process.env, RUNLEVEL: '1', DEBIAN_FRONTEND: 'noninteractive' } });
  } catch {
    return false;
  }
  return existsSync(SSHD);
}

/** A folder with keys for one test file. */
export class Keys {
  readonly folder = mkdtempSync(join(tmpdir(), 'llmos-ssh-'));

  /** Makes a key pair and returns the path of its private half. */
  make(name: string, { type = 'ed25519', passphrase = '' } = {}): string {
    const path = join(this.folder, name);
    // Few rounds: opening a key is slow on purpose, and that is not what is tested.
    execFileSync('ssh-keygen', ['-q', '-t', type, '-a', '1', '-N', passphrase, '-f', path]);
    return path;
  }

  publicHalf(path: string): string {
    return readFileSync(`${path}.pub`, 'utf8').trim();
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A real sshd on loopback, with nothing of this machine's own in it. */
export class Sshd {
  readonly user = userInfo().username;
  readonly authorizedKeys: string;
  private process?: ChildProcess;

  private constructor(readonly address: string, readonly port: number, readonly hostKey: string, private readonly config: string, authorizedKeys: string) {
    this.authorizedKeys = authorizedKeys;
  }

  static async start(keys: Keys, name: string, options: { readonly path?: string; readonly hostKeyType?: string; readonly address?: string; readonly settings?: readonly string[] } = {}): Promise<Sshd> {
    if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
    const hostKey = keys.make(`${name}-host`, { type: options.hostKeyType });
    const authorizedKeys = keys.path(`${name}-authorized`);
    writeFileSync(authorizedKeys, '', { mode: 0o600 });
    const config = keys.path(`${name}.conf`);
    const { address = '127.0.0.1', settings = [] } = options;
    const port = await freePort();
    writeFileSync(config, [
      // Of a setting that comes twice sshd takes the first.
      ...settings, `Port ${port}`, `ListenAddress ${address}`, `HostKey ${hostKey}`, `AuthorizedKeysFile ${authorizedKeys}`, 'PidFile none',
      'StrictModes no', 'UsePAM no', 'PasswordAuthentication no', 'KbdInteractiveAuthentication no', 'PermitRootLogin prohibit-password', 'UseDNS no',
      ...(options.path === undefined ? [] : [`SetEnv PATH=${options.path}`]), '',
    ].join('\n'));
    const sshd = new Sshd(address, port, hostKey, config, authorizedKeys);
    await sshd.begin();
    return sshd;
  }

  authorize(publicKey: string): void {
    appendFileSync(this.authorizedKeys, `${publicKey}\n`);
  }

  /** Public key line of the host, as a user would pin it. */
  get publicHostKey(): string {
    return readFileSync(`${this.hostKey}.pub`, 'utf8').trim();
  }

  get knownHostsLine(): string {
    return `[${this.address}]:${this.port} ${this.publicHostKey.split(' ').slice(0, 2).join(' ')}`;
  }

  /** Starts listening; returns when it does. */
  async begin(): Promise<void> {
    const process = spawn(SSHD, ['-D', '-e', '-f', this.config], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.process = process;
    const said: string[] = [];
    await new Promise<void>((resolve, reject) => {
      process.once('exit', code => reject(new Error(`sshd ended with ${code}: ${said.join('\n')}`)));
      createInterface({ input: process.stderr }).on('line', line => {
        said.push(line);
        if (line.startsWith('Server listening')) resolve();
      });
    });
  }

  /** Ends the server and, unlike a real stop, the sessions it serves. */
  async stop(): Promise<void> {
    const process = this.process;
    if (process === undefined || process.exitCode !== null) return;
    const ended = new Promise(resolve => process.once('exit', resolve));
    this.dropSessions();
    process.kill();
    await ended;
  }

  /** Cuts every connection, as a host that loses power would. */
  dropSessions(): void {
    for (const pid of childrenOf(this.process!.pid!)) endProcess(pid);
  }
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
}

/** A port nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return port;
}
