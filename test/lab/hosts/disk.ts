import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Ledger, unmount } from './ledger';
import { mustRun, run } from './run';

/** What a disk starts from and what is written to it first. */
export interface DiskProps {
  /** Folder on this machine for the disk's content. */
  readonly folder: string;
  /** The root file system all hosts share; read only. */
  readonly rootfs: string;
  readonly ledger: Ledger;
  readonly hostname: string;
  readonly address: string;
  readonly gateway: string;
  /** Public key line that root and ops accept. */
  readonly authorizedKey: string;
  /** Megabytes of a device of its own for /var/lib, which can then be full or slow without any other host's being it. @default - it shares this machine's */
  readonly megabytes?: number;
}

/**
 * The disk of a host: a writable layer over the shared root file system. It can be read and written whether the host runs
 * or not. What a host keeps in memory (/run, /tmp, /dev, /proc) is not on it.
 */
export class Disk {
  /** Where this machine sees the disk. */
  readonly root: string;

  constructor(private readonly props: DiskProps) {
    this.root = join(props.folder, 'root');
  }

  /** The public host key, as in a .pub file without the comment: `ssh-ed25519 AAAA…`. */
  get hostKey(): string {
    return readFileSync(join(this.props.folder, 'host_key.pub'), 'utf8').split(' ').slice(0, 2).join(' ').trim();
  }

  /** A known_hosts file on this machine that holds the host's key and no other. */
  get knownHostsPath(): string {
    return join(this.props.folder, 'known_hosts');
  }

  /** The block device that carries /var/lib, as `major:minor`. */
  get device(): string {
    const { dev } = statSync(join(this.root, 'var/lib'));
    // As glibc takes them apart; a block device's major fits in 12 bits.
    return `${(dev >> 8) & 0xfff}:${(dev & 0xff) | ((dev >> 12) & 0xfff00)}`;
  }

  /** The machine-id the system was installed with. */
  get machineId(): string {
    return readFileSync(join(this.root, 'etc/machine-id'), 'utf8').trim();
  }

  /** Makes the disk as a fresh installation leaves it: nothing of an earlier life, a new machine-id and new host keys. */
  async install(): Promise<void> {
    const { folder, rootfs, ledger } = this.props;
    const [upper, work, varLib] = ['upper', 'work', 'var-lib'].map((name) => join(folder, name)) as [string, string, string];
    await unmount(join(this.root, 'var/lib'));
    await unmount(this.root);
    await unmount(varLib);
    await mustRun('rm', ['-rf', '--one-file-system', upper, work, varLib, join(folder, 'host_key'), join(folder, 'host_key.pub')]);
    for (const path of [this.root, upper, work]) mkdirSync(path, { recursive: true });

    ledger.add('mount', this.root);
    await mustRun('mount', ['-t', 'overlay', 'overlay', '-o', `lowerdir=${rootfs},upperdir=${upper},workdir=${work}`, this.root]);
    // containerd stacks overlays of its own, which an overlay cannot carry. All of /var/lib is a plain folder, so that an
    // uninstaller can remove what lies below it like on any machine: a mount point there would stay behind.
    await this.makeDevice(varLib);
    await mustRun('cp', ['-aT', '--reflink=auto', join(rootfs, 'var/lib'), varLib]);
    ledger.add('mount', join(this.root, 'var/lib'));
    await mustRun('mount', ['--bind', varLib, join(this.root, 'var/lib')]);
    await this.identify();
  }

  private async makeDevice(mountPoint: string): Promise<void> {
    const { folder, ledger, megabytes } = this.props;
    if (megabytes === undefined) return;
    const image = join(folder, 'var-lib.ext4');
    mkdirSync(mountPoint);
    await mustRun('truncate', ['--size', `${megabytes}M`, image]);
    // Nothing held back for root, who is the one that fills it.
    await mustRun('mkfs.ext4', ['-q', '-F', '-m', '0', image]);
    ledger.add('mount', mountPoint);
    await mustRun('mount', ['-o', 'loop', image, mountPoint]);
    // A fresh /var/lib has nothing of the kind.
    await mustRun('rmdir', [join(mountPoint, 'lost+found')]);
  }

  private async identify(): Promise<void> {
    const { folder, hostname, address, gateway, authorizedKey } = this.props;
    const key = join(folder, 'host_key');
    await mustRun('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', hostname, '-f', key]);
    writeFileSync(this.knownHostsPath, `${address} ${this.hostKey}\n`);
    const write = (path: string, content: string | Buffer, mode = 0o644) => {
      writeFileSync(join(this.root, path), content);
      chmodSync(join(this.root, path), mode);
    };
    write('etc/hostname', `${hostname}\n`);
    write('etc/hosts', `127.0.0.1 localhost\n127.0.1.1 ${hostname}\n`);
    // Written here because systemd takes a machine without one for a first boot, and enables every service it finds.
    write('etc/machine-id', `${randomBytes(16).toString('hex')}\n`);
    write('etc/ssh/ssh_host_ed25519_key', readFileSync(key), 0o600);
    write('etc/ssh/ssh_host_ed25519_key.pub', readFileSync(`${key}.pub`));
    write('etc/systemd/network/10-lab.network',
      `[Match]\nName=host0\n\n[Network]\nAddress=${address}/24\nGateway=${gateway}\nLinkLocalAddressing=no\nIPv6AcceptRA=no\nLLDP=no\n`);
    for (const [user, home] of [['root', 'root'], ['ops', 'home/ops']] as const) {
      write(`${home}/.ssh/authorized_keys`, `${authorizedKey}\n`, 0o600);
      await mustRun('chroot', [this.root, 'chown', `${user}:`, `/${home}/.ssh/authorized_keys`]);
    }
  }

  /** The content of a file. Throws where it cannot be read. */
  read(path: string): Promise<string> {
    return mustRun('chroot', [this.root, 'cat', '--', path]);
  }

  /** Writes a file, and the folders above it where they are missing. The mode is octal, such as 0o600. */
  async write(path: string, content: string | Buffer, mode = 0o644): Promise<void> {
    const script = 'mkdir -p -- "$(dirname -- "$1")" && touch -- "$1" && chmod "$2" -- "$1" && cat > "$1"';
    await mustRun('chroot', [this.root, 'sh', '-c', script, 'write', path, mode.toString(8)], { input: content });
  }

  /** Whether there is a file, folder or link (dangling ones too) at the path. */
  async exists(path: string): Promise<boolean> {
    return (await run('chroot', [this.root, 'sh', '-c', '[ -e "$1" ] || [ -L "$1" ]', 'exists', path])).code === 0;
  }

  /** The paths of everything below a folder, sorted; none where the folder does not exist. */
  async list(folder: string): Promise<string[]> {
    if (!(await this.exists(folder))) return [];
    return (await mustRun('chroot', [this.root, 'find', folder, '-mindepth', '1'])).split('\n').filter(Boolean).sort();
  }

  /** Removes a file or folder, where there is one. */
  async remove(path: string): Promise<void> {
    await mustRun('chroot', [this.root, 'rm', '-rf', '--', path]);
  }
}
