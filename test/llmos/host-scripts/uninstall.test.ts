import { spawn } from 'node:child_process';
import { BLOCK_RESTART_SCRIPT } from '../../../src/llmos/host-scripts/restart-block';
import { LEFTOVERS_SCRIPT, parseLeftovers, UNINSTALL_SCRIPT } from '../../../src/llmos/host-scripts/uninstall';
import { FakeHost } from './fake-host';

describe('cleaning a host', () => {
  let host: FakeHost;

  beforeEach(() => {
    host = new FakeHost();
    host.unit('llmos.service');
    host.unit('k3s.service');
    host.write('etc/systemd/system/llmos.service.env', 'LLMOS_TOKEN=secret\n', 0o600);
    host.write('etc/llmos/config.yaml', 'token: secret\n', 0o600);
    host.write('var/lib/llmos/bootstrapped', 'token: secret\n');
    host.write('var/lib/rancher/k3s/server/token', 'secret\n');
    host.write('etc/rancher/node/password', 'secret\n');
    host.write('usr/local/bin/llmos', '#!/bin/sh\n', 0o755);
    host.write('usr/local/bin/k3s', '#!/bin/sh\n', 0o755);
  });
  afterEach(() => host.remove());

  const uninstall = async () => expect((await host.run(UNINSTALL_SCRIPT)).code).toBe(0);
  const leftovers = async () => {
    const { stdout } = await host.run(LEFTOVERS_SCRIPT);
    return parseLeftovers(stdout).map(line => line.replace(`${host.root}/`, '/'));
  };

  test('runs both uninstall scripts whatever their status, and finds the second without PATH', async () => {
    host.write('usr/local/bin/llmos-uninstall.sh', `#!/bin/sh\nk3s-uninstall.sh || echo one >>${host.root}/ran; exit 1\n`, 0o755);
    host.write('usr/local/bin/k3s-uninstall.sh', `#!/bin/sh\necho two >>${host.root}/ran; exit 1\n`, 0o755);
    await uninstall();
    expect(host.read('ran').split('\n')).toEqual(expect.arrayContaining(['one', 'two']));
    expect(await leftovers()).toEqual([]);
  });

  test('a host without any uninstall script is cleaned as well', async () => {
    expect(await leftovers()).toEqual(expect.arrayContaining(['/etc/llmos', '/var/lib/llmos', '/etc/rancher/node', '/usr/local/bin/llmos', '/etc/systemd/system/k3s.service']));
    await uninstall();
    expect(await leftovers()).toEqual([]);
    expect(host.has('etc/llmos')).toBe(false);
    expect(host.has('etc/systemd/system/llmos.service.env')).toBe(false);
  });

  test('the restart block goes too, and only after everything that it blocks', async () => {
    await host.run(BLOCK_RESTART_SCRIPT);
    host.write('usr/local/bin/llmos-uninstall.sh', `#!/bin/sh\ntest -e ${host.file('etc/llmos-nodes/removed')} && echo blocked >${host.file('during')}\n`, 0o755);
    await uninstall();
    expect(host.read('during')).toBe('blocked\n');
    expect(host.has('etc/llmos-nodes')).toBe(false);
    expect(await leftovers()).toEqual([]);
  });

  test('nothing is deleted below which a volume is still mounted', async () => {
    host.write('var/lib/kubelet/pods/1/volumes/data/precious', 'data');
    host.write('proc/self/mounts', `/dev/sdb1 ${host.file('var/lib/kubelet/pods/1/volumes/data')} ext4 rw 0 0\n`);
    await uninstall();
    expect(host.has('var/lib/kubelet/pods/1/volumes/data/precious')).toBe(true);
    expect(await leftovers()).toEqual(['/var/lib/kubelet']);
  });

  test('what belongs to somebody else stays', async () => {
    host.write('etc/rancher/rancher-desktop/settings', '');
    host.write('etc/systemd/system/k3s.service.d/10-limits.conf', '');
    await uninstall();
    expect(host.has('etc/rancher/rancher-desktop/settings')).toBe(true);
    expect(host.has('etc/systemd/system/k3s.service.d/10-limits.conf')).toBe(true);
  });

  test('cleaning twice is no error', async () => {
    await uninstall();
    await uninstall();
  });

  test('a bootstrap that still runs is ended and, should it live on, reported', async () => {
    const running = spawn('sleep', ['60']);
    await new Promise(resolve => running.once('spawn', resolve));
    const ended = new Promise(resolve => running.once('exit', (_code, signal) => resolve(signal)));
    host.write(`proc/${running.pid}/comm`, 'llmos\n');
    expect(await leftovers()).toContain(`process llmos (${running.pid})`);
    await uninstall();
    expect(await ended).toBe('SIGKILL');
  });

  test('a container shim is a leftover only where it holds a pod', async () => {
    host.write('proc/11/comm', 'containerd-shim\n');
    host.write('proc/11/cmdline', '/usr/bin/containerd-shim-runc-v2\0-namespace\0moby\0-id\0a\0');
    host.write('proc/12/comm', 'containerd-shim\n');
    host.write('proc/12/cmdline', '/usr/bin/containerd-shim-runc-v2\0-namespace\0k8s.io\0-id\0b\0');
    await uninstall();
    expect(await leftovers()).toEqual(['process containerd-shim (12)']);
  });
});
