import { nodeHasJoined } from '../../../src/membership/join/node-has-joined';
import type { NodeView } from '../../../src/membership/ports/cluster-api';
import { target } from '../scene';

const view = (more: Partial<NodeView> = {}) => ({ role: 'management', ready: true, notReadyReason: '', etcdIsVoter: true, deleting: false, labels: {}, ...more }) as NodeView;
const seen = (found: NodeView | undefined, node = target('m2')) => {
  const joined = nodeHasJoined(node, found);
  return joined.done ? 'joined' : joined.reason;
};

test('a management node has joined when it is Ready and a voter', () => {
  expect(seen(view())).toBe('joined');
  expect(seen(view({ etcdIsVoter: false }))).toBe('its etcd member is still a learner');
});

test('a worker has joined when it is Ready', () => {
  expect(seen(view({ role: 'worker', etcdIsVoter: false }), target('w1'))).toBe('joined');
});

test.each<[string, NodeView | undefined, string]>([
  ['has not registered', undefined, 'it has not registered yet'],
  ['is an earlier one on its way out', view({ deleting: true }), 'an earlier node of that name is still being deleted'],
  ['has another role', view({ role: 'worker' }), 'it registered as a worker node'],
  ['is not Ready', view({ ready: false, notReadyReason: 'container runtime network not ready' }), 'container runtime network not ready'],
  ['is not Ready and does not say why', view({ ready: false }), 'it is not Ready'],
])('a node that %s has not joined', (_, found, reason) => {
  expect(seen(found)).toBe(reason);
});

test('a node in another zone than declared has not joined', () => {
  const node = target('m2', { zone: 'a' });
  expect(seen(view({ labels: { 'topology.kubernetes.io/zone': 'b' } }), node)).toBe('it is in zone b');
  expect(seen(view({ labels: { 'topology.kubernetes.io/zone': 'a' } }), node)).toBe('joined');
});
