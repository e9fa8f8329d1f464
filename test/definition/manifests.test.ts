import { parse } from 'yaml';
import { MEMBERSHIP_CONFIG_MAP, MEMBERSHIP_KEY, type ClusterChart } from '../../src/definition';
import { REMOVED_NODES_CONFIG_MAP } from '../../src/llmos/fence';
import { machines, managed, output } from './definitions';

function complete(): ClusterChart {
  const cluster = managed(3, { failureTolerance: 1, zoneFailureTolerance: 1 }, { llmosVersion: 'v0.3.1', mirror: 'cn', confirmRemoval: ['w9', { name: 'm9', removal: 'unreachable' }] });
  cluster.addWorkerPool('gpu', {
    machines: [
      { name: 'g1', address: output(), internalAddress: '10.0.0.21', zone: 'a', labels: { 'example.com/accelerator': 'h100', spare: 'true' } },
      { name: 'g2', address: '192.0.2.22', taints: [{ key: 'example.com/burn-in', effect: 'NoExecute' }] },
      { name: 'g3', address: '192.0.2.23' },
    ],
    count: 2,
    labels: { 'example.com/accelerator': 'h200' },
    taints: [{ key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' }],
  });
  return cluster;
}

function membership(cluster: ClusterChart): string {
  return cluster.toJson().find((manifest) => manifest.metadata.name === MEMBERSHIP_CONFIG_MAP).data[MEMBERSHIP_KEY];
}

test('the manifests of a cluster', () => {
  expect(complete().toJson()).toMatchSnapshot();
});

test('the membership is one line for each node', () => {
  expect(membership(complete())).toMatchInlineSnapshot(`
"cluster: prod
kubernetes: v1.34.4+k3s1
llmos: v0.3.1
registration: https://prod.example.com:6443
settings:
  mirror: cn
quorum: "3 management nodes: majority 2, tolerates 1 failure or the loss of any zone"
declared:
  failureTolerance: 1
  zoneFailureTolerance: 1
confirmRemoval:
  - w9
  - { name: m9, removal: unreachable }
pools:
  management:
    role: management
    size: 3
    nodes:
      m1: { zone: a, address: 192.0.2.11 }
      m2: { zone: b, address: 192.0.2.12 }
      m3: { zone: c, address: 192.0.2.13 }
  gpu:
    role: worker
    size: 2 of 3 machines
    labels:
      example.com/accelerator: h200
    taints:
      - nvidia.com/gpu=present:NoSchedule
    nodes:
      g1: { zone: a, address: <known after apply>, internalAddress: 10.0.0.21, labels: { example.com/accelerator: h100, spare: "true" } }
      g2: { address: 192.0.2.22, taints: [ example.com/burn-in:NoExecute ] }
"
`);
});

test('adding a node changes the lines that speak of it and no others', () => {
  const lines = (count: number): Set<string> => {
    const cluster = managed(1);
    cluster.addWorkerPool('workers', { machines: machines(12, 'worker-with-a-name-', 21), count });
    return new Set(membership(cluster).split('\n'));
  };
  const before = lines(9);
  expect([...lines(10)].filter((line) => !before.has(line))).toEqual([
    '    size: 10 of 12 machines',
    '      worker-with-a-name-10: { zone: j, address: 192.0.2.30 }',
  ]);
});

test('programs can read the membership', () => {
  expect(parse(membership(complete())).pools.gpu.nodes.g1).toEqual({
    zone: 'a', address: '<known after apply>', internalAddress: '10.0.0.21', labels: { 'example.com/accelerator': 'h100', spare: 'true' },
  });
});

test('nodes stay in the order of their pool even where names are numbers', () => {
  const names = ['20', '3', '100'];
  const text = membership(managed(3, { machines: names.map((name) => ({ name, address: `n${name}` })) }));
  expect([...text.matchAll(/^ {6}"?(\d+)"?: \{/gm)].map(([, name]) => name)).toEqual(names);
});

test('the list of removed names is never rendered, so that applying the chart cannot empty it', () => {
  expect(complete().toJson().filter((manifest) => manifest.metadata.name === REMOVED_NODES_CONFIG_MAP)).toEqual([]);
});

test('ten thousand nodes make no more objects than one, and one ConfigMap holds them', () => {
  const cluster = managed(1);
  const few = cluster.toJson().length;
  cluster.addWorkerPool('workers', {
    machines: Array.from({ length: 10_000 }, (_, index) => ({ name: `worker-${index}`, address: `10.1.${index >> 8}.${index & 255}`, zone: `zone-${index % 7}` })),
  });
  expect(cluster.toJson()).toHaveLength(few);
  expect(cluster.definition.nodes).toHaveLength(10_001);
});

test('a membership that does not fit into a ConfigMap is refused', () => {
  const cluster = managed(1);
  cluster.addWorkerPool('workers', {
    machines: Array.from({ length: 10_000 }, (_, index) => ({ name: `w${index}`, address: `w${index}`, labels: { a: 'a'.repeat(63), b: 'b'.repeat(63) } })),
  });
  expect(() => cluster.toJson()).toThrow(/membership of cluster 'prod' \(\d+ bytes\): a ConfigMap holds 1044480 bytes; say labels and taints that the machines of a pool share once, on the pool$/);
});
