import type { NodeView } from '../../src/membership/ports/cluster-api';
import { nodesReport } from '../../src/cli/nodes-report';
import { nodesTable } from '../../src/cli/nodes-table';

const NOW = Date.parse('2026-03-01T12:00:00Z');

function node(name: string, more: Partial<NodeView> & { readonly zone?: string } = {}): NodeView {
  const { zone, ...view } = more;
  return {
    name, uid: `${name}-uid`, role: name.startsWith('m') ? 'management' : 'worker', ready: true, notReadyReason: '',
    etcdIsVoter: name.startsWith('m'), unschedulable: false, deleting: false,
    labels: zone === undefined ? {} : { 'topology.kubernetes.io/zone': zone }, taints: [], externalAddress: `192.0.2.${name.slice(1)}`,
    kubeletVersion: 'v1.34.4+k3s1', machineId: name, cpu: '8', memory: '16777216Ki', gpu: '0', createdAt: '2026-03-01T11:00:00Z', ...view,
  };
}

const table = (...nodes: NodeView[]) => nodesTable(nodesReport(nodes), {}, NOW);

test('the table shows management nodes first, each with what LLMOS shows of it, and then the quorum', () => {
  expect(table(
  node('w10', { gpu: '4', unschedulable: true }), node('w2', { externalAddress: undefined, internalAddress: '10.0.0.2', memory: '2Gi' }),
  node('m3', { zone: 'c', createdAt: '2026-02-26T12:00:00Z' }), node('m1', { zone: 'a', createdAt: '2026-03-01T11:59:01Z' }), node('m2', { zone: 'b' })
)).toMatchInlineSnapshot(`
"NAME  ROLE        ZONE  STATE                     VOTER  ADDRESS     VERSION       CPU  MEMORY  GPU  AGE
m1    management  a     Ready                     yes    192.0.2.1   v1.34.4+k3s1  8    16.0Gi  0    59s
m2    management  b     Ready                     yes    192.0.2.2   v1.34.4+k3s1  8    16.0Gi  0    60m
m3    management  c     Ready                     yes    192.0.2.3   v1.34.4+k3s1  8    16.0Gi  0    3d
w2    worker      -     Ready                     -      10.0.0.2    v1.34.4+k3s1  8    2Gi     0    60m
w10   worker      -     Ready,SchedulingDisabled  -      192.0.2.10  v1.34.4+k3s1  8    16.0Gi  4    60m

3 management nodes: majority 2, tolerates 1 failure or the loss of any zone"
`);
});

test('a learner and a node that is not ready are named under the table', () => {
  const text = table(node('m1'), node('m2', { etcdIsVoter: false }), node('w1', { ready: false, notReadyReason: 'container runtime is down' }));
  expect(text).toMatch(/^m2 .*learner/m);
  expect(text).toContain('1 management node: majority 1, tolerates no failure; not voting yet: m2');
  expect(text).toContain('w1 is not ready: container runtime is down');
});

test.each([
  [3, ['m2'], 'no other may fail while m2 is not ready'],
  [5, ['m2'], 'only 1 more may fail while m2 is not ready'],
  [5, ['m2', 'm4'], 'no other may fail while m2, m4 are not ready'],
  [3, ['m2', 'm3'], 'too few are ready for a majority: m2, m3 not ready'],
])('of %i voters %j are not ready: the line says what is left to fail', (voters, failed, said) => {
  const names = Array.from({ length: voters }, (_, index) => `m${index + 1}`);
  expect(table(...names.map(name => node(name, { ready: !failed.includes(name) })))).toContain(`; ${said}`);
});

test('a cluster without a voter has no figures', () => {
  expect(table(node('m1', { etcdIsVoter: false }))).toMatch(/\nno voter yet; not voting yet: m1$/);
});

test('colours are for terminals', () => {
  const report = nodesReport([node('m1'), node('w1', { deleting: true })]);
  expect(nodesTable(report, { isTTY: false }, NOW)).not.toContain('\u001b[');
  expect(nodesTable(report, { isTTY: true }, NOW).includes('\u001b[')).toBe(process.env.NO_COLOR === undefined);
});

test('other programs get the same nodes and the figures of the quorum', () => {
  const { nodes, quorum } = nodesReport([node('w1'), node('m2', { zone: 'a' }), node('m1', { zone: 'a' }), node('m3', { zone: 'b', etcdIsVoter: false })]);
  expect(nodes.map(({ name, voter, zone }) => ({ name, voter, zone }))).toEqual([
    { name: 'm1', voter: true, zone: 'a' }, { name: 'm2', voter: true, zone: 'a' }, { name: 'm3', voter: false, zone: 'b' },
    { name: 'w1', voter: undefined, zone: undefined },
  ]);
  expect(quorum).toEqual({ voters: ['m1', 'm2'], majority: 2, failureTolerance: 0, zoneFailureTolerance: 0 });
});
