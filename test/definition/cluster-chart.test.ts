import { Construct } from 'constructs';
import { DefinitionError, ManagementPool, WorkerPool } from '../../src/definition';
import { chart, machines, managed, output, problems } from './definitions';

test('a cluster without a management pool is refused', () => {
  expect(problems(chart())).toEqual([
    "[prod] cluster 'prod' (no management pool): the management nodes are one quorum, so they are declared in one pool; add one with addManagementPool",
  ]);
});

test('a cluster with two management pools is refused', () => {
  const cluster = managed(1);
  cluster.addManagementPool('second', { machines: machines(1, 's', 31) });
  expect(problems(cluster)).toEqual([
    "[prod] cluster 'prod' (2 management pools: management and second): the management nodes are one quorum, so they are declared in one pool; "
    + 'put their machines into one pool',
  ]);
});

test('pools can be made directly and anywhere below the chart', () => {
  const cluster = chart();
  new ManagementPool(cluster, 'management', { machines: machines(1) });
  new WorkerPool(new Construct(cluster, 'team-a'), 'gpu', { machines: machines(1, 'g', 21) });
  expect(cluster.definition.nodes.map(({ name, role, pool }) => ({ name, role, pool }))).toEqual([
    { name: 'm1', role: 'management', pool: 'management' },
    { name: 'g1', role: 'worker', pool: 'team-a/gpu' },
  ]);
});

test('management nodes come first, whichever pool was added first', () => {
  const cluster = chart();
  cluster.addWorkerPool('workers', { machines: machines(1, 'w', 21) });
  cluster.addManagementPool('management', { machines: machines(3) });
  expect(cluster.definition.nodes.map(({ name }) => name)).toEqual(['m1', 'm2', 'm3', 'w1']);
});

test('a node has what its pool and its machine say, the machine first', () => {
  const cluster = managed(1);
  const address = output<string>();
  cluster.addWorkerPool('gpu', {
    machines: [{
      name: 'g1', address, internalAddress: '10.0.0.1', zone: 'a', port: 2222, user: 'ops', hostKey: `SHA256:${'a'.repeat(43)}`,
      labels: { tier: 'gold' }, taints: [{ key: 'gpu', value: 'h100', effect: 'NoSchedule' }],
    }],
    labels: { tier: 'silver', accelerator: 'h200' },
    taints: [{ key: 'gpu', value: 'h200', effect: 'NoSchedule' }, { key: 'slow', effect: 'PreferNoSchedule' }],
  });
  expect(cluster.definition.nodes[1]).toEqual({
    name: 'g1', role: 'worker', pool: 'gpu', address, internalAddress: '10.0.0.1', zone: 'a', port: 2222, user: 'ops', hostKey: `SHA256:${'a'.repeat(43)}`,
    labels: { tier: 'gold', accelerator: 'h200', 'topology.kubernetes.io/zone': 'a' },
    taints: [{ key: 'slow', effect: 'PreferNoSchedule' }, { key: 'gpu', value: 'h100', effect: 'NoSchedule' }],
  });
  expect(cluster.definition.nodes[1]?.address).toBe(address);
});

test('the definition is frozen, and an Output in it is not', () => {
  const cluster = managed(1, { machines: [{ name: 'm1', address: output<string>() }] });
  const { definition } = cluster;
  expect(Object.isFrozen(definition) && Object.isFrozen(definition.nodes) && definition.nodes.every(Object.isFrozen)).toBe(true);
  expect(Object.isFrozen(definition.nodes[0]?.address)).toBe(false);
});

test.each([['v1.34.4+k3s1', 'k3s', 6443], ['v1.34.4+rke2r1', 'rke2', 9345]])('machines join a cluster of %s through its own port', (kubernetesVersion, distribution, port) => {
  expect(managed(1, {}, { kubernetesVersion }).definition).toMatchObject({
    distribution, registrationPort: port, registrationUrl: `https://prod.example.com:${port}`,
  });
});

test('an IPv6 registration address is put in brackets', () => {
  expect(managed(1, {}, { registrationAddress: 'fd00::1' }).definition.registrationUrl).toBe('https://[fd00::1]:6443');
});

test.each(['https://prod.example.com', 'prod.example.com:6443', 'ops@prod', 'prod/', '', '10.0.0.256', 'fe80::1%eth0'])('the registration address %p is refused', (registrationAddress) => {
  expect(problems(managed(1, {}, { registrationAddress }))).toEqual([
    `[prod] registrationAddress (${registrationAddress}): it is a host name or an IP address alone, without a scheme, a port or a path; `
    + "write it like 'prod.example.com', and the port as registrationPort",
  ]);
});

test('only the ports LLMOS accepts can be joined through', () => {
  expect(problems(managed(1, {}, { registrationPort: 443 }))).toEqual(['[prod] registrationPort (443): LLMOS joins through no other port than these two; use 6443 or 9345']);
  expect(problems(managed(1, {}, { registrationPort: 9345 }))).toEqual([]);
});

test.each([
  [{ llmosVersion: '0.3.1' }, "llmosVersion (0.3.1): the installer takes a release with v in front; write it like 'v0.3.1'"],
  [{ confirmRemoval: ['*'] }, "confirmRemoval (*): removals are confirmed by the full name of the node, one by one; write it like 'm2'"],
  [{ confirmRemoval: ['m2', { name: 'm2', removal: 'reinstall' as const }] }, 'confirmRemoval (m2): this removal is confirmed more than once, in different ways, and only one can be meant; delete all but one'],
  [{ confirmRemoval: [{ name: 'm2', drain: 'now' as 'force' }] }, "confirmRemoval of 'm2' (drain: now): that cannot be chosen; write one of 'fail', 'force', or leave it out"],
  [{ tlsSans: ['https://x'] }, "tlsSans (https://x): a certificate is for host names and IP addresses; write it like 'prod.example.com'"],
  [{ mirror: 'us' as 'cn' }, "mirror (us): LLMOS knows no such mirror; use 'cn' or leave it out"],
])('%j is refused', (props, message) => {
  expect(problems(managed(1, {}, props))).toEqual([`[prod] ${message}`]);
});

test('an older Kubernetes is refused because it cannot hold the fence', () => {
  expect(problems(managed(1, {}, { kubernetesVersion: 'v1.29.9+k3s1' }))).toEqual([
    '[prod] kubernetesVersion (v1.29.9+k3s1): Kubernetes before 1.30 does not serve ValidatingAdmissionPolicy v1, which keeps removed nodes from coming back; use 1.30 or newer',
  ]);
});

test('two machines with one name are refused wherever they are', () => {
  const cluster = managed(1);
  cluster.addWorkerPool('workers', { machines: [{ name: 'm1', address: '192.0.2.21' }] });
  expect(problems(cluster)).toEqual(["[prod] machine 'm1' (in pool 'management' and pool 'workers'): a node has a name of its own in the whole cluster; rename all but one"]);
});

test('a machine listed twice is told of once', () => {
  expect(problems(managed(3, { machines: [...machines(2), machines(1)[0]!] }))).toEqual([
    "[prod] machine 'm1' (in pool 'management'): a node has a name of its own in the whole cluster; list it once",
  ]);
});

test.each([
  ['192.0.2.11', '192.0.2.11'], ['FD00::1', 'fd00:0:0:0:0:0:0:1'], ['Host.example.com', 'host.example.com'],
])('%s and %s are one address', (first, second) => {
  const cluster = managed(1, { machines: [{ name: 'm1', address: first }] });
  cluster.addWorkerPool('workers', { machines: [{ name: 'w1', address: '192.0.2.99', internalAddress: second }] });
  expect(problems(cluster)).toEqual([expect.stringMatching(/^\[prod\] address .* \(of machine 'm1' and machine 'w1'\): two nodes at one address are one machine/)]);
});

test('a machine may have one address for both', () => {
  expect(problems(managed(1, { machines: [{ name: 'm1', address: '10.0.0.1', internalAddress: '10.0.0.1' }] }))).toEqual([]);
});

test('addresses that are still Outputs are equal to none', () => {
  const unknown = output<string>();
  expect(problems(managed(3, { machines: machines(3).map((machine) => ({ ...machine, address: unknown })) }))).toEqual([]);
});

test('a machine beyond the count is not compared', () => {
  const cluster = managed(3, { count: 1 });
  cluster.addWorkerPool('workers', { machines: [{ name: 'm2', address: '192.0.2.12' }] });
  expect(problems(cluster)).toEqual([]);
});

test('Output-valued counts, lists, names and zones are refused at once', () => {
  const refusal = /\(an Output\): .* is what people review .*; write a plain value; only address, internalAddress and hostKey of a machine may be Outputs$/;
  expect(() => chart().addWorkerPool('w', { machines: machines(2), count: output<number>() })).toThrow(refusal);
  expect(() => chart().addWorkerPool('w', { machines: output<never[]>() })).toThrow(refusal);
  expect(() => chart().addWorkerPool('w', { machines: [{ name: output<string>(), address: 'w1' }] })).toThrow(refusal);
  expect(() => chart().addManagementPool('m', { machines: [{ name: 'm1', address: 'm1', zone: output<string>() }] })).toThrow(refusal);
  expect(() => chart().addManagementPool('m', { machines: machines(1), count: Promise.resolve(1) as unknown as number })).toThrow(refusal);
  expect(() => chart({ registrationAddress: output<string>() })).toThrow(refusal);
});

test('all problems are reported at once, by synthesis and by validation alike', () => {
  const cluster = chart({ kubernetesVersion: '1.29', registrationAddress: 'https://prod' });
  cluster.addManagementPool('management', { machines: machines(2), failureTolerance: 1 });
  cluster.addWorkerPool('gpu', { machines: [{ name: 'GPU', address: '192.0.2.11' }], count: 2, labels: { 'no good': '' }, taints: [{ key: 'a', effect: 'Never' as 'NoExecute' }] });

  const found = problems(cluster);
  expect(found.map((problem) => problem.slice(0, problem.indexOf(':')))).toEqual([
    '[prod] kubernetesVersion (1.29)',
    '[prod] registrationAddress (https',
    "[prod] address 192.0.2.11 (of machine 'm1' and machine 'GPU')",
    "[prod/management] management pool 'management' (2 nodes)",
    "[prod/management] failureTolerance of management pool 'management' (1)",
    "[prod/gpu] count of worker pool 'gpu' (2)",
    "[prod/gpu] label 'no good' of worker pool 'gpu'",
    "[prod/gpu] taint of worker pool 'gpu' (a",
    "[prod/gpu] machine 'GPU'",
  ]);
  let thrown: unknown;
  try {
    cluster.validate();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(DefinitionError);
  expect((thrown as DefinitionError).problems).toEqual(found);
  expect((thrown as DefinitionError).stack).toBe((thrown as DefinitionError).message);
  expect(() => cluster.definition).toThrow(DefinitionError);
});
