import { abandonedLabels } from '../../../src/adapters/kubernetes/node-labels';

function node(...managers: readonly [manager: string, operation: string, ...labels: string[]][]) {
  return {
    metadata: {
      managedFields: managers.map(([manager, operation, ...labels]) => ({
        manager, operation, fieldsV1: { 'f:metadata': { 'f:labels': { '.': {}, ...Object.fromEntries(labels.map((label) => [`f:${label}`, {}])) } } },
      })),
    },
  };
}

test('a label we no longer declare is taken off although the node registered with it', () => {
  for (const own of ['kubelet', 'k3s', 'rke2']) {
    expect(abandonedLabels(node(['llmos-nodes', 'Apply', 'tier', 'rack'], [own, 'Update', 'tier', 'kubernetes.io/os']), { rack: 'r1' })).toEqual(['tier']);
  }
});

test('a label that somebody else set as well is left to them', () => {
  expect(abandonedLabels(node(['llmos-nodes', 'Apply', 'tier'], ['kubectl-label', 'Update', 'tier']), {})).toEqual([]);
});

test('labels that were never ours are left alone', () => {
  expect(abandonedLabels(node(['llmos-nodes', 'Update', 'tier'], ['kubelet', 'Update', 'zone']), {})).toEqual([]);
  expect(abandonedLabels({ metadata: { name: 'w1' } }, {})).toEqual([]);
});
