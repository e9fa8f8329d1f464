import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { SshConnection } from '../../../src/adapters/ssh/connection';
import { connectSsh } from '../../../src/adapters/ssh';
import { endpoint } from '../../../src/adapters/ssh/options';
import { Shell, type RunOptions, type RunResult } from '../../../src/adapters/ssh/shell';
import { SshMachine } from '../../../src/adapters/ssh/ssh-machine';
import { FakeHost } from '../../llmos/host-scripts/fake-host';
import { HttpsServer } from '../../llmos/host-scripts/https-server';
import { haveSshd, Keys, Sshd } from './sshd';

const describeWithSshd = haveSshd() ? describe : describe.skip;

/** Runs over real SSH, with the paths moved into a folder. */
class MovedShell extends Shell {
  constructor(connection: SshConnection, private readonly host: FakeHost, private readonly ports: () => Readonly<Record<string, number>>) {
    super(connection, false);
  }

  override run(script: string, options?: RunOptions): Promise<RunResult> {
    const moved = Object.entries(this.ports()).reduce((text, [from, to]) => text.replaceAll(from, String(to)), this.host.moved(script));
    return super.run(moved, options);
  }
}

describeWithSshd('a machine over a real sshd (package openssh-server)', () => {
  const keys = new Keys();
  const host = new FakeHost();
  const server = new HttpsServer();
  let sshd: Sshd;
  let machine: SshMachine;

  beforeAll(async () => {
    const key = keys.make('user');
    sshd = await Sshd.start(keys, 'host', { path: host.path });
    sshd.authorize(keys.publicHalf(key));
    await server.listen();
    const connection = new SshConnection(endpoint({ address: sshd.address, port: sshd.port, user: sshd.user, hostKey: sshd.publicHostKey }, {}), { privateKeyPath: key });
    machine = new SshMachine(connection, new MovedShell(connection, host, () => ({ 8443: server.port, 6443: server.port })));
    host.standIn('id', 'echo 0');
    host.write('var/lib/rancher/k3s/server/token', 'K10abc::server:s3cret\n', 0o600);
  });
  afterAll(async () => {
    await machine.close();
    await sshd.stop();
    await server.close();
    host.remove();
    keys.remove();
  });

  test('is named by its login', () => {
    expect(machine.label).toBe(`${sshd.user}@127.0.0.1:${sshd.port}`);
    expect(connectSsh({ user: 'ops' })({ address: '2001:db8::1' }).label).toBe('ops@[2001:db8::1]:22');
  });

  test('tells its facts, with a clock that is right when it is ours', async () => {
    expect(await machine.facts()).toMatchObject({ hostname: 'm1', clockSkewSeconds: 0, bootstrap: 'absent', privileged: true });
  });

  test('tells how far its clock is off', async () => {
    host.standIn('date', `echo $(($(/bin/date +%s) - 100))`);
    const { clockSkewSeconds } = await machine.facts();
    expect(clockSkewSeconds).toBeLessThanOrEqual(-98);
    expect(clockSkewSeconds).toBeGreaterThanOrEqual(-101);
  });

  test('keeps its config to root', async () => {
    await machine.writeConfig('role: server\nnodeName: m1\ntoken: s3cret\n');
    expect(host.read('etc/llmos/config.yaml')).toContain('s3cret');
    expect(host.mode('etc/llmos/config.yaml')).toBe('600');
  });

  test('asks a server with the token', async () => {
    server.answer = (request, response) => response.writeHead(request.headers.authorization === 'Bearer good' || request.url === '/ping' ? 200 : 401).end('pong');
    const url = `https://127.0.0.1:${server.port}`;
    expect(await machine.askServer(url, 'good')).toEqual({ kind: 'ok' });
    expect(await machine.askServer(url, 'bad')).toEqual({ kind: 'token-refused' });
  });

  test('reads the member list', async () => {
    server.answer = (request, response) => response.end(request.url === '/db/info' ? '{"members":[{"ID":10276657743932975437,"name":"m1-0a1b2c3d"}]}' : 'pong');
    expect(await machine.members()).toMatchObject([{ id: '8e9e05c52164694d', node: 'm1', learner: false }]);
    server.answer = (_request, response) => response.end('starting up');
    await expect(machine.members()).rejects.toThrow(/gave no etcd member list \(starting up\)/);
  });

  test('without etcd is not healthy, and that is no error', async () => {
    expect(await machine.memberHealthy()).toBe(false);
  });

  test('joins by a peer from now on, in both configs and without a restart', async () => {
    host.write('etc/llmos/config.yaml', 'role: cluster-init\nnodeName: m1\n');
    host.write('etc/rancher/k3s/config.yaml.d/40-llmos.yaml', 'cluster-init: "true"\nnode-name: m1\n');
    await machine.joinBy('https://10.0.0.2:6443');
    expect(host.read('etc/llmos/config.yaml')).toBe('role: server\nnodeName: m1\nserver: https://10.0.0.2:6443\ntoken: s3cret\n');
    expect(host.read('etc/rancher/k3s/config.yaml.d/40-llmos.yaml')).toBe('node-name: m1\nserver: https://10.0.0.2:6443\ntoken: s3cret\n');
    expect(host.mode('etc/rancher/k3s/config.yaml.d/40-llmos.yaml')).toBe('600');
    expect(host.asked).toEqual([]);
  });

  describe('installing', () => {
    const script = (text: string) => {
      const path = keys.path('install.sh');
      writeFileSync(path, text);
      return { script: path, sha256: createHash('sha256').update(text).digest('hex') };
    };

    test('uploads the script and runs it', async () => {
      await machine.install({ ...script(`echo "$INSTALL_LLMOS_VERSION" >${host.file('installed')}`), version: 'v0.3.1' });
      expect(host.read('installed')).toBe('v0.3.1\n');
    });

    test('tells a script with another checksum', async () => {
      await expect(machine.install({ ...script('exit 0'), sha256: 'a'.repeat(64) })).rejects.toThrow(/sha256 is [0-9a-f]{64} where a{64} is expected, so it was not run/);
    });

    test('tells a script that cannot be downloaded', async () => {
      await expect(machine.install({ url: 'http://127.0.0.1:1/install.sh' })).rejects.toThrow(/127\.0\.0\.1:1\/install\.sh\): it cannot download the installer \(.+\); check the address/);
    });

    test('tells a script that failed, with what it said last', async () => {
      await expect(machine.install(script('echo "[ERROR]  Unsupported architecture" >&2; exit 1'))).rejects.toThrow(/ended with status 1 \(\[ERROR\] {2}Unsupported architecture\)/);
    });

    test('tells a script that is not there', async () => {
      await expect(machine.install({ script: keys.path('none.sh') })).rejects.toThrow(/none\.sh\): it cannot be read \(ENOENT\)/);
    });
  });

  test('can be blocked, cleaned and found clean', async () => {
    host.unit('k3s.service');
    await machine.blockRestart();
    await machine.stopRuntime();
    expect(await machine.leftovers()).not.toEqual([]);
    await machine.uninstall();
    expect(await machine.leftovers()).toEqual([]);
  });
});

test('a host name that is IPv6 keeps its brackets', () => {
  expect(connectSsh()({ address: '::1', port: 2222, user: 'a' }).label).toBe('a@[::1]:2222');
});

test('ssh2 is not loaded before somebody dials', () => {
  jest.isolateModules(() => {
    const loaded = jest.fn(() => ({}));
    jest.doMock('ssh2', loaded);
    require('../../../src/adapters/ssh');
    expect(loaded).not.toHaveBeenCalled();
    jest.dontMock('ssh2');
  });
});
