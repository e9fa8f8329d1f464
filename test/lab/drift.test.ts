import type { NodesReport } from '../../src/cli/nodes-report';
import { Deadline } from '../../src/membership/deadline';
import type { NodeView } from '../../src/membership/ports/cluster-api';
import type { FoundDrift } from '../../src/pulumi/state';
import { Administrator } from './administrator';
import { ClusterLab } from './cluster-lab';

jest.setTimeout(5 * 60_000);

const GPU = { key: 'gpu', value: 'h200', effect: 'NoSchedule' } as const;
const THEIRS = { key: 'theirs', value: 'x', effect: 'PreferNoSchedule' } as const;

/** What happens to a cluster behind everybody's back; the tests follow each other. */
describe('drift on real hosts', () => {
  let lab: ClusterLab;
  let admin: Administrator;
  let joined: NodeView;
  let started: string;

  beforeAll(async () => {
    lab = await ClusterLab.create('drift', ['m1', 'w1', 'w2'], { quick: true });
    declare();
    await lab.up();
    admin = await Administrator.connect((await lab.adminKubeconfig()).replace('127.0.0.1', lab.host('m1').address));
    [joined, started] = [await node('w1'), await startedAt('w1')];
  });

  afterAll(async () => {
    await lab?.destroy();
  });

  function declare(rack = 'r1'): void {
    lab.declare(['m1', 'w1', 'w2'], { machines: { w1: { labels: { rack, tier: 'gold' }, taints: [GPU] } } });
  }

  const node = (name: string) => lab.cluster(async api => (await api.node(name))!);
  /** When the kubelet's service was last started. */
  const startedAt = (name: string) => lab.host(name).mustSsh('systemctl show -p ActiveEnterTimestampMonotonic --value k3s-agent');

  /** Refreshes, and expects the same of `llmos-nodes nodes`. @returns what both say, by node */
  async function found(): Promise<Readonly<Record<string, FoundDrift>>> {
    const { code, text } = await lab.stack.refresh();
    expect({ code, text }).toMatchObject({ code: 0 });
    const resources = (await lab.stack.resources()).flatMap(({ type, outputs }) => (type.endsWith('llmos:Node') ? [{ [String(outputs!.name)]: outputs!.drift }] : [outputs?.drift ?? {}]));
    const inState = Object.fromEntries(resources.flatMap(each => Object.entries(each)).filter(([, drift]) => drift !== undefined));
    const { nodes } = JSON.parse((await lab.stack.llmosNodes('nodes', '--stack', 'test', '--json')).text) as NodesReport;
    expect(Object.fromEntries(nodes.filter(({ drift }) => drift.length > 0).map(({ name, drift }) => [name, Object.fromEntries(drift.map(({ kind, message }) => [kind, message]))]))).toEqual(inState);
    expect(await lab.stack.nodes()).toEqual(['m1', 'w1', 'w2']);
    return inState;
  }

  test('a cluster that was just brought up has none', async () => {
    expect(await found()).toEqual({});
  });

  test('labels and taints that somebody changed, and a Node that nobody declared', async () => {
    await admin.patchNode('w1', { metadata: { labels: { rack: 'r9', tier: null, theirs: 'yes' } } }, 'kubectl-label');
    await admin.patchNode('w1', { spec: { taints: [THEIRS] } }, 'kubectl-taint');
    await admin.createNode('w9');
    expect(await found()).toEqual({
      w1: { labels: 'label rack is r9 and declared r1, tier=gold is missing', taints: 'taint gpu=h200:NoSchedule is missing' },
      w9: { 'not declared': expect.stringContaining('nobody declared it') },
    });
  });

  test('what was declared is put right in place, what others added stays, and the kubelet is not started again', async () => {
    expect(await lab.up()).toMatch(/~ 1 updated\n/);
    const { uid, labels, taints } = await node('w1');
    expect(labels).toMatchObject({ rack: 'r1', tier: 'gold', theirs: 'yes' });
    expect(taints).toHaveLength(2);
    expect(taints).toEqual(expect.arrayContaining([GPU, THEIRS]));
    expect(uid).toBe(joined.uid);
    expect(await startedAt('w1')).toBe(started);
    await admin.core.deleteNode({ name: 'w9' });
    expect(await found()).toEqual({});
  });

  test('a machine that was replaced behind a name is not touched before somebody says that it is meant', async () => {
    const token = await lab.token();
    const before = await node('w2');
    await lab.host('w2').kill();
    await lab.host('w2').reset();
    await lab.host('w2').boot();
    await admin.core.deleteNode({ name: 'w2' });
    const config = { role: 'agent', nodeName: 'w2', token, server: `https://${lab.host('m1').address}:6443` };
    await lab.host('w2').mustSsh('mkdir -p /etc/llmos && cat >/etc/llmos/config.yaml && chmod 600 /etc/llmos/config.yaml', { input: JSON.stringify(config) });
    await lab.host('w2').mustSsh('cp /usr/local/lib/lab/llmos /usr/local/bin/ && INSTALL_LLMOS_SKIP_DOWNLOAD=true sh /usr/local/lib/lab/install.sh');
    await lab.cluster(api => api.waitForNode('w2', view => (view?.ready ? { done: true } : { done: false, reason: 'it is not there' }), new Deadline(120)));

    const { machineId } = await node('w2');
    expect(machineId).not.toBe(before.machineId);
    const other = { machine: `another machine has its name: machine-id ${machineId}, and ${before.machineId} joined` };
    expect(await found()).toEqual({ w2: other });
    expect(await lab.up()).not.toMatch(/updated|joining|removing/);
    expect(await found()).toEqual({ w2: other });

    // A new installation has a new host key, too.
    declare();
    lab.stack.set('llmos:confirmRemoval', [{ name: 'w2', removal: 'reinstall' }]);
    expect(await lab.up()).not.toMatch(/installing LLMOS|removing/);
    lab.stack.set('llmos:confirmRemoval', undefined);
    expect(await found()).toEqual({});
    expect((await node('w2')).labels).toMatchObject({ 'topology.kubernetes.io/zone': 'zone-2' });
  });

  test('a machine without power is not ready and keeps its place, and nothing is changed because of it', async () => {
    await lab.host('w1').kill();
    await lab.cluster(api => api.waitForNode('w1', view => (view?.ready ? { done: false, reason: 'it is Ready' } : { done: true }), new Deadline(120)));
    expect(await found()).toEqual({ w1: { 'not ready': 'it is not ready: Kubelet stopped posting node status.' } });
    expect(await lab.up()).not.toMatch(/updated|joining|removing/);
    await lab.host('w1').boot();
    await lab.cluster(api => api.waitForNode('w1', view => (view?.ready ? { done: true } : { done: false, reason: 'it is not Ready' }), new Deadline(120)));
    expect(await found()).toEqual({});
  });
});
