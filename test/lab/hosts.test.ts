import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { cgroupFolders } from './hosts/cgroups';
import { Lab } from './hosts';

jest.setTimeout(120_000);

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.create({ name: 'hosts test' });
  for (const name of ['m1', 'w1']) await lab.addHost(name);
  await Promise.all(lab.hosts.map((host) => host.boot()));
});
afterAll(() => lab?.destroy());

test('a host lets ops in, and ops may do everything with sudo', async () => {
  for (const host of lab.hosts) {
    const { code, stdout } = await host.ssh('whoami; sudo -n whoami; hostname; cat', { user: 'ops', input: 'typed in' });
    expect({ code, lines: stdout.split('\n') }).toEqual({ code: 0, lines: ['ops', 'root', host.name, 'typed in'] });
  }
});

test('a host looks like a machine on which nothing of Kubernetes was ever installed', async () => {
  const [host] = lab.hosts;
  expect(await host!.mustSsh('systemctl is-system-running --wait')).toBe('running\n');
  expect((await host!.ssh('systemctl is-enabled containerd; systemctl is-active containerd')).stdout).toBe('disabled\ninactive\n');
  for (const path of ['/etc/kubernetes', '/etc/rancher', '/etc/llmos', '/var/lib/kubelet', '/var/lib/rancher', '/var/lib/etcd', '/etc/cni/net.d']) {
    expect([path, await host!.files.exists(path)]).toEqual([path, false]);
  }
  expect(await host!.mustSsh('/usr/local/lib/lab/kubelet --version')).toMatch(/^Kubernetes v1\.\d+\.\d+\+k3s1\n$/);
});

test('hosts can be told apart, and reach each other by address', async () => {
  const [m1, w1] = lab.hosts;
  expect(new Set([m1!.machineId, w1!.machineId]).size).toBe(2);
  expect(new Set([m1!.hostKey, w1!.hostKey]).size).toBe(2);
  expect(await m1!.mustSsh('cat /etc/machine-id')).toBe(`${m1!.machineId}\n`);
  expect(await m1!.mustSsh(`curl -s --max-time 5 telnet://${w1!.address}:22 </dev/null | head -c 4`)).toBe('SSH-');
});

test("what a process of one host does to its cgroups is not seen by another host's", async () => {
  const [m1, w1] = lab.hosts;
  await m1!.mustSsh('for hierarchy in /sys/fs/cgroup/*/; do mkdir "$hierarchy/only-on-m1"; done; ls -d /sys/fs/cgroup/*/only-on-m1');
  expect((await w1!.ssh('ls -d /sys/fs/cgroup/*/only-on-m1')).code).not.toBe(0);
});

test('files are read and written with their modes, through links, whether the host runs or not', async () => {
  const host = lab.host('w1');
  await host.files.write('/etc/lab/secret', 'hush', 0o600);
  await host.mustSsh('ln -s /etc/lab/secret /etc/lab/link; stat -c %a /etc/lab/secret | grep -qx 600');
  await host.powerOff();
  expect(await host.files.read('/etc/lab/link')).toBe('hush');
  expect(await host.files.list('/etc/lab')).toEqual(['/etc/lab/link', '/etc/lab/secret']);
  await host.files.remove('/etc/lab');
  expect(await host.files.list('/etc/lab')).toEqual([]);
  await host.boot();
});

test('a host that lost its power boots again with its files and as the same machine', async () => {
  const host = lab.host('m1');
  const before = { id: host.machineId, key: host.hostKey, boot: await host.mustSsh('cat /proc/sys/kernel/random/boot_id') };
  await host.mustSsh('echo kept > /root/kept; mkdir -p /var/lib/kept; nohup sleep 1000 >/dev/null 2>&1 &');
  await host.kill();
  expect(host.running).toBe(false);
  expect((await host.ssh('true')).code).toBe(255);
  await host.boot();
  expect(await host.mustSsh('cat /root/kept; ls -d /var/lib/kept')).toBe('kept\n/var/lib/kept\n');
  expect((await host.ssh('pgrep -x sleep')).code).toBe(1);
  expect([host.machineId, host.hostKey]).toEqual([before.id, before.key]);
  expect(await host.mustSsh('cat /proc/sys/kernel/random/boot_id')).not.toBe(before.boot);
});

test('a host whose cable is pulled does not answer until it is plugged in again', async () => {
  const host = lab.host('w1');
  await host.disconnect();
  expect((await host.ssh('true')).code).toBe(255);
  await host.reconnect();
  expect((await host.ssh('true')).code).toBe(0);
});

test('a reset host is another machine with the same name and address, and nothing of its past', async () => {
  const host = lab.host('w1');
  const before = { id: host.machineId, key: host.hostKey };
  await host.mustSsh('touch /root/past /var/lib/past');
  await host.reset();
  expect(host.running).toBe(false);
  await host.boot();
  expect([await host.files.exists('/root/past'), await host.files.exists('/var/lib/past')]).toEqual([false, false]);
  expect(await host.mustSsh('hostname; cat /etc/machine-id')).toBe(`w1\n${host.machineId}\n`);
  expect(host.machineId).not.toBe(before.id);
  expect(host.hostKey).not.toBe(before.key);
});

test('two labs exist at once, and destroying one leaves nothing of it and the other untouched', async () => {
  const other = await Lab.create({ name: 'second' });
  const host = await other.addHost('m1');
  await host.boot();
  await host.mustSsh('true');
  expect(other.gateway).not.toBe(lab.gateway);
  expect(leftOf(other)).not.toEqual(nothing);
  await other.destroy();
  expect(leftOf(other)).toEqual(nothing);
  expect((await lab.host('m1').ssh('true')).code).toBe(0);
});

test('what a killed process left behind is swept away', async () => {
  const child = spawn(process.execPath, ['-r', 'ts-node/register/transpile-only', join(__dirname, 'hosts/open.ts'), 'm1'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const line = await output(child, /-i \S+\/key /);
  const privateKeyPath = /-i (\S+)/.exec(line)![1]!;
  const left = { privateKeyPath, gateway: `10.99.${basename(dirname(privateKeyPath))}.1` };
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
  expect(leftOf(left)).not.toEqual(nothing);
  await Lab.sweep();
  expect(leftOf(left)).toEqual(nothing);
  expect((await lab.host('m1').ssh('true')).code).toBe(0);
});

test('without its parts a lab says which command makes them', async () => {
  const empty = mkdtempSync(join(tmpdir(), 'lab-cache-'));
  const before = process.env.XDG_CACHE_HOME;
  process.env.XDG_CACHE_HOME = empty;
  try {
    await jest.isolateModulesAsync(async () => {
      const isolated = jest.requireActual<typeof import('./hosts')>('./hosts');
      await expect(isolated.Lab.create({ name: 'early' })).rejects.toThrow('lab early: its parts are not on this machine yet; run: node scripts/lab-parts.mjs');
    });
  } finally {
    if (before === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = before;
    rmSync(empty, { recursive: true });
  }
});

const nothing = { folder: false, mounts: [], links: [], cgroups: [], processes: [] };

/** What exists on this machine of a lab, asked from the kernel and not from what the lab believes. */
function leftOf({ gateway, privateKeyPath }: Pick<Lab, 'gateway' | 'privateKeyPath'>) {
  const number = gateway.split('.')[2];
  const folder = dirname(privateKeyPath);
  const machine = new RegExp(`\\blab${number}h\\d+\\b`);
  const read = (path: string) => {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return ''; // a process that has just ended
    }
  };
  // A process that is dead and waits for its parent to ask how it ended is no longer running anything.
  const alive = (pid: string) => /^\d+$/.test(pid) && !/^\d+ \(.*\) [ZX] /s.test(read(`/proc/${pid}/stat`));
  return {
    folder: existsSync(folder),
    mounts: read('/proc/self/mounts').split('\n').filter((line) => line.includes(`${folder}/`)),
    links: readdirSync('/sys/class/net').filter((link) => machine.test(link) || link === `labbr${number}`),
    cgroups: cgroupFolders('').flatMap((parent) => readdirSync(parent)).filter((name) => machine.test(name)),
    processes: readdirSync('/proc').filter((pid) => alive(pid) && machine.test(read(`/proc/${pid}/cgroup`) + read(`/proc/${pid}/cmdline`))),
  };
}

function output(child: ChildProcess, wanted: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout!.on('data', (data) => {
      text += data;
      if (wanted.test(text)) resolve(text);
    });
    child.once('exit', () => reject(new Error(`it ended before it printed ${wanted}: ${text}`)));
  });
}
