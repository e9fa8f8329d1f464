import { Chart, Testing } from 'cdk8s';
import { connectKubernetes } from '../../src/adapters/kubernetes';
import type { KubernetesObject } from '../../src/adapters/kubernetes/kubernetes-types';
import { RejoinFence } from '../../src/definition/rejoin-fence';
import { RemovalAccess } from '../../src/definition/removal-access';
import { ACCESS_NAME } from '../../src/llmos/access';
import { REMOVED_NODES_CONFIG_MAP, rejoinFenceBinding, rejoinFencePolicy } from '../../src/llmos/fence';
import { Deadline } from '../../src/membership/deadline';
import type { ClusterApi } from '../../src/membership/ports/cluster-api';
import { Administrator, type Named } from './administrator';
import { ApiServer } from './api-server';

jest.setTimeout(120_000);

const LIST = { name: REMOVED_NODES_CONFIG_MAP, namespace: 'kube-system' };

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

describe('the fence', () => {
  /** As a kubelet does it: asking until it may register. */
  async function joins(name: string): Promise<void> {
    for (let refused = true; refused;) {
      refused = await admin.createNode(name).then(() => false, (error: Error) => {
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
    await expect(admin.createNode('w1')).rejects.toThrow('was removed from this cluster and may not register again');
    await admin.createNode('w3');

    await cluster.unfence('w1');
    expect(await cluster.fencedNames()).toEqual(['w2']);
    await joins('w1');
    expect(await cluster.fenceHolds('w2')).toBe(true);
    await cluster.unfence('w2');
    await joins('w2');
  });

  test('holds for a name whose node is still there, whatever the name', async () => {
    await admin.createNode('constructor');
    await cluster.fence('constructor');
    expect(await cluster.fenceHolds('constructor')).toBe(true);
    await cluster.unfence('constructor');
    expect(await cluster.fencedNames()).not.toContain('constructor');
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

    await admin.mergeManifest({ ...policy, spec: { failurePolicy: 'Ignore' } } as KubernetesObject);
    await cluster.ensureFence();
    expect(await admin.objects.read(policy)).toMatchObject({ spec: { failurePolicy: 'Fail' } });
  });
});

describe("the removal's own account", () => {
  /** As the cluster's chart renders it, with the administrator's rights. */
  async function applyChart(): Promise<void> {
    const chart = new Chart(Testing.app(), 'test');
    new RejoinFence(chart, 'fence');
    new RemovalAccess(chart, 'access');
    for (const manifest of Testing.synth(chart) as KubernetesObject[]) {
      await admin.applyManifest(manifest);
    }
  }

  test('is left aside where the cluster does not have it', async () => {
    const api = await connectKubernetes({ kubeconfig: server.kubeconfig, serviceAccount: true });
    await admin.createNode('reached');
    await api.cordon('reached', 'removal');
    await api.close();
  });

  test('may do all that a removal does with the rights the chart gives it', async () => {
    await applyChart();
    const api = await connectKubernetes({ kubeconfig: server.kubeconfig, serviceAccount: true });
    await admin.createNode('m9', { metadata: { labels: { 'node-role.kubernetes.io/control-plane': 'true' } } });
    await admin.createPod('worker', 'm9', 'worker');

    expect(await api.identity()).toBe(await cluster.identity());
    expect((await api.nodes()).length).toBeGreaterThan(0);
    await api.cordon('m9', 'removal');
    expect(await api.evict((await api.pods('m9'))[0])).toEqual({ kind: 'evicted' });
    await api.waitForPods('m9', (pods) => (pods.length === 0 ? { done: true } : { done: false, reason: 'pods' }), new Deadline(30));
    await api.ensureFence();
    await api.fence('m9');
    expect(await api.fencedNames()).toContain('m9');
    expect(await api.fenceHolds('m9')).toBe(true);
    await api.requestMemberRemoval('m9');
    await api.waitForNode('m9', (node) => (node?.unschedulable ? { done: true } : { done: false, reason: 'cordon' }), new Deadline(30));
    await api.applyNode('m9', { labels: { leaving: 'yes' }, taints: [] });
    // The account cannot see that the password is still there, and does not wait for it as the administrator would.
    await admin.core.createNamespacedSecret({ namespace: 'kube-system', body: { metadata: { name: 'm9.node-password.k3s' } } });
    await api.deleteNode('m9', new Deadline(30));
    await expect(cluster.deleteNode('m9', new Deadline(1))).rejects.toThrow("secret 'kube-system/m9.node-password.k3s': not done after 1 s");
    await api.unfence('m9');
    // Not the account's right: the administrator's credential that was given with it puts the fence up.
    await admin.objects.delete(rejoinFenceBinding() as KubernetesObject);
    await api.ensureFence();
    expect(await admin.objects.read(rejoinFenceBinding() as Named)).toMatchObject({ spec: { validationActions: ['Deny'] } });
    await api.close();
  });

  test('may not read secrets, change roles, or make a fence', async () => {
    await applyChart();
    const { status } = await admin.core.createNamespacedServiceAccountToken({ name: ACCESS_NAME, namespace: 'kube-system', body: { spec: { audiences: [] } } });
    const account = await Administrator.connect(server.kubeconfig, status!.token);
    const refusals = await Promise.allSettled([
      account.core.listNamespacedSecret({ namespace: 'kube-system' }),
      account.core.listNamespacedConfigMap({ namespace: 'kube-system' }),
      account.core.deleteCollectionNamespacedPod({ namespace: 'default' }),
      account.core.createNamespacedServiceAccountToken({ name: ACCESS_NAME, namespace: 'kube-system', body: { spec: { audiences: [] } } }),
      account.objects.list('rbac.authorization.k8s.io/v1', 'ClusterRole'),
      account.applyManifest(rejoinFencePolicy() as KubernetesObject),
    ]);
    expect(refusals.map((each) => (each.status === 'rejected' ? (each.reason as { code: number }).code : each.value))).toEqual(Array(6).fill(403));
  });
});
