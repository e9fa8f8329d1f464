import { join } from 'node:path';

import { App } from 'cdk8s';

import { ClusterChart, type MachineProps } from '../../src';
import { connectKubernetes } from '../../src/adapters/kubernetes';
import type { ClusterApi } from '../../src/membership/ports/cluster-api';
import { Stack, type Definition } from '../e2e/stack';
import { applyObjects } from './apply-objects';
import { Lab, type Host } from './hosts';
import { WriteProbe } from './write-probe';

jest.setTimeout(15 * 60_000);

/** No write may wait longer: an election, and a client that has to find another server. */
const LONGEST_WAIT_SECONDS = 15;

/** Where the installer finds a release on each host: what a closed network's mirror would be. */
const RELEASE = '/opt/llmos-release';

describe('the main job on real hosts', () => {
  let lab: Lab;
  let stack: Stack;
  let probe: WriteProbe;
  let kubeconfig: string;
  const hosts = new Map<string, Host>();

  beforeAll(async () => {
    lab = await Lab.create({ name: 'main-job' });
    for (const name of ['m1', 'm2', 'm3', 'w1', 'w2']) hosts.set(name, await lab.addHost(name));
    await Promise.all([...hosts.values()].map(async host => {
      await host.boot();
      await host.mustSsh(`mkdir -p ${RELEASE} && cd ${RELEASE} && cp /usr/local/lib/lab/llmos llmos_linux_amd64 && sha256sum llmos_linux_amd64 > checksums.txt`);
    }));
    stack = await Stack.create();
    stack.set('llmos:rehearsal', undefined);
  });

  afterAll(async () => {
    stack?.dispose();
    await lab?.destroy();
  });

  const host = (name: string) => hosts.get(name)!;

  function machine(name: string): MachineProps {
    return { name, address: host(name).address, hostKey: host(name).hostKey, zone: `zone-${name.slice(1)}` };
  }

  /** Declares these nodes, m… for management and w… for workers. */
  function declare(names: readonly string[], more: Partial<Definition['management']> = {}): void {
    const of = (letter: string) => names.filter(name => name.startsWith(letter)).map(machine);
    stack.declare({
      chart: { registrationAddress: host('m1').address, llmosVersion: 'v0.3.1' },
      management: { machines: of('m'), ...more },
      workers: of('w'),
      args: {
        applyManifests: false,
        connection: { user: 'ops', privateKeyPath: lab.privateKeyPath },
        installer: { script: join(__dirname, 'standin', 'install.sh'), environment: { INSTALL_LLMOS_ARTIFACT_URL: `file://${RELEASE}` } },
      },
      options: { customTimeouts: { create: '4m', delete: '4m' } },
    });
  }

  async function up(): Promise<string> {
    const { code, text } = await stack.up();
    if (code !== 0) throw new Error(text);
    return text;
  }

  async function cluster<T>(ask: (api: ClusterApi) => Promise<T>): Promise<T> {
    const api = await connectKubernetes({ kubeconfig, server: `https://${host('m1').address}:6443` });
    try {
      return await ask(api);
    } finally {
      await api.close();
    }
  }

  const nodes = () => cluster(async api => (await api.nodes()).map(({ name, role, ready, etcdIsVoter }) => `${name} ${role}${ready ? ' Ready' : ''}${etcdIsVoter ? ' voter' : ''}`).sort());

  /** etcd's own list, asked with etcdctl on the first host. */
  async function members(): Promise<string[]> {
    const tls = '/var/lib/rancher/k3s/server/tls/etcd';
    const out = await host('m1').mustSsh(`/usr/local/lib/lab/etcdctl --endpoints=https://127.0.0.1:2379 --cacert=${tls}/server-ca.crt --cert=${tls}/client.crt --key=${tls}/client.key member list`);
    return out.trim().split('\n').map(line => `${line.split(', ')[2]!.replace(/-[0-9a-f]{8}$/, '')} ${line.split(', ')[5] === 'true' ? 'learner' : 'voter'}`).sort();
  }

  /** What of LLMOS, k3s and Kubernetes is on a host. */
  async function traces(name: string): Promise<string> {
    return host(name).mustSsh([
      'ls -d /etc/llmos /var/lib/llmos /etc/rancher /var/lib/rancher /usr/local/bin/llmos /usr/local/bin/k3s /etc/systemd/system/llmos* /etc/systemd/system/k3s* 2>/dev/null',
      'pgrep -l "llmos|k3s|etcd|kube|containerd-shim" || true',
    ].join('; ') + '; true');
  }

  test('the first management node starts the cluster', async () => {
    declare(['m1']);
    console.log(await up());
    kubeconfig = await host('m1').mustSsh('cat /etc/llmos/kubeconfig.yaml');
    expect(await nodes()).toEqual(['m1 management Ready voter']);
    expect(await members()).toEqual(['m1 voter']);
  });

  test('two more management nodes and two workers join while a client writes', async () => {
    const chart = new ClusterChart(new App(), 'prod', { kubernetesVersion: 'v1.34.4+k3s1', registrationAddress: host('m1').address });
    chart.addManagementPool('management', { machines: [machine('m1')] });
    await applyObjects(kubeconfig, `https://${host('m1').address}:6443`, chart.toJson());
    probe = new WriteProbe(kubeconfig, ['m1', 'm2', 'm3'].map(name => host(name).address));
    probe.start();

    declare(['m1', 'm2', 'm3', 'w1', 'w2']);
    console.log(await up());
    expect(await nodes()).toEqual(['m1 management Ready voter', 'm2 management Ready voter', 'm3 management Ready voter', 'w1 worker Ready', 'w2 worker Ready']);
    expect(await members()).toEqual(['m1 voter', 'm2 voter', 'm3 voter']);
  });

  test('no other user of a host can read the token, in a file, a unit or the process list', async () => {
    const token = (await host('m1').mustSsh('cat /var/lib/llmos/token')).trim();
    for (const name of ['m2', 'w1']) {
      // The token goes in on stdin, or this very command would be what is found.
      const { stdout: found } = await host(name).ssh('runuser -u nobody -- grep -rlF -f /dev/stdin /etc /var/lib/llmos /var/lib/rancher /proc/[0-9]*/cmdline 2>/dev/null', { input: token });
      expect(found.trim()).toBe('');
    }
  });

  test('the same definition again changes nothing', async () => {
    expect(await stack.preview('--expect-no-changes')).toMatchObject({ code: 0 });
  });

  test('the state of each node is under 2,000 bytes and holds no secret', async () => {
    const token = (await host('m1').mustSsh('cat /var/lib/llmos/token')).trim();
    for (const node of (await stack.resources()).filter(({ type }) => type.endsWith('llmos:Node'))) {
      const text = JSON.stringify(node);
      expect(Buffer.byteLength(text) < 2_000 ? 'small' : text).toBe('small');
      expect(text).not.toContain(token);
    }
  });

  test('a confirmed worker leaves, with its pods, and its machine is clean', async () => {
    stack.set('llmos:confirmRemoval', ['w2']);
    declare(['m1', 'm2', 'm3', 'w1']);
    console.log(await up());
    expect(await nodes()).toEqual(['m1 management Ready voter', 'm2 management Ready voter', 'm3 management Ready voter', 'w1 worker Ready']);
    expect(await traces('w2')).toBe('');
    expect(await cluster(api => api.fencedNames())).toEqual(['w2']);
  });

  test('a confirmed management node leaves, its member before its Node, and its machine is clean', async () => {
    stack.set('llmos:confirmRemoval', ['m3']);
    declare(['m1', 'm2', 'w1'], { allowEven: 'm3 is being repaired' });
    console.log(await up());
    expect(await nodes()).toEqual(['m1 management Ready voter', 'm2 management Ready voter', 'w1 worker Ready']);
    expect(await members()).toEqual(['m1 voter', 'm2 voter']);
    expect(await traces('m3')).toBe('');
  });

  test('what left is fenced: the API server refuses a Node of its name', async () => {
    expect(await cluster(api => api.fenceHolds('m3'))).toBe(true);
    expect(await cluster(api => api.fenceHolds('w2'))).toBe(true);
  });

  test('the first node no longer carries the order to start a cluster', async () => {
    const config = await host('m1').mustSsh('cat /etc/rancher/k3s/config.yaml.d/40-llmos.yaml');
    expect(config).not.toContain('cluster-init: true');
    expect(config).toContain(host('m2').address);
  });

  test('no write was lost and none waited too long', async () => {
    const { acknowledged, lost, longestWaitSeconds } = await probe.stop();
    console.log(`write probe: ${acknowledged} writes acknowledged, ${lost.length} lost, longest wait ${longestWaitSeconds.toFixed(1)} s`);
    expect(lost).toEqual([]);
    expect(acknowledged).toBeGreaterThan(0);
    expect(longestWaitSeconds).toBeLessThan(LONGEST_WAIT_SECONDS);
  });
});
