import { parse } from 'yaml';
import { renderConfig } from '../../../src/llmos/config';
import { AT_ONCE, addressOf, begin, cluster, initialise, join, joining, machine, memberNames, now, rehearsal, removeFolders, serverOf, settled, soon } from './cluster-fixture';

afterAll(removeFolders);
const silently = () => undefined;

test('a machine nobody used before is a fresh Debian host as LLMOS recommends it', async () => {
  const rehearsed = await rehearsal();
  expect(await machine(rehearsed, 'm1').facts()).toEqual({
    hostname: 'm1', machineId: expect.stringMatching(/^[0-9a-f]{32}$/), bootId: 'boot-0', os: 'Debian GNU/Linux 12 (bookworm)', arch: 'amd64', cores: 8, memoryBytes: 16 * 2 ** 30,
    systemd: true, privileged: true, clockSkewSeconds: 0, portsInUse: [], otherKubernetes: [], bootstrap: 'absent', nodeName: undefined, role: undefined,
  });
});

test('every machine has a machine-id of its own, told by the address and not by the name', async () => {
  const rehearsed = await rehearsal();
  const ids = await Promise.all([{ name: 'm1', address: '10.0.0.1' }, { name: 'm1', address: '10.0.0.2' }, { name: 'm9', address: '10.0.0.1' }]
    .map(async target => (await rehearsed.machine(target).facts()).machineId));
  expect(ids[1]).not.toBe(ids[0]);
  expect(ids[2]).toBe(ids[0]);
});

test('the first node starts a cluster and is its only voter', async () => {
  const rehearsed = await rehearsal();
  const m1 = await initialise(rehearsed, 'm1', { kubernetesVersion: 'v1.33.1+k3s1', labels: { disk: 'fast' }, taints: [{ key: 'gpu', value: 'h200', effect: 'NoSchedule' }] });
  expect(await m1.facts()).toMatchObject({ bootstrap: 'done', nodeName: 'm1', role: 'management' });
  expect(await m1.members()).toEqual([{ id: expect.stringMatching(/^[0-9a-f]{16}$/), name: expect.stringMatching(/^m1-[0-9a-f]{8}$/), node: 'm1', peerUrls: ['https://10.0.1.1:2380'], learner: false }]);
  expect(await rehearsed.api(m1).nodes()).toMatchObject([{
    name: 'm1', role: 'management', ready: true, etcdIsVoter: true, kubeletVersion: 'v1.33.1+k3s1', internalAddress: addressOf('m1'),
    labels: { 'llmos.ai/managed': 'true', 'node-role.kubernetes.io/etcd': 'true', disk: 'fast' }, taints: [{ key: 'gpu', value: 'h200', effect: 'NoSchedule' }],
    machineId: (await m1.facts()).machineId,
  }]);
});

test('management nodes and workers join one after the other', async () => {
  const rehearsed = await cluster(['m1', 'm2', 'm3', 'w1', 'w2']);
  expect(await memberNames(rehearsed)).toEqual(['m1', 'm2', 'm3']);
  expect((await rehearsed.api().nodes()).map(({ name, role, ready }) => ({ name, role, ready }))).toEqual([
    ...['m1', 'm2', 'm3'].map(name => ({ name, role: 'management', ready: true })), ...['w1', 'w2'].map(name => ({ name, role: 'worker', ready: true })),
  ]);
});

test('the installer returns before the join is done, and the journal tells how it goes on', async () => {
  const rehearsed = await rehearsal({ ...AT_ONCE, installSeconds: 0.05 });
  const m1 = await begin(rehearsed, 'm1', { role: 'cluster-init' });
  expect((await m1.facts()).bootstrap).toBe('running');
  const lines: string[] = [];
  await m1.waitForBootstrap(line => lines.push(line), soon());
  expect(lines).toEqual(['llmos bootstrap starts', 'the Kubernetes runtime starts', 'node m1 is registered', 'llmos bootstrap is done']);
});

test('the installer run again on a node that is set up changes nothing', async () => {
  const rehearsed = await cluster(['m1']);
  const m1 = machine(rehearsed, 'm1');
  const before = await m1.members();
  await m1.install({});
  await m1.waitForBootstrap(silently, now());
  expect(await m1.members()).toEqual(before);
});

test.each([
  ['a server that is not https', { server: `http://${addressOf('m1')}:6443`, token: 't' }, `invalid config: server http://${addressOf('m1')}:6443 is not https with port 6443 or 9345`],
  ['a server on another port', { server: `https://${addressOf('m1')}:443`, token: 't' }, `invalid config: server https://${addressOf('m1')}:443 is not https with port 6443 or 9345`],
  ['no token', { server: serverOf('m1') }, 'invalid config: server needs token'],
  ['no server', {}, 'invalid config: role server needs server'],
])('a config with %s ends the bootstrap as failed for good', async (_what, settings, rule) => {
  const rehearsed = await cluster(['m1']);
  const m2 = await begin(rehearsed, 'm2', { role: 'server', ...settings });
  await expect(m2.waitForBootstrap(silently, soon())).rejects.toThrow(rule);
  expect((await m2.facts()).bootstrap).toBe('failed');
});

test('a config that starts a cluster and names a server is invalid', async () => {
  const rehearsed = await cluster(['m1']);
  const m2 = await begin(rehearsed, 'm2', { role: 'cluster-init', server: serverOf('m1') });
  await expect(m2.waitForBootstrap(silently, soon())).rejects.toThrow('cluster-init excludes server');
});

test('a config with an unknown role, or that is not YAML, is invalid', async () => {
  const rehearsed = await rehearsal();
  const m1 = machine(rehearsed, 'm1');
  for (const yaml of ['role: boss', '{ role: [']) {
    await m1.writeConfig(yaml);
    await m1.install({});
    await expect(m1.waitForBootstrap(silently, soon())).rejects.toThrow('is none of cluster-init, server, agent');
  }
});

test('a wrong token is told apart when the server is asked, and LLMOS itself tries with it for ever', async () => {
  const rehearsed = await cluster(['m1']);
  const w1 = await begin(rehearsed, 'w1', { ...(await joining(rehearsed, 'w1')), token: 'wrong' });
  expect(await w1.askServer(serverOf('m1'), 'wrong')).toEqual({ kind: 'token-refused' });
  expect(await w1.askServer(serverOf('m1'), await machine(rehearsed, 'm1').joinToken())).toEqual({ kind: 'ok' });
  const lines: string[] = [];
  await expect(w1.waitForBootstrap(line => lines.push(line), soon())).rejects.toThrow('refuses the join token in its LLMOS config; LLMOS itself would try for ever');
  expect(lines).toContain('failed to get cluster info: <nil>');
  expect((await w1.facts()).bootstrap).toBe('running');
});

test('an operator that is not up yet is waited for, and says no more than a wrong token does', async () => {
  const rehearsed = await cluster(['m1']);
  await rehearsed.setCluster({ operatorUnready: true });
  const w1 = await begin(rehearsed, 'w1', await joining(rehearsed, 'w1'));
  expect(await w1.askServer(serverOf('m1'), 'any')).toEqual({ kind: 'operator-unready', reason: 'no endpoint of the operator is ready' });
  let tries = 0;
  await w1.waitForBootstrap(line => {
    tries += line === 'failed to get cluster info: <nil>' ? 1 : 0;
    if (tries === 3) void rehearsed.setCluster({ operatorUnready: undefined });
  }, soon());
  expect((await rehearsed.api().node('w1'))?.ready).toBe(true);
});

test('a server that does not answer ends the bootstrap as failed, and it stays failed when the server is back', async () => {
  const rehearsed = await cluster(['m1']);
  const config = await joining(rehearsed, 'w1');
  await rehearsed.kill('m1');
  const w1 = await begin(rehearsed, 'w1', config);
  expect(await w1.askServer(serverOf('m1'), 'any')).toEqual({ kind: 'unreachable', reason: `${serverOf('m1')}/ping does not answer` });
  await expect(w1.waitForBootstrap(silently, now())).rejects.toThrow('/ping does not answer pong');
  await rehearsed.revive('m1');
  await rehearsed.api().waitForNode('m1', settled, soon());
  expect((await w1.facts()).bootstrap).toBe('failed');
});

test('whoever still waits for that bootstrap starts it once more when the server is back', async () => {
  const rehearsed = await cluster(['m1']);
  const config = await joining(rehearsed, 'w1');
  await rehearsed.kill('m1');
  const w1 = await begin(rehearsed, 'w1', config);
  const joined = w1.waitForBootstrap(line => { if (line.includes('/ping')) void rehearsed.revive('m1'); }, soon());
  await joined;
  expect((await w1.facts()).bootstrap).toBe('done');
});

test('a name in the first node\'s certificate leads to any management node that lives', async () => {
  const rehearsed = await rehearsal();
  const m1 = await initialise(rehearsed, 'm1', { tlsSans: ['prod.example.com'] });
  await join(rehearsed, ['m2', 'm3']);
  const token = await m1.joinToken();
  await rehearsed.kill('m1');
  expect(await machine(rehearsed, 'w1').askServer('https://prod.example.com:6443', token)).toEqual({ kind: 'ok' });
  expect(await machine(rehearsed, 'w1').askServer('https://other.example.com:6443', token)).toMatchObject({ kind: 'unreachable' });
});

test('a token the first node is given becomes the cluster\'s', async () => {
  const rehearsed = await rehearsal();
  const m1 = await initialise(rehearsed, 'm1', { token: 'chosen-by-a-person' });
  expect(await m1.joinToken()).toBe('chosen-by-a-person');
});

test('the installer fails with the words of its fault, and works once that is taken back', async () => {
  const rehearsed = await rehearsal();
  await rehearsed.setFaults('m1', { installFails: 'curl: (6) Could not resolve host' });
  await expect(begin(rehearsed, 'm1', { role: 'cluster-init' })).rejects.toThrow('host root@10.0.1.1:22: the LLMOS installer failed: curl: (6) Could not resolve host; mend that');
  await rehearsed.setFaults('m1', { installFails: undefined });
  await initialise(rehearsed);
});

test('an install script with another checksum is refused where one is given', async () => {
  const rehearsed = await rehearsal();
  await rehearsed.setFaults('m1', { checksumMismatch: true });
  const m1 = machine(rehearsed, 'm1');
  await m1.writeConfig(renderConfig({ nodeName: 'm1', role: 'cluster-init' }));
  await expect(m1.install({ sha256: 'abc' })).rejects.toThrow('is not the expected one (sha256 abc), so it was not run');
  expect(await m1.leftovers()).toEqual(['/etc/llmos/config.yaml']);
  await m1.install({});
});

test('a slow install is waited for until the deadline, which gives the last reason', async () => {
  const rehearsed = await rehearsal();
  await rehearsed.setFaults('m1', { installSeconds: 3600 });
  const m1 = await begin(rehearsed, 'm1', { role: 'cluster-init' });
  await expect(m1.waitForBootstrap(silently, now())).rejects.toThrow('host root@10.0.1.1:22: not done after 0 s (last seen: llmos bootstrap has just started)');
});

test('a node that never gets ready says why', async () => {
  const rehearsed = await cluster(['m1']);
  await rehearsed.setFaults('w1', { notReady: 'cni plugin not initialized' });
  const w1 = await begin(rehearsed, 'w1', await joining(rehearsed, 'w1'));
  await w1.waitForBootstrap(silently, soon());
  await expect(rehearsed.api().waitForNode('w1', settled, now())).rejects.toThrow('last seen: cni plugin not initialized');
});

test('a machine says of itself what its faults tell it to', async () => {
  const rehearsed = await rehearsal();
  await rehearsed.setFaults('m1', { facts: { arch: 'riscv64', otherKubernetes: ['kubelet.service'], portsInUse: [6443], machineId: 'clone' } });
  expect(await machine(rehearsed, 'm1').facts()).toMatchObject({ arch: 'riscv64', otherKubernetes: ['kubelet.service'], portsInUse: [6443], machineId: 'clone' });
});

test('a dead machine answers nothing over SSH, and the message says how to bring it back', async () => {
  const rehearsed = await cluster(['m1', 'w1']);
  await rehearsed.kill('w1');
  const w1 = machine(rehearsed, 'w1');
  await expect(w1.facts()).rejects.toThrow('host root@10.0.2.1:22: it does not answer over SSH; bring it back (in this rehearsal: take `dead` out of faults.yaml)');
  await expect(w1.uninstall()).rejects.toThrow('does not answer');
  expect(await w1.memberHealthy()).toBe(false);
});

test('a join goes on when the machine was without power in the middle of it', async () => {
  const rehearsed = await cluster(['m1']);
  await rehearsed.setFaults('w1', { installSeconds: 3600 });
  const w1 = await begin(rehearsed, 'w1', await joining(rehearsed, 'w1'));
  await rehearsed.kill('w1');
  const joined = w1.waitForBootstrap(silently, soon());
  await rehearsed.setFaults('w1', { installSeconds: undefined, dead: undefined });
  await joined;
  expect((await rehearsed.api().node('w1'))?.ready).toBe(true);
});

test('the kubeconfig is one, points at the host itself and holds no credential that looks real', async () => {
  const rehearsed = await cluster(['m1']);
  const kubeconfig = parse(await machine(rehearsed, 'm1').kubeconfig());
  expect(kubeconfig).toMatchObject({ kind: 'Config', clusters: [{ name: 'default', cluster: { server: 'https://127.0.0.1:6443' } }], 'current-context': 'default' });
  expect(kubeconfig.users[0].user.token).toContain('simulated');
});

test('what only a management node has is asked of a worker in vain', async () => {
  const rehearsed = await cluster(['m1', 'w1']);
  const w1 = machine(rehearsed, 'w1');
  for (const ask of [() => w1.joinToken(), () => w1.kubeconfig(), () => w1.members(), () => w1.snapshot('s')]) {
    await expect(ask()).rejects.toThrow('it is not a management node of a cluster');
  }
});

test('a snapshot lies where the cluster\'s distribution keeps them', async () => {
  const k3s = await cluster(['m1']);
  expect(await machine(k3s, 'm1').snapshot('before')).toMatch(/^\/var\/lib\/rancher\/k3s\/server\/db\/snapshots\/before-m1-\d+$/);
  const rke2 = await rehearsal();
  const m1 = await initialise(rke2, 'm1', { kubernetesVersion: 'v1.33.1+rke2r1' });
  expect(await m1.snapshot('before')).toMatch(/^\/var\/lib\/rancher\/rke2\//);
});
