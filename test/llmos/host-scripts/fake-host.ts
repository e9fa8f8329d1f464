import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * A folder that stands for a host's root. Scripts run for real; only their absolute paths are moved into the folder, and
 * commands that would reach the real machine are stood in for.
 */
export class FakeHost {
  readonly root = mkdtempSync(join(tmpdir(), 'llmos-host-'));
  readonly bin = join(this.root, 'stand-ins');
  /** Where scripts find commands. */
  path = `${this.bin}:/usr/bin:/bin`;

  constructor() {
    mkdirSync(this.bin);
    this.systemctl();
    // Processes are moved as well: a script under test must never see, let alone end, one of this machine.
    this.write('proc/self/mounts', '/dev/sda1 / ext4 rw 0 0\n');
    this.write('proc/sys/kernel/hostname', 'm1\n');
    this.write('proc/meminfo', 'MemTotal:       16777216 kB\nMemFree:  1 kB\n');
    this.write('proc/net/tcp', '');
    this.write('proc/net/tcp6', '');
    this.write('etc/machine-id', '0123456789abcdef0123456789abcdef\n');
    this.write('etc/os-release', 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n');
    mkdirSync(this.file('run/systemd/system'), { recursive: true });
  }

  /** The script with its paths moved. */
  moved(script: string): string {
    return script.replaceAll(/(?<![\w/.\]-])\/(?=(etc|var|usr\/local|usr\/lib|opt|run|proc)\/)/g, `${this.root}/`);
  }

  run(script: string, input = ''): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
    const child = spawn('/bin/sh', ['-c', this.moved(script)], { env: { PATH: this.path } });
    const output = { stdout: '', stderr: '' };
    child.stdout.on('data', chunk => (output.stdout += String(chunk)));
    child.stderr.on('data', chunk => (output.stderr += String(chunk)));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    return new Promise(resolve => child.on('close', code => resolve({ code: code ?? -1, ...output })));
  }

  file(path: string): string {
    return join(this.root, path);
  }

  write(path: string, content: string, mode = 0o644): void {
    mkdirSync(dirname(this.file(path)), { recursive: true });
    writeFileSync(this.file(path), content);
    chmodSync(this.file(path), mode);
  }

  read(path: string): string {
    return readFileSync(this.file(path), 'utf8');
  }

  has(path: string): boolean {
    return existsSync(this.file(path));
  }

  mode(path: string): string {
    return (statSync(this.file(path)).mode & 0o777).toString(8);
  }

  standIn(command: string, script: string): void {
    writeFileSync(join(this.bin, command), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }

  /** Installs a unit; `state` is what `systemctl show` says of it. */
  unit(name: string, state: Readonly<Record<string, string>> = { ActiveState: 'active' }, enabled = true): void {
    this.write(`etc/systemd/system/${name}`, '[Service]\n');
    this.write(`systemd/${name}.show`, Object.entries({ LoadState: 'loaded', ...state }).map(([key, value]) => `${key}=${value}\n`).join(''));
    if (enabled) this.write(`systemd/${name}.enabled`, '');
  }

  /** What was asked of systemd, except questions. */
  get asked(): readonly string[] {
    return this.has('systemd/log') ? this.read('systemd/log').trim().split('\n') : [];
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  private systemctl(): void {
    mkdirSync(this.file('systemd'));
    this.standIn('systemctl', `
cd '${this.file('systemd')}'
action=$1; shift
case $action in
  show)
    unit=; wanted=
    while [ $# -gt 0 ]; do case $1 in -p) wanted="$wanted|$2"; shift;; -*) ;; *) unit=$1;; esac; shift; done
    if [ -e "$unit.show" ]; then grep -E "^(\${wanted#|})=" "$unit.show"; else echo LoadState=not-found; fi ;;
  is-enabled) for unit; do :; done; [ -e "$unit.enabled" ] ;;
  is-active) for unit; do :; done; grep -q ActiveState=active "$unit.show" ;;
  *)
    echo "$action $*" | sed 's/ -q//;s/ *$//' >>log
    for unit; do :; done
    case $action in disable) rm -f "$unit.enabled";; enable) : >"$unit.enabled";; esac ;;
esac 2>/dev/null`);
  }
}
