import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { NodesReport } from '../../src/cli/nodes-report';
import { Deadline } from '../../src/membership/deadline';
import { waitUntil } from '../../src/membership/wait';
import { Stack } from '../e2e/stack';
import { Administrator } from './administrator';
import { ClusterLab, realStack } from './cluster-lab';

jest.setTimeout(8 * 60_000);

const NAMES = ['m1', 'm2', 'm3', 'w1'];
const root = join(__dirname, '..', '..');

/** All that a change could show in: names, owners, modes, times and contents of files, when units and processes were started. */
const TRACES = `
find /etc /usr/local/bin /var/lib/llmos /var/lib/llmos-nodes /var/lib/rancher/k3s/server/db/snapshots -printf '%p %y %m %U %G %s %T@ %C@ %l\\n' 2>/dev/null | sort
find /etc/llmos /etc/rancher /etc/systemd /var/lib/llmos -type f -exec sha256sum {} + | sort
find /var/lib -maxdepth 1 | sort
for unit in llmos k3s k3s-agent; do systemctl show "$unit" -p LoadState -p ActiveState -p UnitFileState -p ActiveEnterTimestampMonotonic -p InvocationID -p MainPID -p NRestarts -p DropInPaths; done
ps -o pid=,lstart=,comm= -C systemd,k3s,etcd,kube-apiserver,kube-controller-manager,kube-scheduler,kubelet,containerd | grep -v '^ *[0-9]* .* systemd-' | sort -n`;

/** A cluster that was made with LLMOS's installer, as its guide says; the tests follow each other. */
describe('a cluster that was made by hand', () => {
  let lab: ClusterLab;
  let folder: string;
  let stack: Stack;
  let before: Readonly<Record<string, string>>;
  let members: string[];

  beforeAll(async () => {
    lab = await ClusterLab.create('adopt', NAMES, { quick: true });
    await setUp('m1', { role: 'cluster-init', kubernetesVersion: 'v1.34.4+k3s1' });
    await isThere('m1', '/etc/llmos/kubeconfig.yaml');
    await isIn('m1');
    const joins = { server: `https://${lab.host('m1').address}:6443`, token: await lab.token() };
    for (const name of ['m2', 'm3']) {
      await setUp(name, { role: 'server', ...joins });
      await isIn(name);
    }
    await setUp('w1', { role: 'agent', ...joins, labels: ['disk=nvme'] });
    await isIn('w1');
    const admin = await Administrator.connect((await lab.adminKubeconfig()).replace('127.0.0.1', lab.host('m1').address));
    for (const [index, name] of ['m1', 'm2', 'm3'].entries()) await admin.patchNode(name, { metadata: { labels: { 'topology.kubernetes.io/zone': `room-${index + 1}` } } }, 'kubectl-label');
    await admin.patchNode('w1', { metadata: { labels: { 'example.com/team': 'vision' } }, spec: { taints: [{ key: 'gpu', value: 'h200', effect: 'NoSchedule' }] } }, 'kubectl');

    // Below the repository, where the program finds the library.
    mkdirSync(join(root, '.llmos-nodes'), { recursive: true });
    folder = mkdtempSync(join(root, '.llmos-nodes', 'adopt-'));
    mkdirSync(join(folder, 'home', '.ssh'), { recursive: true });
    writeFileSync(join(folder, 'home', '.ssh', 'known_hosts'), NAMES.map(name => readFileSync(lab.host(name).knownHostsPath, 'utf8')).join(''));
    [before, members] = [await traces(), await lab.memberList()];
  });

  afterAll(async () => {
    stack?.dispose();
    await lab?.destroy();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  async function setUp(name: string, config: object): Promise<void> {
    await lab.host(name).mustSsh('mkdir -p /etc/llmos && cat >/etc/llmos/config.yaml && chmod 600 /etc/llmos/config.yaml', { input: JSON.stringify(config) });
    await lab.host(name).mustSsh('cp /usr/local/lib/lab/llmos /usr/local/bin/ && INSTALL_LLMOS_SKIP_DOWNLOAD=true sh /usr/local/lib/lab/install.sh');
  }

  /** LLMOS is done on it, and the cluster has it in its role: a management node registers before it is labelled as one. */
  async function isIn(name: string): Promise<void> {
    await isThere(name, '/var/lib/llmos/bootstrapped');
    await lab.cluster(api => api.waitForNode(name, view => {
      const done = view?.ready === true && (name.startsWith('w') || (view.role === 'management' && view.etcdIsVoter));
      return done ? { done } : { done: false, reason: 'it joins' };
    }, new Deadline(120)));
  }

  const isThere = (name: string, path: string) => waitUntil(name, async () => {
    const { code } = await lab.host(name).ssh(`test -s ${path}`);
    return code === 0 ? { done: true } : { done: false, reason: `it has no ${path}` };
  }, new Deadline(120), () => undefined);

  async function traces(): Promise<Readonly<Record<string, string>>> {
    return Object.fromEntries(await Promise.all(NAMES.map(async name => [name, await lab.host(name).mustSsh(TRACES)])));
  }

  const home = (of: Stack): Stack => {
    of.environment.HOME = join(folder, 'home');
    return of;
  };

  test('is read through one of its management nodes and written down as a project', async () => {
    const outcome = await home(lab.stack).llmosNodes('import', join(folder, 'prod'), '--ssh', `ops@${lab.host('m1').address}`, '--identity', lab.privateKeyPath);
    expect(outcome).toMatchObject({ code: 0 });
    expect(outcome.text).toContain('Pools in cluster.ts: management (m1, m2, m3); disk-nvme (w1)');
    expect(outcome.text).not.toContain('To know before');
    const definition = readFileSync(join(folder, 'prod', 'cluster.ts'), 'utf8');
    expect(definition).toContain(`{ name: 'm2', address: '${lab.host('m2').address}', zone: 'room-2' },`);
    expect(definition).toContain("labels: { disk: 'nvme', 'example.com/team': 'vision' },\n    taints: [{ key: 'gpu', value: 'h200', effect: 'NoSchedule' }],");
    expect(await traces()).toEqual(before);
  });

  test('is adopted by the first up, which touches nothing on any host', async () => {
    // The provider of @pulumi/kubernetes is not at hand here; what it applies is on no host.
    const program = join(folder, 'prod', 'index.ts');
    writeFileSync(program, readFileSync(program, 'utf8').replace('connection:', 'applyManifests: false,\n  connection:'));
    stack = home(await realStack(join(folder, 'prod')));
    const preview = await stack.preview();
    expect(preview).toMatchObject({ code: 0 });
    expect(await lab.up(stack)).not.toMatch(/installing LLMOS|writing the configuration|pointing management nodes/);
    expect(await stack.nodes()).toEqual(NAMES);
    expect(await traces()).toEqual(before);
    expect(await lab.memberList()).toEqual(members);
  });

  test('has nothing left to do afterwards, and no drift', async () => {
    expect(await stack.preview('--expect-no-changes')).toMatchObject({ code: 0 });
    expect(await stack.refresh()).toMatchObject({ code: 0 });
    expect(await stack.preview('--expect-no-changes')).toMatchObject({ code: 0 });
    const { nodes, quorum } = JSON.parse((await stack.llmosNodes('nodes', '--stack', 'test', '--json')).text) as NodesReport;
    expect(nodes.map(({ name, declared, drift }) => ({ name, declared, drift }))).toEqual(NAMES.map(name => ({ name, declared: 'yes', drift: [] })));
    expect(quorum).toMatchObject({ healthFrom: 'members' });
    expect(await traces()).toEqual(before);
  });

  test('which would have been noticed: a file that is written, a unit that is started again', async () => {
    await lab.host('m1').mustSsh('touch /etc/rancher/k3s/config.yaml.d/40-llmos.yaml');
    await lab.host('w1').mustSsh('systemctl restart k3s-agent');
    const after = await traces();
    expect(NAMES.filter(name => after[name] !== before[name])).toEqual(['m1', 'w1']);
  });
});
