import { bootstrapStage, FACTS_SCRIPT, parseFacts } from '../../../src/llmos/host-scripts/facts';
import { Answers } from '../../../src/llmos/host-scripts/shell-words';
import { FakeHost } from './fake-host';

describe('facts of a host', () => {
  let host: FakeHost;

  beforeEach(() => {
    host = new FakeHost();
    host.standIn('id', 'echo 0');
    host.standIn('uname', 'echo aarch64');
    host.standIn('date', 'echo 1700000000');
    host.standIn('getconf', 'echo 12');
  });
  afterEach(() => host.remove());

  const answer = async () => parseFacts((await host.run(FACTS_SCRIPT)).stdout.replaceAll(host.root, ''));
  const facts = async () => (await answer()).facts;

  test('of an empty machine are complete', async () => {
    expect(await facts()).toEqual({
      hostname: 'm1',
      machineId: '0123456789abcdef0123456789abcdef',
      os: 'Debian GNU/Linux 12 (bookworm)',
      arch: 'arm64',
      cores: 12,
      memoryBytes: 16 * 2 ** 30,
      systemd: true,
      privileged: true,
      portsInUse: [],
      otherKubernetes: [],
      bootstrap: 'absent',
      nodeName: undefined,
      role: undefined,
    });
    expect((await answer()).clock).toBe(1_700_000_000);
  });

  test('name the ports LLMOS needs that somebody listens on, and no others', async () => {
    const listening = (port: number, state = '0A') => `  0: 00000000:${port.toString(16).toUpperCase().padStart(4, '0')} 00000000:0000 ${state} 0\n`;
    host.write('proc/net/tcp', `  sl  local_address rem_address   st\n${listening(6443)}${listening(22)}${listening(2379, '01')}`);
    host.write('proc/net/tcp6', `  0: 00000000000000000000000000000000:7530 0:0 0A 0\n${listening(6443)}`);
    expect((await facts()).portsInUse).toEqual([6443, 30000]);
  });

  test('count no port as taken once LLMOS is at work there', async () => {
    host.write('proc/net/tcp', '  0: 00000000:192B 00000000:0000 0A 0\n');
    host.write('var/lib/llmos/bootstrapped', 'role: server\n');
    expect((await facts()).portsInUse).toEqual([]);
  });

  test('tell a k3s that LLMOS did not install, and know its own', async () => {
    host.unit('k3s.service');
    host.write('var/lib/rancher/k3s/server/token', 'x');
    expect((await facts()).otherKubernetes).toEqual(['k3s.service', '/var/lib/rancher/k3s']);
    host.write('var/lib/llmos/working', 'role: server\n');
    expect((await facts()).otherKubernetes).toEqual([]);
  });

  test('take images and registries that were laid ready for no Kubernetes', async () => {
    host.write('var/lib/rancher/k3s/agent/images/k3s-airgap-images-amd64.tar.zst', 'x');
    host.write('etc/rancher/k3s/registries.yaml', 'mirrors: {}');
    expect((await facts()).otherKubernetes).toEqual([]);
    host.write('var/lib/llmos/images/installer.tar', 'x');
    host.write('var/lib/rancher/k3s/server/token', 'x');
    expect((await facts()).otherKubernetes).toEqual(['/var/lib/rancher/k3s']);
  });

  test('tell a kubelet, kubeadm and MicroK8s wherever they are', async () => {
    host.write('var/lib/llmos/working', 'role: server\n');
    host.unit('kubelet.service');
    host.write('etc/kubernetes/kubelet.conf', '');
    host.write('var/snap/microk8s/current', '');
    expect((await facts()).otherKubernetes).toEqual(['kubelet.service', '/etc/kubernetes/kubelet.conf', '/var/snap/microk8s']);
  });

  test('take name and role from the config, quoted or not', async () => {
    host.write('etc/llmos/config.yaml', 'role: agent\nnodeName: "w1"\ntoken: secret\n');
    expect(await facts()).toMatchObject({ nodeName: 'w1', role: 'worker', bootstrap: 'configured' });
  });

  test('believe what LLMOS finished with before what its config says now', async () => {
    host.write('etc/llmos/config.yaml', 'role: agent\nnodeName: other\n');
    host.write('var/lib/llmos/bootstrapped', 'role: cluster-init\nnodeName: m1\n');
    expect(await facts()).toMatchObject({ nodeName: 'm1', role: 'management', bootstrap: 'done' });
  });

  test('take a config with a server and no role for a worker, as LLMOS does', async () => {
    host.write('etc/llmos/config.yaml', 'server: https://10.0.0.1:6443\ntoken: secret\n');
    expect(await facts()).toMatchObject({ role: 'worker' });
  });

  test('carry no token', async () => {
    host.write('etc/llmos/config.yaml', 'role: server\nserver: https://10.0.0.1:6443\ntoken: s3cret\n');
    expect((await host.run(FACTS_SCRIPT)).stdout).not.toContain('s3cret');
  });

  test('use sudo where it asks for no password, and say where there is none', async () => {
    host.standIn('id', 'echo 1000');
    host.standIn('sudo', 'shift; exec "$@"');
    expect((await facts()).privileged).toBe(true);
    host.standIn('sudo', 'exit 1');
    expect(await facts()).toMatchObject({ privileged: false, hostname: 'm1' });
  });
});

describe('how far LLMOS has come', () => {
  test.each([
    ['nothing is there', 'LoadState=not-found', 'absent'],
    ['only the config is there', 'configured=true', 'configured'],
    ['the unit is inactive and its start is queued', 'LoadState=loaded\nActiveState=inactive\nJob=1234', 'running'],
    ['the unit is activating', 'LoadState=loaded\nActiveState=activating\nSubState=start', 'running'],
    ['the unit is being stopped for a restart', 'LoadState=loaded\nActiveState=deactivating', 'running'],
    ['the unit failed', 'LoadState=loaded\nActiveState=failed\nResult=exit-code', 'failed'],
    ['the unit failed and its restart is queued', 'LoadState=loaded\nActiveState=failed\nResult=exit-code\nJob=77', 'running'],
    ['the unit was stopped half-way', 'LoadState=loaded\nActiveState=inactive\nResult=success', 'configured'],
    ['the done stamp is there', 'LoadState=loaded\nActiveState=inactive\nbootstrapped=true', 'done'],
  ])('when %s', (_situation, answers, stage) => {
    expect(bootstrapStage(new Answers(answers))).toBe(stage);
  });
});
