import { driftOf } from '../../src/cli/nodes-drift';
import type { DeclaredNode } from '../../src/cli/nodes-declared';
import type { NodeView } from '../../src/membership/ports/cluster-api';
import { declared, declaredNode, node } from './nodes-looks';

const drift = (view: Partial<NodeView>, wanted: Partial<DeclaredNode> = {}) => driftOf(node('m1', view), declaredNode('m1', wanted), declared()).map(({ kind, message }) => `${kind}: ${message}`);

test('a node that is as declared has none', () => {
  expect(drift({})).toEqual([]);
});

test.each<[string, Partial<NodeView>, Partial<DeclaredNode>, string]>([
  ['role', { role: 'worker' }, {}, 'role: role is worker and declared management'],
  ['version', { kubeletVersion: 'v1.33.0+k3s1' }, {}, 'version: version is v1.33.0+k3s1 and declared v1.34.4+k3s1'],
  ['address', { internalAddress: '192.0.2.99' }, {}, 'address: address is 192.0.2.99 and declared 192.0.2.1'],
  ['internal address', { externalAddress: '192.0.2.1', internalAddress: '10.0.0.9' }, { internalAddress: '10.0.0.1' }, 'address: address is 10.0.0.9 and declared 10.0.0.1'],
  ['machine behind the name', { machineId: 'other' }, {}, 'machine: another machine has its name: machine-id other, and m1-machine joined'],
  ['changed label', { labels: { pool: 'b' } }, { labels: { pool: 'a' } }, 'labels: label pool is b and declared a'],
  ['deleted label', {}, { labels: { pool: 'a' } }, 'labels: label pool=a is missing'],
  ['deleted taint', {}, { taints: ['gpu=yes:NoSchedule'] }, 'taints: taint gpu=yes:NoSchedule is missing'],
])('another %s is drift', (_, view, wanted, said) => {
  expect(drift(view, wanted)).toEqual([said]);
});

test('labels and taints that others added are theirs', () => {
  expect(drift({ labels: { theirs: 'x' }, taints: [{ key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }] })).toEqual([]);
});

test('a host name and an address that is not known yet are not compared', () => {
  expect(drift({}, { address: 'm1.example.com' })).toEqual([]);
  expect(drift({}, { address: undefined })).toEqual([]);
});

test('labels of a node that joins are still to come, and nothing is compared of one that leaves', () => {
  expect(drift({}, { labels: { pool: 'a' }, operation: 'joining' })).toEqual([]);
  expect(drift({ role: 'worker', machineId: 'other' }, { leaving: true })).toEqual([]);
});
