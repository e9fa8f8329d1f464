import { describeQuorum } from '../../src/quorum';

test.each([
  [0, 'no management nodes: no cluster'],
  [1, '1 management node: majority 1, tolerates no failure'],
  [2, '2 management nodes: majority 2, tolerates no failure'],
  [3, '3 management nodes: majority 2, tolerates 1 failure'],
  [5, '5 management nodes: majority 3, tolerates 2 failures'],
])('%i voters are described in one line', (voters, line) => {
  expect(describeQuorum(voters)).toBe(line);
});

test.each([
  ['three zones', ['a', 'b', 'c'], '3 management nodes: majority 2, tolerates 1 failure or the loss of any zone'],
  ['five zones', ['a', 'b', 'c', 'd', 'e'], '5 management nodes: majority 3, tolerates 2 failures or the loss of any 2 zones'],
  ['one zone too full', ['a', 'a', 'b'], '3 management nodes: majority 2, tolerates 1 failure, but not the loss of zone a (2 nodes)'],
  ['a zone unknown', ['a', 'b', undefined], '3 management nodes: majority 2, tolerates 1 failure, but not the loss of zone a (2 nodes, counting 1 without a zone)'],
  ['no zone known', [undefined, undefined, undefined], '3 management nodes: majority 2, tolerates 1 failure'],
  ['nothing to lose', ['a'], '1 management node: majority 1, tolerates no failure'],
])('with %s the line speaks of zones where there is something to say', (_, zones, line) => {
  expect(describeQuorum(zones.length, zones)).toBe(line);
});

test('as many zones as voters are asked for', () => {
  expect(() => describeQuorum(3, ['a'])).toThrow(RangeError);
});

test('a number that is not one of voters is refused', () => {
  expect(() => describeQuorum(-1)).toThrow(RangeError);
});
