import fc from 'fast-check';

import { inOrder, quantity, SORT_KEYS, type SortKey } from '../../src/cli/nodes-order';
import { nodesReport } from '../../src/cli/nodes-report';
import { look, node } from './nodes-looks';

const { nodes } = nodesReport(look([
  node('w10', { zone: 'a', cpu: '4', memory: '1Gi', createdAt: '2026-01-03T00:00:00Z' }), node('m2', { zone: 'b', ready: false, cpu: '3900m', memory: '900Mi', createdAt: '2026-01-02T00:00:00Z' }),
  node('m10', { cpu: '64', memory: '1048577Ki', createdAt: '2026-01-01T00:00:00Z', unschedulable: true }),
]));
const names = (key?: SortKey) => inOrder(nodes, key).map(({ name }) => name);

test.each<[SortKey | undefined, string[]]>([
  [undefined, ['m2', 'm10', 'w10']], ['name', ['m2', 'm10', 'w10']], ['role', ['m2', 'm10', 'w10']], ['zone', ['w10', 'm2', 'm10']], ['age', ['m10', 'm2', 'w10']],
  ['state', ['m2', 'm10', 'w10']], ['cpu', ['m10', 'w10', 'm2']], ['memory', ['m10', 'w10', 'm2']],
])('by %s', (key, expected) => {
  expect(names(key)).toEqual(expected);
});

test('every order is the same whatever the order before', () => {
  fc.assert(fc.property(fc.shuffledSubarray([...nodes], { minLength: nodes.length }), fc.constantFrom(...SORT_KEYS), (shuffled, key) => {
    expect(inOrder(shuffled, key)).toEqual(inOrder(nodes, key));
  }));
});

test('quantities are compared as numbers', () => {
  expect(['3900m', '8', '16777216Ki', '16Gi', '1G', 'much'].map(quantity)).toEqual([3.9, 8, 2 ** 34, 2 ** 34, 1e9, 0]);
});
