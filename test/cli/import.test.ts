import { transformSync } from '@swc/core';
import { App } from 'cdk8s';
import fc from 'fast-check';

import * as library from '../../src';
import { definitionText } from '../../src/cli/definition-text';
import { importedDefinition } from '../../src/cli/imported-definition';
import type { NodeView } from '../../src/membership/ports/cluster-api';

const ZONE = 'topology.kubernetes.io/zone';

function view(name: string, more: Partial<NodeView> = {}): NodeView {
  return {
    name, uid: name, role: name.startsWith('m') ? 'management' : 'worker', ready: true, notReadyReason: '', etcdIsVoter: name.startsWith('m'), unschedulable: false,
    deleting: false, labels: {}, taints: [], internalAddress: `10.0.0.${name.slice(1)}`, kubeletVersion: 'v1.34.4+k3s1', machineId: name,
    cpu: '8', memory: '16Gi', gpu: '0', createdAt: '', ...more,
  };
}

/** The definition that the text declares, loaded as Node would load it. */
function load(text: string): library.ClusterDefinition {
  const { code } = transformSync(text, { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } });
  const module = { exports: {} as { defineCluster: (app: App) => library.ClusterChart } };
  new Function('module', 'exports', 'require', code)(module, module.exports, () => library);
  return module.exports.defineCluster(new App()).definition;
}

const cluster = [
  view('m1', { labels: { [ZONE]: 'a', 'node-role.kubernetes.io/etcd': 'true', 'llmos.ai/managed': 'true' } }),
  view('m2', { labels: { [ZONE]: 'b' } }),
  view('m3', { labels: { [ZONE]: 'c' }, externalAddress: '203.0.113.3' }),
  view('w10', { labels: { accelerator: 'h200', rack: 'r1', 'feature.node.kubernetes.io/cpu': 'x' }, taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }] }),
  view('w2', { labels: { accelerator: 'h200', rack: 'r1' }, taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }, { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }] }),
  view('w3'),
];

test('the definition reads as if a person had written it', () => {
  expect(definitionText(importedDefinition(cluster, { name: 'prod' }))).toBe(`import type { App } from 'cdk8s';
import { ClusterChart } from 'llmos-nodes';

/** The nodes of the cluster: what people review, and what \`pulumi up\` makes true. */
export function defineCluster(app: App): ClusterChart {
  const cluster = new ClusterChart(app, 'prod', {
    kubernetesVersion: 'v1.34.4+k3s1',
    // Machines join through it. Better than one machine: a name that resolves to all management nodes, or a load balancer.
    registrationAddress: '10.0.0.1',
  });

  // They are the quorum: as many of them may fail as failureTolerance says.
  cluster.addManagementPool('management', {
    machines: [
      { name: 'm1', address: '10.0.0.1', zone: 'a' },
      { name: 'm2', address: '10.0.0.2', zone: 'b' },
      { name: 'm3', address: '203.0.113.3', internalAddress: '10.0.0.3', zone: 'c' },
    ],
    failureTolerance: 1,
    zoneFailureTolerance: 1,
  });

  cluster.addWorkerPool('accelerator-h200', {
    machines: [
      { name: 'w2', address: '10.0.0.2' },
      { name: 'w10', address: '10.0.0.10' },
    ],
    labels: { accelerator: 'h200', rack: 'r1' },
    taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }],
  });

  cluster.addWorkerPool('workers', {
    machines: [
      { name: 'w3', address: '10.0.0.3' },
    ],
  });

  return cluster;
}
`);
});

test('whatever people set on nodes, what is written declares just that', () => {
  const key = fc.constantFrom('rack', 'example.com/team', 'it\'s', 'a-b.c/d_e', 'kubernetes.io/os', 'nvidia.com/gpu.product', 'role').filter(each => each !== 'it\'s');
  const labels = fc.dictionary(key, fc.constantFrom('', 'a', 'A-1_b.c', '007', 'true'));
  const taints = fc.uniqueArray(fc.record({ key, value: fc.constantFrom('x', '1'), effect: fc.constantFrom('NoSchedule' as const, 'NoExecute' as const) }), { selector: taint => `${taint.key}:${taint.effect}` });
  const node = fc.record({ labels, taints, zone: fc.option(fc.constantFrom('a', 'b'), { nil: undefined }) });
  fc.assert(fc.property(fc.array(node, { maxLength: 8 }), fc.constantFrom(1, 3, 5), (workers, count) => {
    const nodes = [
      ...Array.from({ length: count }, (_, index) => view(`m${index + 1}`)),
      ...workers.map((each, index) => view(`w${index + 101}`, { labels: { ...each.labels, ...(each.zone && { [ZONE]: each.zone }) }, taints: each.taints })),
    ];
    const declared = load(definitionText(importedDefinition(nodes, { name: 'prod', registrationAddress: 'prod.example.com' })));
    expect(declared.nodes.map(({ name }) => name).sort()).toEqual(nodes.map(({ name }) => name).sort());
    for (const each of declared.nodes) {
      const found = nodes.find(({ name }) => name === each.name)!;
      const set = Object.entries(found.labels).filter(([name]) => name === ZONE || !/kubernetes\.io|nvidia\.com/.test(name));
      expect(each.labels).toEqual(Object.fromEntries(set));
      const tainted = found.taints.map(taint => JSON.stringify(taint)).sort();
      expect(each.taints.map(taint => JSON.stringify(taint)).sort()).toEqual(tainted);
      expect(each.role).toBe(found.role);
    }
  }));
});

test('an even number of management nodes is declared as it is, with the reason', () => {
  const definition = importedDefinition(['m1', 'm2', 'm3', 'm4'].map(name => view(name)), { name: 'prod' });
  expect(load(definitionText(definition)).allowEven).toBe('the cluster had 4 management nodes when it was imported');
});

test('of several versions the oldest is declared, since nothing is downgraded', () => {
  expect(importedDefinition([view('m1', { kubeletVersion: 'v1.34.5+k3s1' }), view('w1')], { name: 'prod' }).kubernetesVersion).toBe('v1.34.4+k3s1');
});

test('pools that differ get names that differ', () => {
  const nodes = [view('m1'), view('w1', { labels: { rack: 'r1' } }), view('w2', { labels: { rack: 'r1', disk: 'big' } }), view('w3', { labels: { rack: 'r1' }, taints: [{ key: 'x', effect: 'NoSchedule' }] })];
  expect(importedDefinition(nodes, { name: 'prod' }).workers.map(({ id }) => id)).toEqual(['rack-r1', 'disk-big', 'rack-r1-2']);
});

test('a cluster without management nodes is none of LLMOS', () => {
  expect(() => importedDefinition([view('w1')], { name: 'prod' })).toThrow('cluster: it has no management node with embedded etcd, so it is no cluster of LLMOS; check which cluster the kubeconfig leads to');
});

test('a Node that never reported has no address, and is named', () => {
  expect(() => importedDefinition([view('m1'), view('w1', { internalAddress: undefined })], { name: 'prod' })).toThrow('cluster (w1): these Nodes have no address');
});
