import { Chart, Testing } from 'cdk8s';
import { connectKubernetes, readKubeconfig } from '../../src/adapters/kubernetes/connect';
import type { CoreV1Api, KubernetesModule, KubernetesObject, KubernetesObjectApi, V1Node } from '../../src/adapters/kubernetes/kubernetes-types';
import { RejoinFence } from '../../src/definition/rejoin-fence';
import { RemovalAccess } from '../../src/definition/removal-access';
import { ACCESS_NAME } from '../../src/llmos/access';
import { REMOVED_NODES_CONFIG_MAP, rejoinFenceBinding, rejoinFencePolicy } from '../../src/llmos/fence';
import { Deadline } from '../../src/membership/deadline';
import type { ClusterApi, NodeView } from '../../src/membership/ports/cluster-api';
import { ApiServer } from './api-server';

jest.setTimeout(120_000);

type PatchOptions = ReturnType<KubernetesModule['setHeaderOptions']>;
type Named = KubernetesObject & { metadata: { name: string } };

const MERGE = 'application/merge-patch+json' as const;
const APPLY = 'application/apply-patch+yaml' as const;
const LIST = { name: REMOVED_NODES_CONFIG_MAP, namespace: 'kube-system' };

let server: ApiServer;
let cluster: ClusterApi;
/** The same API server, through the client library alone. */
let admin: { readonly core: CoreV1Api; readonly objects: KubernetesObjectApi; readonly mergePatch: PatchOptions; readonly apply: PatchOptions };

beforeAll(async () => {
  server = await ApiServer.start();
  cluster = await connectKubernetes({ kubeconfig: server.kubeconfig });
  const kubernetes = await import('@kubernetes/client-node');
  const config = readKubeconfig(kubernetes, { kubeconfig: server.kubeconfig });
  admin = {
    core: config.makeApiClient(kubernetes.CoreV1Api),
    objects: kubernetes.KubernetesObjectApi.makeApiClient(config),
    mergePatch: kubernetes.setHeaderOptions('Content-Type', MERGE),
    apply: kubernetes.setHeaderOptions('Content-Type', APPLY),
  };
});

afterAll(async () => {
  await cluster?.close();
  await server?.stop();
});

function createNode(name: string, more: Partial<V1Node> = {}, fieldManager?: string) {
  return admin.core.createNode({ body: { ...more, metadata: { name, ...more.metadata } }, fieldManager });
}

function patchNode(name: string, body: object) {
  return admin.core.patchNode({ name, body }, admin.mergePatch);
}

/** A pod that a kubelet runs; its deletion takes no time, as no kubelet has to confirm it. */
async function createPod(name: string, nodeName: string, app: string) {
  await admin.core.createNamespacedPod({
    namespace: 'default',
    body: { metadata: { name, labels: { app } }, spec: { nodeName, terminationGracePeriodSeconds: 0, containers: [{ name: 'c', image: 'pause' }] } },
  });
  const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
  await admin.core.patchNamespacedPodStatus({ namespace: 'default', name, body: { status } }, admin.mergePatch);
}

const podNamed = async (api: ClusterApi, node: string, name: string) => (await api.pods(node)).find((pod) => pod.name === name)!;

/** Starts a wait and resolves as soon as it has judged a first state. */
async function beginWait(node: string, wanted: (view: NodeView | undefined) => boolean, seconds = 60) {
  let sawFirst: () => void;
  const first = new Promise<void>((resolve) => {
    sawFirst = resolve;
  });
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
    await createNode('plain');
    expect(await cluster.node('absent')).toBeUndefined();
    expect(await cluster.node('plain')).toMatchObject({ name: 'plain', role: 'worker', ready: false });
    expect((await cluster.nodes()).map(({ name }) => name)).toContain('plain');
  });

  test('gets our labels and loses those we no longer declare, while those of others stay', async () => {
    // A kubelet registers with the labels of LLMOS's config, under its own name.
    await createNode('labelled', { metadata: { labels: { tier: 'gpu', 'kubernetes.io/os': 'linux' } } }, 'kubelet');
    await admin.core.patchNode({ name: 'labelled', body: { metadata: { labels: { team: 'search' } } }, fieldManager: 'kubectl-label' }, admin.mergePatch);

    await cluster.applyNode('labelled', { labels: { tier: 'gpu', rack: 'r1', team: 'search' }, taints: [] });
    expect((await cluster.node('labelled'))!.labels).toEqual({ tier: 'gpu', rack: 'r1', team: 'search', 'kubernetes.io/os': 'linux' });

    await cluster.applyNode('labelled', { labels: { zone: 'a' }, taints: [] });
    expect((await cluster.node('labelled'))!.labels).toEqual({ zone: 'a', team: 'search', 'kubernetes.io/os': 'linux' });
  });

  test("takes a label's value from us where somebody else had set another", async () => {
    await createNode('forced', { metadata: { labels: { tier: 'cpu' } } }, 'kubectl-label');
    await cluster.applyNode('forced', { labels: { tier: 'gpu' }, taints: [] });
    expect((await cluster.node('forced'))!.labels.tier).toBe('gpu');
  });

  test('gets our taints and loses those we no longer declare, while those of others stay', async () => {
    await createNode('tainted', { spec: { taints: [{ key: 'node.kubernetes.io/disk', effect: 'NoSchedule' }, { key: 'gpu', value: 'old', effect: 'NoSchedule' }] } });
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
    await createNode('settled');
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
    await createNode('server', { metadata: { labels: { 'node-role.kubernetes.io/etcd': 'true' } } });
    await cluster.setUnschedulable('server', true);
    expect(await cluster.node('server')).toMatchObject({ role: 'management', unschedulable: true });
    await cluster.setUnschedulable('server', false);
    expect(await cluster.node('server')).toMatchObject({ unschedulable: false });
    await cluster.requestMemberRemoval('server');
    expect((await admin.core.readNode({ name: 'server' })).metadata!.annotations).toEqual({ 'etcd.k3s.cattle.io/remove': 'true' });
  });

  test('that is deleted is waited for until its finalizers and its password are gone', async () => {
    await createNode('leaving', { metadata: { finalizers: ['test.example/etcd'] } });
    const password = { name: 'leaving.node-password.k3s', namespace: 'kube-system' };
    await admin.core.createNamespacedSecret({ namespace: 'kube-system', body: { metadata: password } });
    await expect(cluster.deleteNode('leaving', new Deadline(1))).rejects.toThrow('these finalizers still hold it: test.example/etcd');

    await patchNode('leaving', { metadata: { finalizers: null } });
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
    await createNode('watched');
    const done = beginWait('watched', (view) => view?.labels.joined === 'yes');
    await patchNode('watched', { metadata: { labels: { joined: 'yes' } } });
    await done;
  });

  test('sees a node that appears, and one that goes', async () => {
    const appears = beginWait('comet', (view) => view !== undefined);
    await createNode('comet');
    await appears;
    const goes = beginWait('comet', (view) => view === undefined);
    await admin.core.deleteNode({ name: 'comet' });
    await goes;
  });

  test('goes on over a restart of the API server', async () => {
    await createNode('patient');
    const done = beginWait('patient', (view) => view?.labels.joined === 'yes');
    await server.restart();
    await patchNode('patient', { metadata: { labels: { joined: 'yes' } } });
    await done;
  });

  test('ends at its deadline with the last reason', async () => {
    await createNode('slow');
    await expect(cluster.waitForNode('slow', () => ({ done: false, reason: 'its image is still pulled' }), new Deadline(0.5))).rejects.toThrow(
      "node 'slow': not done after 0.5 s (last seen: its image is still pulled)",
    );
  });

  test('ends at once where its check finds what never heals', async () => {
    const never = new Error('the token is wrong');
    await expect(cluster.waitForNode('any', () => { throw never; }, new Deadline(60))).rejects.toBe(never);
  });

  test('is shared by many who wait for different things', async () => {
    await createNode('crowded');
    const waits = ['a', 'b', 'c'].map((label) => beginWait('crowded', (view) => view?.labels[label] !== undefined));
    for (const label of ['c', 'a', 'b']) {
      await patchNode('crowded', { metadata: { labels: { [label]: 'yes' } } });
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
  beforeAll(() => createNode('drained'));

  test('takes a pod off its node, and a wait for its pods sees it go', async () => {
    await createPod('free', 'drained', 'free');
    const pod = await podNamed(cluster, 'drained', 'free');
    expect(pod).toMatchObject({ namespace: 'default', phase: 'Running', ready: true, deleting: false });
    expect(await cluster.evict(pod)).toEqual({ kind: 'evicted' });
    await cluster.waitForPods('drained', (pods) => (pods.some(({ uid }) => uid === pod.uid) ? { done: false, reason: 'still there' } : { done: true }), new Deadline(30));
    expect(await cluster.evict(pod)).toEqual({ kind: 'gone' });
  });

  test('leaves another pod alone that took the name', async () => {
    await createPod('stateful-0', 'drained', 'stateful');
    const pod = await podNamed(cluster, 'drained', 'stateful-0');
    expect(await cluster.evict({ ...pod, uid: '00000000-0000-0000-0000-000000000000' })).toEqual({ kind: 'gone' });
    expect(await podNamed(cluster, 'drained', 'stateful-0')).toEqual(pod);
  });

  test('that a disruption budget forbids says which one and what it needs', async () => {
    await createPod('web-0', 'drained', 'web');
    await admin.objects.create({
      apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'web-budget', namespace: 'default' },
      spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } },
    } as KubernetesObject);
    const pod = await podNamed(cluster, 'drained', 'web-0');
    // Until the disruption controller has counted, the budget is "still being processed".
    let eviction = await cluster.evict(pod);
    while (eviction.kind === 'blocked' && eviction.reason.includes('still being processed')) {
      eviction = await cluster.evict(pod);
    }
    expect(eviction).toEqual({ kind: 'blocked', reason: 'The disruption budget web-budget needs 1 healthy pods and has 1 currently' });
  });
});

describe('the fence', () => {
  /** As a kubelet does it: asking until it may register. */
  async function joins(name: string): Promise<void> {
    for (let refused = true; refused;) {
      refused = await createNode(name).then(() => false, (error: Error) => {
        expect(error.message).toContain('may not register again');
        return true;
      });
    }
  }

  test('does not hold where there is none', async () => {
    expect(await cluster.fencedNames()).toEqual([]);
    await cluster.unfence('anyone');
    expect(await cluster.fenceHolds('anyone')).toBe(false);
  });

  test('refuses a removed name, and no other, until the name may join again', async () => {
    await cluster.ensureFence();
    await cluster.fence('w1');
    await cluster.fence('w2');
    expect(await cluster.fenceHolds('w1')).toBe(true);
    expect(await cluster.fencedNames()).toEqual(['w1', 'w2']);
    await expect(createNode('w1')).rejects.toThrow('was removed from this cluster and may not register again');
    await createNode('w3');

    await cluster.unfence('w1');
    expect(await cluster.fencedNames()).toEqual(['w2']);
    await joins('w1');
    expect(await cluster.fenceHolds('w2')).toBe(true);
    await cluster.unfence('w2');
    await joins('w2');
  });

  test('holds for a name whose node is still there', async () => {
    await createNode('w4');
    await cluster.fence('w4');
    expect(await cluster.fenceHolds('w4')).toBe(true);
    await cluster.unfence('w4');
  });

  test('changes one key when a name is added, and keeps the date of the first time', async () => {
    await cluster.fence('w5');
    const before = (await admin.core.readNamespacedConfigMap(LIST)).data!;
    expect(new Date(before.w5).toISOString()).toBe(before.w5);
    await cluster.fence('w6');
    await cluster.fence('w5');
    expect((await admin.core.readNamespacedConfigMap(LIST)).data).toMatchObject(before);
  });

  test('is not written where it stands, and mended where somebody changed it', async () => {
    const policy = rejoinFencePolicy() as Named;
    const versions = () => Promise.all([policy, rejoinFenceBinding() as Named].map(async (each) => (await admin.objects.read(each)).metadata!.resourceVersion));
    const before = await versions();
    await cluster.ensureFence();
    expect(await versions()).toEqual(before);

    await admin.objects.patch({ ...policy, spec: { failurePolicy: 'Ignore' } } as KubernetesObject, undefined, undefined, undefined, undefined, MERGE);
    await cluster.ensureFence();
    expect(await admin.objects.read(policy)).toMatchObject({ spec: { failurePolicy: 'Fail' } });
  });
});

describe("the removal's own account", () => {
  test('is left aside where the cluster does not have it', async () => {
    const api = await connectKubernetes({ kubeconfig: server.kubeconfig, serviceAccount: true });
    await api.setUnschedulable('plain', true);
    await api.close();
  });

  test('may do all that a removal does with the rights the chart gives it, and nothing with secrets', async () => {
    const chart = new Chart(Testing.app(), 'test');
    new RejoinFence(chart, 'fence');
    new RemovalAccess(chart, 'access');
    for (const manifest of Testing.synth(chart) as KubernetesObject[]) {
      await admin.objects.patch(manifest, undefined, undefined, 'chart', true, APPLY);
    }
    const api = await connectKubernetes({ kubeconfig: server.kubeconfig, serviceAccount: true });
    await createNode('m9', { metadata: { labels: { 'node-role.kubernetes.io/control-plane': 'true' } } });
    await createPod('worker', 'm9', 'worker');

    expect(await api.identity()).toBe(await cluster.identity());
    expect((await api.nodes()).length).toBeGreaterThan(0);
    await api.setUnschedulable('m9', true);
    expect(await api.evict(await podNamed(api, 'm9', 'worker'))).toEqual({ kind: 'evicted' });
    await api.waitForPods('m9', (pods) => (pods.length === 0 ? { done: true } : { done: false, reason: 'pods' }), new Deadline(30));
    await api.ensureFence();
    await api.fence('m9');
    expect(await api.fencedNames()).toContain('m9');
    expect(await api.fenceHolds('m9')).toBe(true);
    await api.requestMemberRemoval('m9');
    await api.waitForNode('m9', (node) => (node?.unschedulable ? { done: true } : { done: false, reason: 'cordon' }), new Deadline(30));
    await api.applyNode('m9', { labels: { leaving: 'yes' }, taints: [] });
    await api.deleteNode('m9', new Deadline(30));
    await api.unfence('m9');
    // Not the account's right: the administrator's credential that was given with it puts the fence up.
    await admin.objects.delete(rejoinFenceBinding() as KubernetesObject);
    await api.ensureFence();
    expect(await admin.objects.read(rejoinFenceBinding() as Named)).toMatchObject({ spec: { validationActions: ['Deny'] } });
    await api.close();
  });

  test('may not read secrets, change roles, or make a fence', async () => {
    const kubernetes = await import('@kubernetes/client-node');
    const given = readKubeconfig(kubernetes, { kubeconfig: server.kubeconfig });
    const { status } = await admin.core.createNamespacedServiceAccountToken({ name: ACCESS_NAME, namespace: 'kube-system', body: { spec: { audiences: [] } } });
    const config = new kubernetes.KubeConfig();
    config.loadFromClusterAndUser(given.getCurrentCluster()!, { name: 'account', token: status!.token });
    const core = config.makeApiClient(kubernetes.CoreV1Api);
    const objects = kubernetes.KubernetesObjectApi.makeApiClient(config);
    const refusals = await Promise.allSettled([
      core.listNamespacedSecret({ namespace: 'kube-system' }),
      core.listNamespacedConfigMap({ namespace: 'kube-system' }),
      core.deleteNamespacedPod({ namespace: 'default', name: 'any' }),
      core.createNamespacedServiceAccountToken({ name: ACCESS_NAME, namespace: 'kube-system', body: { spec: { audiences: [] } } }),
      objects.list('rbac.authorization.k8s.io/v1', 'ClusterRole'),
      objects.patch(rejoinFencePolicy() as KubernetesObject, undefined, undefined, 'test', true, APPLY),
    ]);
    expect(refusals.map((each) => (each.status === 'rejected' ? (each.reason as { code: number }).code : each.value))).toEqual(Array(6).fill(403));
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
    server.freezeEtcd();
    try {
      const wait = cluster.waitForNode('plain', () => ({ done: false, reason: 'nothing' }), new Deadline(15));
      const [read, waited] = await Promise.allSettled([cluster.node('plain'), wait]);
      expect(read).toMatchObject({ status: 'rejected', reason: { message: expect.stringMatching(/did not read node 'plain' within 10 s; an API server hangs with the etcd it talks to/) } });
      expect(waited).toMatchObject({ status: 'rejected', reason: { message: expect.stringMatching(/not done after 15 s \(last seen: .*API server \(https:.*an API server hangs with the etcd it talks to/) } });
    } finally {
      server.thawEtcd();
    }
    expect(await cluster.node('plain')).toBeDefined();
  });
});
