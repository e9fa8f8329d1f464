import { connectKubernetes } from '../../src/adapters/kubernetes';
import type { KubernetesObject } from '../../src/adapters/kubernetes/kubernetes-types';
import { Deadline } from '../../src/membership/deadline';
import type { ClusterApi, NodeView } from '../../src/membership/ports/cluster-api';
import { Administrator } from './administrator';
import { ApiServer } from './api-server';

jest.setTimeout(120_000);

let server: ApiServer;
let cluster: ClusterApi;
let admin: Administrator;

beforeAll(async () => {
  server = await ApiServer.start();
  cluster = await connectKubernetes({ kubeconfig: server.kubeconfig });
  admin = await Administrator.connect(server.kubeconfig);
});

afterAll(async () => {
  await cluster?.close();
  await server?.stop();
});

const podNamed = async (node: string, name: string) => (await cluster.pods(node)).find((pod) => pod.name === name)!;

/** Starts a wait and resolves as soon as it has judged a first state. */
async function beginWait(node: string, wanted: (view: NodeView | undefined) => boolean, seconds = 60) {
  let sawFirst!: () => void;
  const first = new Promise<void>((resolve) => { sawFirst = resolve; });
  const done = cluster.waitForNode(node, (view) => {
    sawFirst();
    return wanted(view) ? { done: true } : { done: false, reason: 'the label is missing' };
  }, new Deadline(seconds));
  await Promise.race([first, done]);
  return done;
}

test("a cluster's identity is the UID of its kube-system namespace", async () => {
  const { metadata } = await admin.core.readNamespace({ name: 'kube-system' });
  expect(await cluster.identity()).toBe(metadata!.uid);
});

describe('a node', () => {
  test('that does not exist is told from one that does', async () => {
    await admin.createNode('plain');
    expect(await cluster.node('absent')).toBeUndefined();
    expect(await cluster.node('plain')).toMatchObject({ name: 'plain', role: 'worker', ready: false });
    expect((await cluster.nodes()).map(({ name }) => name)).toContain('plain');
  });

  test('gets our labels and loses those we no longer declare, while those of others stay', async () => {
    // A kubelet registers with the labels of LLMOS's config, under its own name.
    await admin.createNode('labelled', { metadata: { labels: { tier: 'gpu', 'kubernetes.io/os': 'linux' } } }, 'kubelet');
    await admin.patchNode('labelled', { metadata: { labels: { team: 'search' } } }, 'kubectl-label');

    await cluster.applyNode('labelled', { labels: { tier: 'gpu', rack: 'r1', team: 'search' }, taints: [] });
    expect((await cluster.node('labelled'))!.labels).toEqual({ tier: 'gpu', rack: 'r1', team: 'search', 'kubernetes.io/os': 'linux' });

    await cluster.applyNode('labelled', { labels: { zone: 'a' }, taints: [] });
    expect((await cluster.node('labelled'))!.labels).toEqual({ zone: 'a', team: 'search', 'kubernetes.io/os': 'linux' });
  });

  test("takes a label's value from us where somebody else had set another", async () => {
    await admin.createNode('forced', { metadata: { labels: { tier: 'cpu' } } }, 'kubectl-label');
    await cluster.applyNode('forced', { labels: { tier: 'gpu' }, taints: [] });
    expect((await cluster.node('forced'))!.labels.tier).toBe('gpu');
  });

  test('gets our taints and loses those we no longer declare, while those of others stay', async () => {
    await admin.createNode('tainted', { spec: { taints: [{ key: 'node.kubernetes.io/disk', effect: 'NoSchedule' }, { key: 'gpu', value: 'old', effect: 'NoSchedule' }] } });
    await cluster.applyNode('tainted', { labels: {}, taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }, { key: 'batch', effect: 'NoExecute' }] });
    expect((await cluster.node('tainted'))!.taints).toEqual(expect.arrayContaining([
      { key: 'node.kubernetes.io/disk', effect: 'NoSchedule' }, { key: 'gpu', value: 'yes', effect: 'NoSchedule' }, { key: 'batch', effect: 'NoExecute' },
    ]));

    await cluster.applyNode('tainted', { labels: {}, taints: [] });
    const { metadata, spec } = await admin.core.readNode({ name: 'tainted' });
    // The API server taints a new node until its kubelet reports.
    expect(spec!.taints!.map(({ key }) => key)).toEqual(['node.kubernetes.io/disk', 'node.kubernetes.io/not-ready']);
    expect(metadata!.annotations ?? {}).toEqual({});
  });

  test('is not written at all where it is as it should be', async () => {
    await admin.createNode('settled');
    const desired = { labels: { tier: 'gpu' }, taints: [{ key: 'gpu', effect: 'NoSchedule' as const }] };
    await cluster.applyNode('settled', desired);
    const before = await admin.core.readNode({ name: 'settled' });
    await cluster.applyNode('settled', desired);
    expect((await admin.core.readNode({ name: 'settled' })).metadata!.resourceVersion).toBe(before.metadata!.resourceVersion);
  });

  test('that is gone is not made again by applying labels', async () => {
    await expect(cluster.applyNode('never-there', { labels: { tier: 'gpu' }, taints: [] })).rejects.toThrow("node 'never-there': it is not in the cluster");
    expect(await cluster.node('never-there')).toBeUndefined();
    // Where it goes between our read and our apply, it is the UID in the apply that keeps it away.
    const body = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'never-there', uid: 'of-one-that-was', labels: {} } };
    await expect(admin.core.patchNode({ name: 'never-there', body, fieldManager: 'test' }, admin.apply)).rejects.toThrow('uid mismatch');
    expect(await cluster.node('never-there')).toBeUndefined();
  });

  test('is cordoned and uncordoned, and asked for the removal of its etcd member', async () => {
    await admin.createNode('server', { metadata: { labels: { 'node-role.kubernetes.io/etcd': 'true' } } });
    await cluster.cordon('server', 'removal');
    expect(await cluster.node('server')).toMatchObject({ role: 'management', unschedulable: true, cordonedFor: 'removal' });
    await cluster.uncordon('server');
    expect(await cluster.node('server')).toMatchObject({ unschedulable: false, cordonedFor: undefined });
    await cluster.requestMemberRemoval('server');
    expect((await admin.core.readNode({ name: 'server' })).metadata!.annotations).toEqual({ 'etcd.k3s.cattle.io/remove': 'true' });
    await cluster.withdrawMemberRemoval('server');
    await cluster.withdrawMemberRemoval('server');
    expect((await admin.core.readNode({ name: 'server' })).metadata!.annotations ?? {}).toEqual({});
  });

  test('that is deleted is waited for until its finalizers and its password are gone', async () => {
    await admin.createNode('leaving', { metadata: { finalizers: ['test.example/etcd'] } });
    const password = { name: 'leaving.node-password.k3s', namespace: 'kube-system' };
    await admin.core.createNamespacedSecret({ namespace: 'kube-system', body: { metadata: password } });
    await expect(cluster.deleteNode('leaving', new Deadline(1))).rejects.toThrow('these finalizers still hold it: test.example/etcd');

    await admin.patchNode('leaving', { metadata: { finalizers: null } });
    await expect(cluster.deleteNode('leaving', new Deadline(1))).rejects.toThrow("it goes with node 'leaving' and is still there");

    const deleted = cluster.deleteNode('leaving', new Deadline(60));
    await admin.core.deleteNamespacedSecret(password);
    await deleted;
    expect(await cluster.node('leaving')).toBeUndefined();
    await cluster.deleteNode('leaving', new Deadline(5));
  });
});

describe('a wait', () => {
  test('sees a change that is made later', async () => {
    await admin.createNode('watched');
    const done = beginWait('watched', (view) => view?.labels.joined === 'yes');
    await admin.patchNode('watched', { metadata: { labels: { joined: 'yes' } } });
    await done;
  });

  test('sees a node that appears, and one that goes', async () => {
    const appears = beginWait('comet', (view) => view !== undefined);
    await admin.createNode('comet');
    await appears;
    const goes = beginWait('comet', (view) => view === undefined);
    await admin.core.deleteNode({ name: 'comet' });
    await goes;
  });

  test('goes on over a restart of the API server', async () => {
    await admin.createNode('patient');
    const done = beginWait('patient', (view) => view?.labels.joined === 'yes');
    await server.restart();
    await admin.patchNode('patient', { metadata: { labels: { joined: 'yes' } } });
    await done;
  });

  test('ends at its deadline with the last reason', async () => {
    await admin.createNode('slow');
    await expect(cluster.waitForNode('slow', () => ({ done: false, reason: 'its image is still pulled' }), new Deadline(0.5))).rejects.toThrow(
      "node 'slow': not done after 0.5 s (last seen: its image is still pulled)",
    );
  });

  test('ends at once where its check finds what never heals', async () => {
    const never = new Error('the token is wrong');
    await expect(cluster.waitForNode('any', () => { throw never; }, new Deadline(60))).rejects.toBe(never);
  });

  test('is shared by many who wait for different things', async () => {
    await admin.createNode('crowded');
    const waits = ['a', 'b', 'c'].map((label) => beginWait('crowded', (view) => view?.labels[label] !== undefined));
    for (const label of ['c', 'a', 'b']) {
      await admin.patchNode('crowded', { metadata: { labels: { [label]: 'yes' } } });
    }
    await Promise.all(waits);
  });

  test('ends when the connection is closed', async () => {
    const other = await connectKubernetes({ kubeconfig: server.kubeconfig });
    const waiting = other.waitForNode('any', () => ({ done: false, reason: 'none' }), new Deadline(60));
    await Promise.all([expect(waiting).rejects.toThrow('the connection to the API server was closed'), other.close()]);
  });
});

describe('an eviction', () => {
  beforeAll(() => admin.createNode('drained'));

  test('takes a pod off its node, and a wait for its pods sees it go', async () => {
    await admin.createPod('free', 'drained', 'free');
    const pod = await podNamed('drained', 'free');
    expect(pod).toMatchObject({ namespace: 'default', phase: 'Running', ready: true, deleting: false });
    expect(await cluster.evict(pod)).toEqual({ kind: 'evicted' });
    await cluster.waitForPods('drained', (pods) => (pods.some(({ uid }) => uid === pod.uid) ? { done: false, reason: 'still there' } : { done: true }), new Deadline(30));
    expect(await cluster.evict(pod)).toEqual({ kind: 'gone' });
  });

  test('leaves another pod alone that took the name', async () => {
    await admin.createPod('stateful-0', 'drained', 'stateful');
    const pod = await podNamed('drained', 'stateful-0');
    expect(await cluster.evict({ ...pod, uid: '00000000-0000-0000-0000-000000000000' })).toEqual({ kind: 'gone' });
    expect(await podNamed('drained', 'stateful-0')).toEqual(pod);
  });

  test('that a disruption budget forbids says which one and what it needs', async () => {
    await admin.createPod('web-0', 'drained', 'web');
    const spec = { minAvailable: 1, selector: { matchLabels: { app: 'web' } } };
    await admin.objects.create({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'web-budget', namespace: 'default' }, spec } as KubernetesObject);
    const pod = await podNamed('drained', 'web-0');
    // Until the disruption controller has counted, the budget is "still being processed".
    let eviction = await cluster.evict(pod);
    while (eviction.kind === 'blocked' && eviction.reason.includes('still being processed')) {
      eviction = await cluster.evict(pod);
    }
    expect(eviction).toEqual({ kind: 'blocked', reason: "budget 'web-budget' allows 0 disruptions now: it needs 1 healthy pods and has 1" });
  });
});

describe('an API server', () => {
  test('that does not accept the credential is told from one that has no such right', async () => {
    const wrong = server.kubeconfig.replace('administrator-of-a-test', 'somebody');
    const api = await connectKubernetes({ kubeconfig: wrong });
    await expect(api.nodes()).rejects.toThrow(/^API server \(https:\/\/127\.0\.0\.1:\d+\): cannot list nodes: Unauthorized; the credential is not accepted/);
    await expect(api.waitForNode('any', () => ({ done: true }), new Deadline(60))).rejects.toThrow('the credential is not accepted');
  });

  test('whose certificate does not cover its name is not talked to', async () => {
    const api = await connectKubernetes({ kubeconfig: server.kubeconfig, tlsServerName: 'other.example' });
    await expect(api.nodes()).rejects.toThrow('its certificate does not verify');
  });

  test('that hangs with its etcd fails a request and a wait with that reason, and serves again afterwards', async () => {
    await admin.createNode('stuck');
    server.freezeEtcd();
    try {
      const wait = cluster.waitForNode('stuck', () => ({ done: false, reason: 'nothing' }), new Deadline(15));
      const [read, waited] = await Promise.allSettled([cluster.node('stuck'), wait]);
      expect(read).toMatchObject({ status: 'rejected', reason: { message: expect.stringMatching(/did not read node 'stuck' within 10 s; an API server hangs with the etcd it talks to/) } });
      expect(waited).toMatchObject({ status: 'rejected', reason: { message: expect.stringMatching(/not done after 15 s \(last seen: .*API server \(https:.*an API server hangs with the etcd it talks to/) } });
    } finally {
      server.thawEtcd();
    }
    expect(await cluster.node('stuck')).toBeDefined();
  });
});
