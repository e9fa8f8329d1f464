import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { cgroupFolders } from './cgroups';
import { Disk } from './disk';
import { Host } from './host';
import { Ledger } from './ledger';
import { mustRun } from './run';

const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'llmos-nodes', 'lab');
const running = join(cache, 'running');

/** What a lab is made with. */
export interface LabOptions {
  /** What the lab is for; shown where a lab is found left over. */
  readonly name: string;
}

interface Owner {
  readonly lab: string;
  readonly pid: number;
  /** A process id may be given out again, so the owner is known by its start as well, in the kernel's clock ticks. */
  readonly started: string;
}

/**
 * A network of its own with hosts on it, on this machine. Everything it makes has a name that holds the lab's number, so
 * several labs can exist at once, and is recorded on disk, so that a lab whose process was killed can still be removed.
 */
export class Lab {
  /** Address of this machine on the lab's network; the hosts' gateway. */
  readonly gateway: string;
  /** Path of the private key that root and ops accept on every host. */
  readonly privateKeyPath: string;
  private readonly ledger: Ledger;
  private readonly byName = new Map<string, Host>();

  private constructor(readonly name: string, private readonly number: number, private readonly folder: string, private readonly parts: { readonly rootfs: string; readonly files: string }) {
    this.gateway = `10.99.${number}.1`;
    this.privateKeyPath = join(folder, 'key');
    this.ledger = new Ledger(join(folder, 'ledger'));
  }

  /**
   * Makes a lab without hosts, and first removes those whose process is gone. Throws where the parts that
   * `node scripts/lab-parts.mjs` makes are missing.
   */
  static async create(options: LabOptions): Promise<Lab> {
    const manifest = join(cache, 'parts.json');
    const parts = existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')) : undefined;
    if (!parts || !existsSync(parts.rootfs)) throw new Error(`lab ${options.name}: its parts are not on this machine yet; run: node scripts/lab-parts.mjs`);
    await Lab.sweep();
    const { number, folder } = claim(options.name);
    const lab = new Lab(options.name, number, folder, parts);
    try {
      await lab.prepare();
    } catch (error) {
      await lab.destroy();
      throw error;
    }
    return lab;
  }

  /** Removes what labs left behind whose process has ended without destroying them. Returns their names. */
  static async sweep(): Promise<string[]> {
    const swept: string[] = [];
    for (const entry of existsSync(running) ? readdirSync(running) : []) {
      const folder = join(running, entry);
      const owner = ownerOf(folder);
      if (owner && startOf(owner.pid) === owner.started) continue;
      await remove(folder);
      swept.push(owner?.lab ?? entry);
    }
    return swept;
  }

  private async prepare(): Promise<void> {
    await mustRun('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', `lab ${this.name}`, '-f', this.privateKeyPath]);
    this.ledger.add('link', this.bridge);
    await mustRun('ip', ['link', 'add', this.bridge, 'type', 'bridge']);
    await mustRun('ip', ['address', 'add', `${this.gateway}/24`, 'dev', this.bridge]);
    await mustRun('ip', ['link', 'set', this.bridge, 'up']);
    raiseInotifyLimits();
  }

  /**
   * Adds a host, switched off, as a fresh installation leaves it. The name is its hostname.
   * @param options.diskMegabytes gives it a device of its own for /var/lib, which can be made full or slow. @default - it shares this machine's
   */
  async addHost(name: string, options: { readonly diskMegabytes?: number } = {}): Promise<Host> {
    if (this.byName.has(name)) throw new Error(`lab ${this.name}: it has a host ${name} already`);
    const index = this.byName.size + 1;
    const folder = join(this.folder, name);
    mkdirSync(folder);
    const address = `10.99.${this.number}.${10 + index}`;
    const machine = `lab${this.number}h${index}`;
    const { rootfs, files: parts } = this.parts;
    const authorizedKey = readFileSync(`${this.privateKeyPath}.pub`, 'utf8').trim();
    const disk = new Disk({ folder, rootfs, ledger: this.ledger, hostname: name, address, gateway: this.gateway, authorizedKey, megabytes: options.diskMegabytes });
    const host = new Host({ name, address, machine, bridge: this.bridge, disk, folder, parts, privateKeyPath: this.privateKeyPath, cgroups: cgroupFolders(`llmos-nodes-${machine}`), ledger: this.ledger });
    this.byName.set(name, host);
    await disk.install();
    return host;
  }

  /** All hosts, in the order they were added. */
  get hosts(): readonly Host[] {
    return [...this.byName.values()];
  }

  /** The host of that name. Throws where there is none. */
  host(name: string): Host {
    const host = this.byName.get(name);
    if (!host) throw new Error(`lab ${this.name}: it has no host ${name}; it has ${[...this.byName.keys()].join(', ') || 'none'}`);
    return host;
  }

  /** Ends all hosts as a power loss would and removes everything the lab made. Can be called again. */
  async destroy(): Promise<void> {
    await remove(this.folder);
  }

  private get bridge(): string {
    return `labbr${this.number}`;
  }
}

async function remove(folder: string): Promise<void> {
  await new Ledger(join(folder, 'ledger')).undo();
  // Nothing is mounted below it any more; should that ever be wrong, the shared root file system must not go with it.
  await mustRun('rm', ['-rf', '--one-file-system', folder]);
}

// A folder that is renamed into place with its owner inside: two processes cannot both get it, and none sees it half made.
function claim(name: string): { number: number; folder: string } {
  mkdirSync(running, { recursive: true });
  const draft = mkdtempSync(join(cache, 'draft-'));
  writeFileSync(join(draft, 'owner.json'), JSON.stringify({ lab: name, pid: process.pid, started: startOf(process.pid) ?? '' } satisfies Owner));
  for (let number = 1; number < 255; number += 1) {
    const folder = join(running, String(number));
    if (existsSync(folder) || existsSync(`/sys/class/net/labbr${number}`)) continue;
    try {
      renameSync(draft, folder);
      return { number, folder };
    } catch (error) {
      if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
  rmSync(draft, { recursive: true });
  throw new Error(`lab ${name}: all 254 networks are taken; end other labs first`);
}

function ownerOf(folder: string): Owner | undefined {
  const path = join(folder, 'owner.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Owner) : undefined;
}

function startOf(pid: number): string | undefined {
  try {
    // The second field, the command's name in brackets, may hold spaces; the start time is the 20th after it.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19];
  } catch {
    return undefined;
  }
}

// The limits hold for the whole machine, and the eighth kubelet runs into the usual ones with misleading errors.
function raiseInotifyLimits(): void {
  for (const [name, least] of [['max_user_instances', 8192], ['max_user_watches', 524288]] as const) {
    const path = `/proc/sys/fs/inotify/${name}`;
    if (Number(readFileSync(path, 'utf8')) < least) writeFileSync(path, String(least));
  }
}
