import type { V1Node } from '../../../src/adapters/kubernetes/kubernetes-types';
import { nodeView, removeMemberAnnotation } from '../../../src/adapters/kubernetes/node-view';

const NODE: V1Node = {
  metadata: {
    name: 'm1',
    uid: 'u1',
    creationTimestamp: new Date('2024-05-06T07:08:09Z'),
    labels: { 'node-role.kubernetes.io/control-plane': 'true', 'topology.kubernetes.io/zone': 'a' },
    annotations: { 'etcd.k3s.cattle.io/removed-node-name': 'm1-0a1b2c3d' },
  },
  spec: { unschedulable: true, taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }, { key: 'batch', value: '', effect: 'NoExecute' }] },
  status: {
    conditions: [
      { type: 'Ready', status: 'True', message: 'kubelet is posting ready status' },
      { type: 'EtcdIsVoter', status: 'True' },
    ],
    addresses: [{ type: 'InternalIP', address: '10.0.0.11' }, { type: 'ExternalIP', address: '192.0.2.11' }, { type: 'Hostname', address: 'm1' }],
    capacity: { cpu: '8', memory: '16384256Ki', 'nvidia.com/gpu': '4', 'amd.com/gpu': '2', pods: '110' },
    nodeInfo: { kubeletVersion: 'v1.34.4+k3s1', machineID: 'abc' } as NonNullable<V1Node['status']>['nodeInfo'],
  },
};

test('a node is reduced to what membership looks at', () => {
  expect(nodeView(NODE)).toEqual({
    name: 'm1',
    uid: 'u1',
    role: 'management',
    ready: true,
    notReadyReason: '',
    etcdIsVoter: true,
    unschedulable: true,
    deleting: false,
    labels: NODE.metadata!.labels,
    taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }, { key: 'batch', effect: 'NoExecute' }],
    internalAddress: '10.0.0.11',
    externalAddress: '192.0.2.11',
    kubeletVersion: 'v1.34.4+k3s1',
    machineId: 'abc',
    cpu: '8',
    memory: '16384256Ki',
    gpu: '6',
    createdAt: '2024-05-06T07:08:09.000Z',
    removedMember: 'm1-0a1b2c3d',
  });
});

test.each([
  ['removal', true, 'removal'],
  ['upgrade', true, 'upgrade'],
  // Uncordoned by a person, who leaves the annotation.
  ['removal', false, undefined],
  ['because I say so', true, undefined],
])('a node with the annotation %p that is cordoned (%p) was cordoned by us for: %p', (purpose, unschedulable, cordonedFor) => {
  const annotations = { 'llmos-nodes/cordoned-for': purpose };
  expect(nodeView({ metadata: { name: 'm2', annotations }, spec: { unschedulable } }).cordonedFor).toBe(cordonedFor);
});

test('a node that is out of service says who took it out', () => {
  const mark = { by: 'ops@laptop', since: '2026-11-23T03:00:00.000Z', cordoned: true };
  const annotations = { 'llmos-nodes/set-aside': JSON.stringify(mark) };
  expect(nodeView({ metadata: { name: 'm2', annotations } }).setAside).toEqual(mark);
});

test('a node reads the same from a watch, which has its dates as text', () => {
  expect(nodeView(JSON.parse(JSON.stringify(NODE)) as V1Node)).toEqual(nodeView(NODE));
});

test('a node that has just registered is a worker that is not ready', () => {
  expect(nodeView({ metadata: { name: 'w1' } })).toMatchObject({
    role: 'worker', ready: false, notReadyReason: 'its kubelet has not reported yet', etcdIsVoter: false, unschedulable: false, gpu: '0', taints: [],
  });
});

test("a node that is not ready says why in the kubelet's words", () => {
  const conditions = [{ type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: 'cni plugin not initialized' }];
  expect(nodeView({ status: { conditions } })).toMatchObject({ ready: false, notReadyReason: 'cni plugin not initialized' });
});

test('a node that runs etcd alone is a management node', () => {
  expect(nodeView({ metadata: { labels: { 'node-role.kubernetes.io/etcd': 'true' } } }).role).toBe('management');
});

test("a member's removal is asked for by the annotation of the node's own distribution", () => {
  expect(removeMemberAnnotation({ metadata: { annotations: { 'etcd.k3s.cattle.io/node-name': 'm1-0a1b2c3d' } } })).toBe('etcd.k3s.cattle.io/remove');
  expect(removeMemberAnnotation({ metadata: { annotations: { 'etcd.rke2.cattle.io/node-name': 'm1-0a1b2c3d' } } })).toBe('etcd.rke2.cattle.io/remove');
});
