import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { endProcess } from '../../end-process';
import { makeCgroup, processesIn, removeCgroup } from './cgroups';
import type { Disk } from './disk';
import { type Ledger, endProcesses, removeLink } from './ledger';
import { type Outcome, type RunOptions, mustRun, run, waitUntil } from './run';

/** What a host is made of. */
export interface HostProps {
  readonly name: string;
  /** IPv4 address on the lab's bridge. */
  readonly address: string;
  /** Name of the container, short enough for a network link (at most 12 characters) and unique on this machine. */
  readonly machine: string;
  readonly bridge: string;
  readonly disk: Disk;
  /** Folder on this machine for the host's console log and known_hosts. */
  readonly folder: string;
  /** Folder on this machine that the host sees as /usr/local/lib/lab. */
  readonly parts: string;
  readonly privateKeyPath: string;
  readonly cgroups: readonly string[];
  readonly ledger: Ledger;
}

/** Options of a command on a host. */
export interface SshOptions extends RunOptions {
  /** Who runs it: root, or ops, who may use sudo without a password. @default 'root' */
  readonly user?: 'root' | 'ops';
}

/**
 * A Debian machine with systemd and sshd: a container with its own kernel namespaces, cgroups, disk and network link. It has
 * containerd installed and not started, nothing of Kubernetes, and the lab's binaries in /usr/local/lib/lab.
 */
export class Host {
  readonly name: string;
  readonly address: string;
  /** The host's disk: readable and writable whether the host runs or not. */
  readonly files: Disk;
  private container: ChildProcess | undefined;

  constructor(private readonly props: HostProps) {
    this.name = props.name;
    this.address = props.address;
    this.files = props.disk;
    props.ledger.add('link', this.link);
    for (const cgroup of props.cgroups) props.ledger.add('cgroup', cgroup);
  }

  /** The public host key, such as `ssh-ed25519 AAAA…`; another one after `reset`. */
  get hostKey(): string {
    return this.files.hostKey;
  }

  /** The id systemd knows the machine by; another one after `reset`. */
  get machineId(): string {
    return this.files.machineId;
  }

  /** Path of a known_hosts file on this machine that holds the host's key and no other. */
  get knownHostsPath(): string {
    return this.files.knownHostsPath;
  }

  get running(): boolean {
    return this.container !== undefined;
  }

  /** Switches the host on. Resolves when its sshd answers; throws with the end of its console where that takes over a minute. */
  async boot(): Promise<void> {
    if (this.running) throw new Error(`host ${this.name}: it is running already`);
    this.switchOn();
    try {
      await waitUntil('boot', async () => {
        if (!this.running) throw new Error('the container ended');
        return speaksSsh(this.address);
      }, 60);
    } catch (error) {
      throw new Error(`host ${this.name}: ${(error as Error).message}; its console ends with:\n${this.console().split('\n').slice(-20).join('\n')}`);
    }
  }

  private switchOn(): void {
    for (const cgroup of this.props.cgroups) makeCgroup(cgroup);
    const container = this.start();
    this.container = container;
    container.once('exit', (code) => {
      if (this.container !== container) return;
      this.container = undefined;
      // Where it does not come up again, whoever waits for it says so.
      if (code === REBOOTS) this.ended(30).then(() => this.switchOn()).catch(() => undefined);
    });
  }

  private start(): ChildProcess {
    const { machine, bridge, folder, parts, cgroups } = this.props;
    const nspawn = [
      'systemd-nspawn', '--quiet', '--boot', '--directory', this.files.root, '--machine', machine, '--hostname', this.name,
      '--network-bridge', bridge, '--register=no', '--keep-unit', '--link-journal=no', '--resolv-conf=off', '--timezone=off', '--console=pipe',
      // As on a machine, root may do everything; except that the clock and the kernel's modules are not this host's alone.
      '--capability=all', '--drop-capability=CAP_SYS_TIME,CAP_SYS_MODULE',
      // runc joins a session keyring and limits devices with BPF programs.
      '--system-call-filter=@keyring bpf',
      `--bind-ro=${parts}:/usr/local/lib/lab`,
    ];
    // In cgroups of its own before it is anything: otherwise all hosts share one tree, and each kubelet removes the others' pods.
    const enter = 'while [ "$1" != -- ]; do echo $$ > "$1/cgroup.procs"; shift; done; shift; exec "$@"';
    const log = openSync(join(folder, 'console.log'), 'a');
    try {
      const child = spawn('sh', ['-euc', enter, 'enter', ...cgroups, '--', ...nspawn], { detached: true, stdio: ['ignore', log, log] });
      child.unref();
      return child;
    } finally {
      closeSync(log);
    }
  }

  /** Shuts the host down in order, as its power button would. Throws where that takes over two minutes. */
  async powerOff(): Promise<void> {
    const container = this.container;
    if (!container) return;
    container.kill('SIGTERM');
    await this.ended(120);
  }

  /**
   * Takes the power away: every process of the host dies at once, none gets to say goodbye. What was written to the disk is
   * still there at the next boot, also what a real machine would have lost from its write cache.
   */
  async kill(): Promise<void> {
    if (!this.running) return;
    // The kernel ends a PID namespace with its first process; killing the container manager would leave the host running.
    const init = this.props.cgroups.flatMap(processesIn).find(isInit);
    if (init === undefined) await endProcesses(this.props.cgroups);
    else endProcess(init);
    await this.ended(30);
  }

  private async ended(seconds: number): Promise<void> {
    await waitUntil(`host ${this.name}: its end`, () => !this.running, seconds);
    await waitUntil(`host ${this.name}: the end of its processes`, () => this.props.cgroups.every((cgroup) => processesIn(cgroup).length === 0), 10);
    await removeLink(this.link);
    for (const cgroup of this.props.cgroups) await waitUntil(`host ${this.name}: removal of ${cgroup}`, () => removeCgroup(cgroup), 10);
  }

  /** Installs the machine anew, switched off: an empty disk, a new machine-id, a new host key; the name and the address stay. */
  async reset(): Promise<void> {
    await this.kill();
    await this.files.install();
  }

  /** Pulls the network cable. A host that boots has it plugged in. */
  async disconnect(): Promise<void> {
    await mustRun('ip', ['link', 'set', this.link, 'down']);
  }

  /** Plugs the network cable in again. */
  async reconnect(): Promise<void> {
    await mustRun('ip', ['link', 'set', this.link, 'up']);
  }

  /**
   * Makes the device under the host's /var/lib slow: so many writes a second get through, which is what an etcd that syncs its log
   * waits for. Undefined makes it as quick as it was. Meant for a host with a device of its own.
   */
  limitWrites(perSecond: number | undefined): void {
    const blkio = this.props.cgroups.find((cgroup) => existsSync(join(cgroup, 'blkio.throttle.write_iops_device')));
    if (!blkio) throw new Error(`host ${this.name}: its disk cannot be made slow, because this machine has no blkio cgroup (version 1)`);
    // A limit of 0 is none.
    writeFileSync(join(blkio, 'blkio.throttle.write_iops_device'), `${this.files.device} ${perSecond ?? 0}`);
  }

  /** Runs a shell command over SSH, with the host key pinned. Does not throw for an exit status: 255 is what ssh itself gives. */
  ssh(command: string, options: SshOptions = {}): Promise<Outcome> {
    const settings = {
      BatchMode: 'yes', IdentitiesOnly: 'yes', IdentityAgent: 'none', LogLevel: 'ERROR',
      StrictHostKeyChecking: 'yes', UserKnownHostsFile: this.knownHostsPath, ConnectTimeout: '5', ServerAliveInterval: '5', ServerAliveCountMax: '3',
    };
    const args = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
    return run('ssh', ['-F', 'none', '-i', this.props.privateKeyPath, ...args, `${options.user ?? 'root'}@${this.address}`, command], options);
  }

  /** Like `ssh`, for a command that has to succeed; returns its standard output. */
  async mustSsh(command: string, options: SshOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.ssh(command, options);
    if (code !== 0) throw new Error(`host ${this.name}: ${command} (status ${code}): ${stderr.trim() || stdout.trim()}`);
    return stdout;
  }

  /** Everything the host has written to its console, over all its boots. */
  console(): string {
    const log = join(this.props.folder, 'console.log');
    return existsSync(log) ? readFileSync(log, 'utf8').trimEnd() : '';
  }

  // The name systemd-nspawn gives to this machine's end of the host's network cable.
  private get link(): string {
    return `vb-${this.props.machine}`;
  }
}

/** With this status systemd-nspawn, whose unit is not its own, leaves a restart that was asked for inside to others. */
const REBOOTS = 133;

function isInit(pid: number): boolean {
  try {
    const ids = /^NSpid:\s*(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]?.split(/\s+/) ?? [];
    return ids.length === 2 && ids[1] === '1';
  } catch {
    return false; // it ended meanwhile
  }
}

function speaksSsh(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: 22, timeout: 1000 });
    const answer = (speaks: boolean) => {
      socket.destroy();
      resolve(speaks);
    };
    socket.once('data', (data) => answer(data.toString().startsWith('SSH-')));
    socket.once('error', () => answer(false));
    socket.once('timeout', () => answer(false));
    socket.once('close', () => answer(false));
  });
}
