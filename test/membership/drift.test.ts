import { driftOf, driftOfStranger, isMendedInPlace, remedyOf, strangersIn, type DriftKind, type ExpectedNode, type SeenMembers } from '../../src/membership/drift';
import type { Ghost } from '../../src/membership/ghosts';
import type { NodeView } from '../../src/membership/ports/cluster-api';
import { declaredNode, node } from '../cli/nodes-looks';

const well: SeenMembers = { members: [{ name: 'm1', voter: true }], ghosts: [] };

/** What is said of m1, which differs in this from what all is well looks like. */
function drift(view: Partial<NodeView> | 'no Node', wanted: Partial<ExpectedNode> = {}, seen: Partial<SeenMembers> = {}): string[] {
  return driftOf(declaredNode('m1', wanted), view === 'no Node' ? undefined : node('m1', view), { ...well, ...seen }).map(({ kind, message }) => `${kind}: ${message}`);
}

const ghost = (kind: Ghost['kind'], name = 'm1'): Ghost => ({ kind, node: name, problem: { subject: `etcd member of '${name}'`, rule: 'the two lists differ', remedy: 'mend it' } });

test('a node that is as declared has none', () => {
  expect(drift({})).toEqual([]);
});

test.each<[string, Partial<NodeView>, Partial<ExpectedNode>, string]>([
  ['role', { role: 'worker' }, {}, 'role: role is worker and declared management'],
  ['version', { kubeletVersion: 'v1.33.0+k3s1' }, {}, 'version: version is v1.33.0+k3s1 and declared v1.34.4+k3s1'],
  ['build', { kubeletVersion: 'v1.34.4+k3s1' }, { kubernetesVersion: 'v1.34.4+k3s10' }, 'version: version is v1.34.4+k3s1 and declared v1.34.4+k3s10'],
  ['newer version', { kubeletVersion: 'v1.35.0+k3s1' }, {}, 'newer version: version is v1.35.0+k3s1 and declared v1.34.4+k3s1'],
  ['newer build', { kubeletVersion: 'v1.34.4+k3s10' }, { kubernetesVersion: 'v1.34.4+k3s9' }, 'newer version: version is v1.34.4+k3s10 and declared v1.34.4+k3s9'],
  ['address', { internalAddress: '192.0.2.99' }, {}, 'address: address is 192.0.2.99 and declared 192.0.2.1'],
  ['internal address', { externalAddress: '192.0.2.1', internalAddress: '10.0.0.9' }, { internalAddress: '10.0.0.1' }, 'address: address is 10.0.0.9 and declared 10.0.0.1'],
  ['machine behind the name', { machineId: 'other' }, {}, 'machine: another machine has its name: machine-id other, and m1-machine joined'],
  ['machine at the address', {}, { anotherMachine: 'other' }, 'machine: another machine stands at its address: machine-id other, and m1-machine joined'],
  ['changed label', { labels: { pool: 'b' } }, { labels: { pool: 'a' } }, 'labels: label pool is b and declared a'],
  ['deleted label', {}, { labels: { pool: 'a' } }, 'labels: label pool=a is missing'],
  ['deleted taint', {}, { taints: ['gpu=yes:NoSchedule'] }, 'taints: taint gpu=yes:NoSchedule is missing'],
  ['readiness', { ready: false, notReadyReason: 'Kubelet stopped posting node status.' }, {}, 'not ready: it is not ready: Kubelet stopped posting node status.'],
])('another %s is drift', (_, view, wanted, said) => {
  expect(drift(view, wanted)).toEqual([said]);
});

test('a node that had joined and is gone, and one that never joined, are told apart', () => {
  expect(drift('no Node', {}, { members: [] })).toEqual(['missing: it had joined, and the cluster has no such Node']);
  expect(drift('no Node', { machineId: undefined }, { members: [] })).toEqual(['missing: it is declared and has not joined']);
});

test('a member that does not vote, one without a Node and a Node without one are drift', () => {
  expect(drift({}, {}, { members: [{ name: 'm1', voter: false }] })).toEqual([expect.stringMatching(/^voter: its etcd member is a learner/)]);
  expect(drift('no Node', {}, { ghosts: [ghost('member without a Node')] })).toEqual(["ghost member: etcd member of 'm1': the two lists differ"]);
  expect(drift({}, {}, { members: [], ghosts: [ghost('Node without a member')] })).toEqual(["no member: etcd member of 'm1': the two lists differ"]);
  expect(drift({}, {}, { ghosts: [ghost('two members of one node')] })).toEqual([expect.stringMatching(/^ghost member/)]);
  expect(drift({}, {}, { ghosts: [ghost('member without a Node', 'm9')] })).toEqual([]);
});

test('nothing is compared of another machine that has the name: nobody declared anything of it', () => {
  expect(drift({ machineId: 'other', labels: {}, kubeletVersion: 'v1.33.0+k3s1', role: 'worker' }, { labels: { pool: 'a' } })).toEqual([expect.stringMatching(/^machine/)]);
});

test('labels and taints that others added are theirs', () => {
  expect(drift({ labels: { theirs: 'x' }, taints: [{ key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }] })).toEqual([]);
});

test('a host name, an address that is not known yet and a version nobody declared are not compared', () => {
  expect(drift({}, { address: 'm1.example.com' })).toEqual([]);
  expect(drift({}, { address: undefined })).toEqual([]);
  expect(drift({}, { kubernetesVersion: undefined })).toEqual([]);
});

test('what a join or a removal has still to bring is no drift, and nothing is compared of one that leaves', () => {
  const half = { members: [{ name: 'm1', voter: false }], ghosts: [ghost('member without a Node')] };
  expect(drift({ ready: false }, { labels: { pool: 'a' }, taints: ['gpu:NoSchedule'], operation: 'joining' }, half)).toEqual([]);
  expect(drift('no Node', { operation: 'joining' }, half)).toEqual([]);
  expect(drift({ role: 'worker', machineId: 'other' }, { leaving: true })).toEqual([]);
});

test('of what nobody declared it is said that nobody did, and in what etcd and the Nodes differ', () => {
  expect(driftOfStranger('w9', node('w9'), well).map(({ kind }) => kind)).toEqual(['not declared']);
  expect(driftOfStranger('m9', undefined, { ghosts: [ghost('member without a Node', 'm9')] }).map(({ kind }) => kind)).toEqual(['ghost member']);
  const found = strangersIn(new Set(['m1', 'w1']), {
    nodes: new Map([['m1', node('m1')], ['w9', node('w9')]]), members: [{ name: 'm1', voter: true }, { name: 'm9', voter: true }], ghosts: [ghost('member without a Node', 'm9')],
  });
  expect([...found].map(([name, [first]]) => `${name} ${first!.kind}`)).toEqual(['w9 not declared', 'm9 ghost member']);
});

test('only what nobody has to decide about is put right by itself', () => {
  const kinds: DriftKind[] = ['missing', 'not ready', 'machine', 'role', 'voter', 'no member', 'ghost member', 'address', 'version', 'newer version', 'labels', 'taints', 'not declared'];
  expect(kinds.filter(isMendedInPlace)).toEqual(['version', 'labels', 'taints']);
  for (const kind of kinds) expect(remedyOf(kind, 'm1')).toMatch(/^.{10,}/);
});

test('what to type about a member is not part of what is said of it: a state has to stay small', () => {
  const [found] = driftOf(declaredNode('m1'), node('m1'), { ...well, ghosts: [ghost('two members of one node')] });
  expect(found).toEqual({ kind: 'ghost member', message: "etcd member of 'm1': the two lists differ", remedy: 'mend it' });
});
