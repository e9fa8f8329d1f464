import { join } from 'node:path';
import { connectKubernetes } from '../../src/adapters/kubernetes';
import { connectSsh, type SshMachine } from '../../src/adapters/ssh';
import { renderConfig, type LlmosConfig } from '../../src/llmos/config';
import { Deadline } from '../../src/membership/deadline';
import { Lab } from './hosts';

jest.setTimeout(5 * 60_000);

/** Where the installer finds a release on each host: what a closed network's mirror would be. */
const RELEASE = '/opt/llmos-release';
const INSTALLER = { version: 'v0.3.1', script: join(__dirname, 'standin', 'install.sh'), environment: { INSTALL_LLMOS_ARTIFACT_URL: `file://${RELEASE}` } };
const TOKEN = 'a-token-for-the-lab';

/** Hosts with a release to install from, reached as a user with sudo. */
function boot(lab: Lab, names: readonly string[]): Promise<SshMachine[]> {
  return Promise.all(names.map(async name => {
    const host = await lab.addHost(name);
    await host.boot();
    await host.mustSsh(`mkdir -p ${RELEASE} && cd ${RELEASE} && cp /usr/local/lib/lab/llmos llmos_linux_amd64 && sha256sum llmos_linux_amd64 > checksums.txt`);
    return connectSsh({ user: 'ops', privateKeyPath: lab.privateKeyPath })({ address: host.address, hostKey: host.hostKey });
  }));
}

/** One cluster of two hosts, driven through the SSH machine alone; the tests follow each other. */
describe('a machine over SSH, as a user with sudo', () => {
  let lab: Lab;
  let m1: SshMachine;
  let w1: SshMachine;
  let server: string;

  beforeAll(async () => {
    lab = await Lab.create({ name: 'ssh-machine' });
    [m1, w1] = await boot(lab, ['m1', 'w1']) as [SshMachine, SshMachine];
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
    const administrator = await connectKubernetes({ kubeconfig: await m1.kubeconfig(), server: `https://127.0.0.1:${api.port}` });
    expect(await m1.clusterIdentity()).toBe(await administrator.identity());
    await administrator.close();
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

/** Two management nodes and a worker; the tests follow each other. */
describe('the join token of a cluster', () => {
  let lab: Lab;
  let m1: SshMachine;
  let m2: SshMachine;
  let w1: SshMachine;
  let token: string;
  const url = (name: string) => `https://${lab.host(name).address}:6443`;

  beforeAll(async () => {
    lab = await Lab.create({ name: 'join-token' });
    [m1, m2, w1] = await boot(lab, ['m1', 'm2', 'w1']) as [SshMachine, SshMachine, SshMachine];
    for (const { name } of lab.hosts) await lab.host(name).mustSsh('echo K3S_LAB_PROMOTION_TICK=1s >/etc/default/k3s; echo LLMOS_LAB_RETRY=1s >/etc/default/llmos');
    const join = async (machine: SshMachine, config: LlmosConfig) => {
      await machine.writeConfig(renderConfig(config));
      await machine.install(INSTALLER);
      await machine.waitForBootstrap(() => undefined, new Deadline(120));
    };
    // A first node whose LLMOS config has no token: LLMOS makes one.
    await join(m1, { role: 'cluster-init', nodeName: 'm1', address: lab.host('m1').address, kubernetesVersion: 'v1.34.1+k3s1' });
    const first = await m1.joinToken();
    await join(m2, { role: 'server', server: url('m1'), token: first, nodeName: 'm2', address: lab.host('m2').address });
    await join(w1, { role: 'agent', server: url('m1'), token: first, nodeName: 'w1', address: lab.host('w1').address });
    token = first;
  });
  afterAll(async () => {
    await Promise.all([m1?.close(), m2?.close(), w1?.close()]);
    await lab?.destroy();
  });

  /** Which run of its unit this is: another one after a restart. */
  const run = (name: string) => lab.host(name).mustSsh(`systemctl show ${name.startsWith('w') ? 'k3s-agent' : 'k3s'} -p InvocationID -p ActiveState`);
  /** Waits until the unit says something in the run that is on now. */
  const says = (name: string, unit: string, words: string) => lab.host(name).mustSsh(
    `timeout 60 sh -c 'until journalctl -q -o cat _SYSTEMD_INVOCATION_ID=$(systemctl show ${unit} -p InvocationID --value) | grep -q "${words}"; do sleep 0.2; done'`,
  );
  /** Where a token lies on a host, k3s's own files apart. */
  const holding = async (name: string, secret: string) => (await lab.host(name).ssh('grep -rlF -f - /etc/llmos /etc/rancher /var/lib/llmos /etc/systemd/system', { input: secret })).stdout.trim().split('\n').sort();

  test('is changed on one server, which takes the new one only, without a restart', async () => {
    const [old, before] = [token, await run('m1')];
    token = await m1.rotateToken();
    expect(token).toMatch(/^[0-9a-f]{32}$/);
    expect(token).not.toBe(old);
    expect(await w1.askServer(url('m1'), old)).toEqual({ kind: 'token-refused' });
    expect(await w1.askServer(url('m1'), token)).toEqual({ kind: 'ok' });
    // What k3s leaves to whoever rotates: the other servers go on with the old one until they are restarted.
    expect(await w1.askServer(url('m2'), old)).toEqual({ kind: 'ok' });
    expect(await run('m1')).toBe(before);
    expect(await m1.joinToken()).toBe(token);
    expect(await holding('m1', old)).toEqual(['']);
    expect(await holding('m1', token)).toEqual(['/etc/llmos/config.yaml', '/etc/rancher/k3s/config.yaml.d/40-llmos.yaml', '/var/lib/llmos/bootstrapped', '/var/lib/llmos/next-token', '/var/lib/llmos/token']);
    expect(await lab.host('m1').mustSsh('stat -c %a /etc/llmos/config.yaml /etc/rancher/k3s/config.yaml.d/* /var/lib/llmos/next-token /var/lib/llmos/token')).toBe('600\n600\n600\n600\n');
    expect(await m1.members()).toHaveLength(2);
  });

  test('is the same one when it is asked for again, because the answer got lost', async () => {
    expect(await m1.rotateToken()).toBe(token);
  });

  test('keeps out a server that is restarted with the old one, and its log says why', async () => {
    await lab.host('m2').ssh('systemctl restart --no-block k3s');
    await says('m2', 'k3s', 'bootstrap data already found and encrypted with different token');
    expect((await m2.facts()).bootstrap).toBe('done');
    expect(await m2.memberHealthy()).toBe(false);
  });

  test('taken into use brings that server back as the voter it was', async () => {
    await m2.useToken(token);
    expect(await run('m2')).toMatch(/ActiveState=active/);
    expect(await m2.memberHealthy()).toBe(true);
    expect((await m2.members()).map(({ node, learner }) => `${node} ${learner}`).sort()).toEqual(['m1 false', 'm2 false']);
    expect(await w1.askServer(url('m2'), token)).toEqual({ kind: 'ok' });
  });

  test('keeps out a worker that is restarted with the old one, for ever', async () => {
    await lab.host('w1').mustSsh('systemctl restart k3s-agent');
    await says('w1', 'k3s-agent', '401 Unauthorized');
  });

  test('taken into use restarts a worker, and restarts nothing that has it', async () => {
    const before = [await run('m1'), await run('m2'), await run('w1')];
    for (const machine of [m2, w1, m1]) await machine.useToken(token);
    const after = [await run('m1'), await run('m2'), await run('w1')];
    expect(after.slice(0, 2)).toEqual(before.slice(0, 2));
    expect(after[2]).not.toBe(before[2]);
    await says('w1', 'k3s-agent', 'certified as node w1');
    for (const machine of [m2, w1, m1]) await machine.useToken(token);
    expect([await run('m1'), await run('m2'), await run('w1')]).toEqual(after);
  });

  test('in use everywhere is the old one of the next change', async () => {
    const next = await m1.rotateToken();
    expect(next).not.toBe(token);
    expect(await w1.askServer(url('m1'), token)).toEqual({ kind: 'token-refused' });
  });

  test('that took effect right before its host lost power is found again, and the host comes back with it', async () => {
    const host = lab.host('m1');
    const config = '/etc/rancher/k3s/config.yaml.d/40-llmos.yaml';
    const next = await m1.rotateToken();
    await m2.useToken(next);
    await m1.useToken(next);
    const before = await host.files.read(config);
    token = await m1.rotateToken();
    await host.kill();
    // As if power had gone between the change and the writing of the configs.
    await host.files.write(config, before, 0o600);
    await host.boot();
    await says('m1', 'k3s', 'bootstrap data already found and encrypted with different token');
    expect(await m1.rotateToken()).toBe(token);
    await host.mustSsh('timeout 60 sh -c "until systemctl is-active -q k3s; do sleep 0.2; done"');
    await m2.useToken(token);
    expect(await m1.memberHealthy()).toBe(true);
    expect(await m2.memberHealthy()).toBe(true);
  });
});
