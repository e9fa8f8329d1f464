import fc from 'fast-check';
import { failureTolerance } from '../../src/quorum';
import { machines, managed, problems } from './definitions';

test.each([1, 3, 5, 7])('%i management nodes are accepted', (size) => {
  expect(problems(managed(size))).toEqual([]);
});

test('2 management nodes are refused because they are worse than 1', () => {
  expect(problems(managed(2))).toEqual([
    "[prod/management] management pool 'management' (2 nodes): losing either of 2 management nodes stops the cluster, so 2 are worse than 1; "
    + "use 1 or 3, or say why in allowEven: '<reason>'",
  ]);
});

test.each([[4, '3 or 5'], [6, '5 or 7']])('%i management nodes are refused and the odd sizes next to them are named', (size, nearest) => {
  expect(problems(managed(size))).toEqual([expect.stringMatching(new RegExp(`management pool 'management' \\(${size} nodes\\): .*; use ${nearest}, or say why`))]);
});

test('an even size is accepted with a reason, and the reason is rendered for review', () => {
  const cluster = managed(4, { allowEven: 'm1 is replaced this week' });
  expect(problems(cluster)).toEqual([]);
  expect(JSON.stringify(cluster.toJson())).toContain('allowEven: m1 is replaced this week');
});

test('an empty reason does not allow an even size', () => {
  expect(problems(managed(4, { allowEven: ' ' }))).toEqual([
    "[prod/management] allowEven of management pool 'management' (' '): it is the reason, for those who review; write why an even number is wanted, or leave it out",
    expect.stringContaining('(4 nodes)'),
  ]);
});

test.each([0, 8, 9])('%i management nodes are refused whatever the reason', (size) => {
  expect(problems(managed(size, { allowEven: 'because' }))).toEqual([expect.stringContaining(`management pool 'management' (${size} nodes)`)]);
});

test('the first machines of an inventory are used, as many as counted', () => {
  const cluster = managed(5, { count: 3 });
  expect(cluster.definition.nodes.map((node) => node.name)).toEqual(['m1', 'm2', 'm3']);
});

test.each([[4, 'add machines or lower the count'], [-1, 'correct the count'], [1.5, 'correct the count'], [Number.NaN, 'correct the count']])(
  'a count of %d over 3 machines is refused',
  (count, remedy) => {
    expect(problems(managed(3, { count }))).toContain(
      `[prod/management] count of management pool 'management' (${count}): its inventory has 3 machines, and a count is a whole number from 0 to that; ${remedy}`,
    );
  },
);

test('a failure tolerance that the size does not give is refused with the size that does', () => {
  expect(problems(managed(3, { failureTolerance: 2 }))).toEqual([
    "[prod/management] failureTolerance of management pool 'management' (2): 3 management nodes with a majority of 2 can lose 1; use 5 nodes, or declare 1",
  ]);
});

test('a failure tolerance that no size gives is refused', () => {
  expect(problems(managed(7, { failureTolerance: 4 }))).toEqual([expect.stringMatching(/can lose 3; declare 3 at most, with 7 nodes$/)]);
});

test('a failure tolerance is refused exactly when the size does not give it', () => {
  fc.assert(fc.property(fc.constantFrom(1, 3, 5, 7), fc.nat(5), (size, declared) => {
    expect(problems(managed(size, { failureTolerance: declared })).length).toBe(declared <= failureTolerance(size) ? 0 : 1);
  }));
});

test.each(['failureTolerance', 'zoneFailureTolerance'] as const)('a %s that is no whole number is refused', (property) => {
  expect(problems(managed(3, { [property]: -1 }))).toEqual([
    `[prod/management] ${property} of management pool 'management' (-1): it is how many may fail at once; write a whole number from 0 on`,
  ]);
});

test('zones of which one holds the majority do not tolerate the loss of a zone', () => {
  const unlucky = machines(3).map((machine, index) => ({ ...machine, zone: index < 2 ? 'a' : 'b' }));
  expect(problems(managed(3, { machines: unlucky, zoneFailureTolerance: 1 }))).toEqual([
    "[prod/management] zoneFailureTolerance of management pool 'management' (1): losing zone a takes 2 of 3 management nodes and leaves 1, "
    + 'less than the majority of 2; spread the nodes over at least 3 zones, as evenly as can be, or declare 0',
  ]);
});

test('a zone tolerance needs the zone of every management machine', () => {
  const homeless = machines(3).map(({ name, address }) => ({ name, address, zone: name === 'm1' ? 'a' : undefined }));
  expect(problems(managed(3, { machines: homeless, zoneFailureTolerance: 1 }))).toEqual([
    "[prod/management] zoneFailureTolerance of management pool 'management' (1): it is not known which zone m2 and m3 would fail with; give each of these machines a 'zone'",
  ]);
});

test('5 nodes in 5 zones tolerate the loss of 2 zones', () => {
  expect(problems(managed(5, { zoneFailureTolerance: 2, failureTolerance: 2 }))).toEqual([]);
});
