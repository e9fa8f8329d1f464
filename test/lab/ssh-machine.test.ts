import { join } from 'node:path';
import { connectSsh, type SshMachine } from '../../src/adapters/ssh';
import { renderConfig } from '../../src/llmos/config';
import { Deadline } from '../../src/membership/deadline';
import { Lab } from './hosts';

jest.setTimeout(5 * 60_000);

/** Where the installer finds a release on each host: what a closed network's mirror would be. */
const RELEASE = '/opt/llmos-release';
const INSTALLER = { version: 'v0.3.1', script: join(__dirname, 'standin', 'install.sh'), environment: { INSTALL_LLMOS_ARTIFACT_URL: `file://${RELEASE}` } };
const TOKEN = 'a-token-for-the-lab';

/** One cluster of two hosts, driven through the SSH machine alone; the tests follow each other. */
describe('a machine over SSH, as a user with sudo', () => {
  let lab: Lab;
  let m1: SshMachine;
  let w1: SshMachine;
  let server: string;

  beforeAll(async () => {
    lab = await Lab.create({ name: 'ssh-machine' });
    const machines = await Promise.all(['m1', 'w1'].map(async name => {
      const host = await lab.addHost(name);
      await host.boot();
      await host.mustSsh(`mkdir -p ${RELEASE} && cd ${RELEASE} && cp /usr/local/lib/lab/llmos llmos_linux_amd64 && sha256sum llmos_linux_amd64 > checksums.txt`);
      return connectSsh({ user: 'ops', privateKeyPath: lab.privateKeyPath })({ address: host.address, hostKey: host.hostKey });
    }));
    [m1, w1] = machines as [SshMachine, SshMachine];
    server = `https://${lab.host('m1').address}:6443`;
  });
  afterAll(async () => {
    await Promise.all([m1?.close(), w1?.close()]);
    await lab?.destroy();
  });

  const worker = (token: string) => renderConfig({ role: 'agent', server, token, nodeName: 'w1', address: lab.host('w1').address });

  test('a fresh host is told as one', async () => {
    expect(await m1.facts()).toMatchObject({ hostname: 'm1', arch: 'amd64', systemd: true, privileged: true, clockSkewSeconds: 0, bootstrap: 'absent', otherKubernetes: [], portsInUse: [] });
    expect(await m1.leftovers()).toEqual([]);
    expect(await w1.askServer(server, TOKEN)).toMatchObject({ kind: 'unreachable' });
    expect(await m1.memberHealthy()).toBe(false);
  });

  test('a first node is installed and followed to its end', async () => {
    const lines: string[] = [];
    await m1.writeConfig(renderConfig({ role: 'cluster-init', token: TOKEN, nodeName: 'm1', address: lab.host('m1').address, kubernetesVersion: 'v1.34.1+k3s1' }));
    await m1.install(INSTALLER);
    await m1.waitForBootstrap(line => lines.push(line), new Deadline(180));
    expect(lines).not.toEqual([]);
    expect(lines.filter(line => line.includes(TOKEN))).toEqual([]);
    expect(await m1.facts()).toMatchObject({ bootstrap: 'done', nodeName: 'm1', role: 'management', otherKubernetes: [], portsInUse: [] });
  });

  test('a management node gives its token, its members, its health and a snapshot', async () => {
    expect(await m1.joinToken()).toBe(TOKEN);
    expect(await m1.kubeconfig()).toMatch(/127\.0\.0\.1/);
    expect(await m1.members()).toMatchObject([{ node: 'm1', learner: false }]);
    expect(await m1.memberHealthy()).toBe(true);
    const snapshot = await m1.snapshot('before-w1');
    expect(snapshot).toMatch(/before-w1/);
    expect(await lab.host('m1').files.exists(snapshot)).toBe(true);
    const api = await m1.forward(6443);
    expect((await fetch(`http://127.0.0.1:${api.port}/ping`)).status).toBe(400);
  });

  test('a wrong token is told before and while LLMOS tries', async () => {
    expect(await w1.askServer(server, 'wrong')).toEqual({ kind: 'token-refused' });
    await w1.writeConfig(worker('wrong'));
    await w1.install(INSTALLER);
    await expect(w1.waitForBootstrap(() => undefined, new Deadline(120))).rejects.toThrow(/refuses the join token/);
    expect(await w1.facts()).toMatchObject({ bootstrap: 'running', nodeName: 'w1', role: 'worker' });
  });

  test('a block ends a bootstrap that runs, and taken back lets it go on', async () => {
    await w1.blockRestart();
    expect((await w1.facts()).bootstrap).not.toBe('running');
    await lab.host('w1').ssh('sudo systemctl start llmos', { user: 'ops' });
    expect((await lab.host('w1').ssh('pgrep -x llmos')).stdout).toBe('');
    await w1.allowRestart();
    expect((await w1.facts()).bootstrap).toBe('running');
  });

  test('a half-joined host is cleaned whole, though its bootstrap still runs', async () => {
    await w1.uninstall();
    expect(await w1.leftovers()).toEqual([]);
    expect((await w1.facts()).bootstrap).toBe('absent');
  });

  test('an invalid config ends the wait at once', async () => {
    await w1.writeConfig(worker(TOKEN).replace('role: agent', 'role: agent\nmirror: xx'));
    await w1.install(INSTALLER);
    await expect(w1.waitForBootstrap(() => undefined, new Deadline(120))).rejects.toThrow(/LLMOS gave up \(.*mirror/);
    expect((await w1.facts()).bootstrap).toBe('failed');
  });

  test('a changed config is taken up by installing again, and a server that was away is waited for', async () => {
    await lab.host('m1').mustSsh('systemctl stop k3s');
    await w1.writeConfig(worker(TOKEN));
    await w1.install(INSTALLER);
    const lines: string[] = [];
    const waiting = w1.waitForBootstrap(line => {
      lines.push(line);
      // By now LLMOS has given up for good.
      if (/does not answer from there/.test(line) && lines.filter(each => each === line).length === 1) void lab.host('m1').mustSsh('systemctl start k3s');
    }, new Deadline(240));
    await waiting;
    expect(lines).toContain(`${server} answers again: LLMOS is started once more`);
    expect((await w1.facts()).bootstrap).toBe('done');
  });

  test('a node that runs is blocked, goes on running, and does not come back once it is stopped', async () => {
    await w1.blockRestart();
    expect((await lab.host('w1').ssh('systemctl is-active k3s-agent')).stdout).toBe('active\n');
    await w1.stopRuntime();
    expect((await lab.host('w1').ssh('systemctl start k3s-agent; systemctl is-active k3s-agent')).stdout).toBe('inactive\n');
    await lab.host('w1').powerOff();
    await lab.host('w1').boot();
    expect((await lab.host('w1').ssh('systemctl is-active k3s-agent llmos')).stdout).toBe('inactive\ninactive\n');
    await w1.uninstall();
    expect(await w1.leftovers()).toEqual([]);
  });

  test('a first node is pointed at a peer in both of its configs', async () => {
    await m1.joinBy('https://10.0.0.2:6443');
    expect(await lab.host('m1').files.read('/etc/llmos/config.yaml')).toMatch(/^role: server$[^]*^server: https:\/\/10\.0\.0\.2:6443$/m);
    const runtime = await lab.host('m1').files.read('/etc/rancher/k3s/config.yaml.d/40-llmos.yaml');
    expect(runtime).toMatch(/server: https:\/\/10\.0\.0\.2:6443/);
    expect(runtime).not.toMatch(/cluster-init/);
  });
});
