import fc from 'fast-check';

import { nodesReport } from '../../src/cli/nodes-report';
import { nodesTable, type TableOptions } from '../../src/cli/nodes-table';
import type { LiveLook } from '../../src/cli/live-cluster';
import type { DeclaredCluster } from '../../src/cli/nodes-declared';
import { declared, declaredNode, look, node } from './nodes-looks';

const NOW = Date.parse('2026-03-01T12:00:00Z');

const table = (seen: LiveLook, wanted?: DeclaredCluster, options: TableOptions = {}) => nodesTable(nodesReport(seen, wanted), { now: NOW, ...options });

test('the table shows management nodes first, each with what LLMOS shows of it, and then the quorum', () => {
  expect(table(look([
    node('w10', { gpu: '4', unschedulable: true, externalAddress: '198.51.100.10' }), node('w2', { memory: '2Gi' }),
    node('m3', { zone: 'c', createdAt: '2026-02-26T12:00:00Z' }), node('m1', { zone: 'a', createdAt: '2026-03-01T11:59:01Z' }), node('m2', { zone: 'b' }),
  ]))).toMatchInlineSnapshot(`
"NAME  ROLE        ZONE  STATE                     VOTER  ADDRESS        VERSION       CPU  MEMORY  GPU  AGE
m1    management  a     Ready                     yes    192.0.2.1      v1.34.4+k3s1  8    16.0Gi  0    59s
m2    management  b     Ready                     yes    192.0.2.2      v1.34.4+k3s1  8    16.0Gi  0    60m
m3    management  c     Ready                     yes    192.0.2.3      v1.34.4+k3s1  8    16.0Gi  0    3d
w2    worker      -     Ready                     -      192.0.2.2      v1.34.4+k3s1  8    2Gi     0    60m
w10   worker      -     Ready,SchedulingDisabled  -      198.51.100.10  v1.34.4+k3s1  8    16.0Gi  4    60m

3 management nodes: majority 2, tolerates 1 failure or the loss of any zone
3 of 3 healthy, 1 may fail now"
`);
});

test('with a declaration the table has every node that is declared, whether it is there or not', () => {
  const seen = look([node('m1'), node('m2'), node('m4', { deleting: true }), node('w1'), node('w9')], {
    members: [{ name: 'm1', voter: true, healthy: true }, { name: 'm2', voter: false, healthy: true }, { name: 'm4', voter: true, healthy: false }],
  });
  expect(table(seen, declared(
    declaredNode('m1'), declaredNode('m2', { operation: 'joining' }), declaredNode('m3', { machineId: undefined, operation: 'joining' }),
    declaredNode('m5', { machineId: undefined }), declaredNode('m4', { leaving: true }), declaredNode('w1', { labels: { pool: 'gpu' } }), declaredNode('w2'),
  ))).toMatchInlineSnapshot(`
"NAME  ROLE        ZONE  STATE          VOTER      ADDRESS    VERSION       CPU  MEMORY  GPU  AGE  DECLARED  DRIFT
m1    management  -     Ready          yes        192.0.2.1  v1.34.4+k3s1  8    16.0Gi  0    60m  yes       -
m2    management  -     Ready          learner    192.0.2.2  v1.34.4+k3s1  8    16.0Gi  0    60m  yes       -
m3    management  -     joining        -          192.0.2.3  -             -    -       -    -    yes       -
m4    management  -     removing       no answer  192.0.2.4  v1.34.4+k3s1  8    16.0Gi  0    60m  leaving   -
m5    management  -     not there yet  -          192.0.2.5  -             -    -       -    -    yes       missing
w1    worker      -     Ready          -          192.0.2.1  v1.34.4+k3s1  8    16.0Gi  0    60m  yes       labels
w2    worker      -     gone           -          192.0.2.2  -             -    -       -    -    yes       missing
w9    worker      -     Ready          -          192.0.2.9  v1.34.4+k3s1  8    16.0Gi  0    60m  no        not declared

2 management nodes: majority 2, tolerates no failure
1 of 2 healthy (m4 does not answer): no majority, so the cluster takes no change; not voting yet: m2
w1: label pool=gpu is missing
w2: it had joined, and the cluster has no such Node
w9: nobody declared it, so nothing of it is compared and no change takes it into account"
`);
});

test('a member without a Node is shown, because it counts for the quorum', () => {
  const problem = { subject: "etcd member of 'm2'", value: '8e9e', rule: 'it has no Node', remedy: 'remove it' };
  const seen = look([node('m1')], {
    members: [{ name: 'm1', voter: true, healthy: true }, { name: 'm2', voter: true, healthy: false }], ghosts: [{ kind: 'member without a Node', node: 'm2', problem }],
  });
  expect(table(seen)).toMatch(/^m2 +management +- +no Node +no answer .* ghost member$/m);
  expect(table(seen)).toContain("m2: etcd member of 'm2' (8e9e): it has no Node; remove it");
  expect(table(seen, declared(declaredNode('m1'), declaredNode('m2', { operation: 'joining' })))).toMatch(/^m2 .* joining .* -$/m);
});

test.each([
  [3, ['m2'], '2 of 3 healthy (m2 does not answer): no other may fail now'],
  [5, ['m2'], '4 of 5 healthy (m2 does not answer): 1 more may fail now'],
  [5, ['m2', 'm4'], '3 of 5 healthy (m2, m4 do not answer): no other may fail now'],
  [3, ['m2', 'm3'], '1 of 3 healthy (m2, m3 do not answer): no majority, so the cluster takes no change'],
])('of %i voters %j do not answer: the line says what is left to fail', (voters, failed, said) => {
  const names = Array.from({ length: voters }, (_, index) => `m${index + 1}`);
  const members = names.map(name => ({ name, voter: true, healthy: !failed.includes(name) }));
  expect(table(look(names.map(name => node(name)), { members })).split('\n')).toContain(said);
});

test('zones that failed in part are counted as they are now', () => {
  const zones = ['a', 'a', 'b', 'b', 'c', 'c', 'd'];
  const nodes = zones.map((zone, index) => node(`m${index + 1}`, { zone }));
  const members = nodes.map(({ name }) => ({ name, voter: true, healthy: name !== 'm1' }));
  const { quorum } = nodesReport(look(nodes, { members }));
  expect(quorum).toMatchObject({ majority: 4, failureTolerance: 3, zoneFailureTolerance: 1, mayFailNow: 2, zonesMayFailNow: 1 });
  expect(table(look(nodes, { members }))).toContain('6 of 7 healthy (m1 does not answer): 2 more or any zone may fail now');
});

test('a majority is left after as many failures as may fail now, and not after one more', () => {
  fc.assert(fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 9 }), (health) => {
    const nodes = health.map((_, index) => node(`m${index + 1}`));
    const { mayFailNow, majority, healthy } = nodesReport(look(nodes, { members: nodes.map(({ name }, index) => ({ name, voter: true, healthy: health[index] })) })).quorum;
    expect(healthy.length - mayFailNow >= majority).toBe(true);
    expect(healthy.length - mayFailNow - 1 >= majority).toBe(false);
  }));
});

test('where the members cannot be asked the table says what its health is worth', () => {
  const seen = look([node('m1', { ready: false, notReadyReason: 'Kubelet stopped posting node status.' })], {
    members: [{ name: 'm1', voter: true, healthy: false }], from: 'nodes', reason: 'a kubeconfig does not lead to the machines, --stack does',
  });
  expect(table(seen)).toContain(`0 of 1 ready (m1 is not ready): no majority, so the cluster takes no change
Health as the Nodes' conditions EtcdIsVoter and Ready have it, which may be stale: a kubeconfig does not lead to the machines, --stack does
m1 is not ready: Kubelet stopped posting node status.`);
});

test('a node that is out of service is told of, with who took it out and how it comes back', () => {
  const setAside = { by: 'ops@laptop', since: '2026-11-23T03:00:00.000Z', cordoned: true };
  expect(table(look([node('m1'), node('w1', { unschedulable: true, setAside })])))
    .toContain('w1: ops@laptop took it out of service at 2026-11-23T03:00:00.000Z; llmos-nodes maintain w1 --end brings it back');
});

test('a cluster without a voter has no figures', () => {
  expect(table(look([node('m1')], { members: [{ name: 'm1', voter: false, healthy: true }] }))).toMatch(/\nno voter yet; not voting yet: m1$/);
});

test('columns are left out for a narrow terminal, the least important first, and none is cut', () => {
  const seen = look([node('m1', { zone: 'a' })]);
  const heads = (width: number) => table(seen, declared(declaredNode('m1', { zone: 'a' })), { width, wide: true }).split('\n')[0]!.split(/ +/);
  expect(heads(200)).toHaveLength(16);
  const widths = Array.from({ length: 160 }, (_, index) => 160 - index);
  const order = widths.flatMap((width, index) => (index === 0 ? [] : heads(widths[index - 1]!).filter(head => !heads(width).includes(head))));
  expect(order).toEqual(['MACHINE-ID', 'TAINTS', 'INTERNAL-IP', 'CPU', 'MEMORY', 'GPU', 'AGE', 'VERSION', 'ADDRESS', 'DECLARED', 'ZONE', 'ROLE', 'DRIFT'].filter(head => order.includes(head)));
  expect(heads(1)).toEqual(['NAME', 'STATE', 'VOTER']);
  for (const width of [40, 80, 120]) {
    const lines = table(seen, undefined, { width }).split('\n');
    expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(width);
  }
});

test('what does not fit the height is counted, and what needs a look stays', () => {
  const nodes = [node('m1'), ...Array.from({ length: 500 }, (_, index) => node(`w${index}`, { ready: index !== 400, notReadyReason: 'disk' }))];
  const lines = table(look(nodes), undefined, { height: 12 }).split('\n');
  expect(lines).toHaveLength(12);
  expect(lines.some(line => line.startsWith('w400 '))).toBe(true);
  expect(lines[7]).toBe('… and 495 more: 495 Ready');
});

test('what is said of many nodes is said once', () => {
  const nodes = Array.from({ length: 10_000 }, (_, index) => node(`w${index + 1}`, { kubeletVersion: 'v1.33.0+k3s1' }));
  const text = table(look(nodes), declared(...nodes.map(({ name }) => declaredNode(name, { address: undefined }))));
  expect(text.split('\n')).toHaveLength(10_004);
  expect(text).toMatch(/\nw1 … w10000 \(10,000\): version is v1\.33\.0\+k3s1 and declared v1\.34\.4\+k3s1$/);
});

test('colours are only there where they are asked for', () => {
  const seen = look([node('m1'), node('w1', { deleting: true })]);
  expect(table(seen)).not.toContain('\u001b[');
  expect(table(seen, undefined, { color: true })).toContain('\u001b[');
});

test('without headings there are rows alone', () => {
  expect(table(look([node('m1'), node('w1')]), undefined, { noHeaders: true }).split('\n')).toEqual([expect.stringMatching(/^m1 /), expect.stringMatching(/^w1 /)]);
});

test('a machine that may come back is named under the table', () => {
  const removed = { name: 'm9', removal: 'unreachable', machineId: 'abc', removedAt: '2026-02-01T00:00:00Z', fenced: true, tokenRotation: 'due' } as const;
  const { notClean } = nodesReport({ ...look([node('m1')]), removed: [removed, { ...removed, name: 'w9', removal: 'clean', tokenRotation: undefined }] });
  expect(notClean).toEqual([removed]);
  expect(table({ ...look([node('m1')]), removed: [removed] })).toContain('m9 was removed on 2026-02-01 and its machine was not cleaned (machine-id abc); not fenced yet');
});
