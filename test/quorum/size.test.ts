import * as fc from 'fast-check';
import { checkSize, MAX_VOTERS, SIZES } from '../../src/quorum';

test('the allowed sizes are the odd ones from 1 to 7', () => {
  expect(Array.from({ length: 12 }, (_, size) => size).filter((size) => checkSize(size).ok)).toEqual([1, 3, 5, 7]);
});

test.each([
  [-3, [1], false, 'a cluster needs at least 1 management node'],
  [0, [1], false, 'a cluster needs at least 1 management node'],
  [2, [1, 3], true, 'losing either of 2 management nodes stops the cluster, so 2 are worse than 1'],
  [4, [3, 5], true, '4 management nodes tolerate 1 failure, no more than 3 do, and there is one more node to fail'],
  [6, [5, 7], true, '6 management nodes tolerate 2 failures, no more than 5 do, and there is one more node to fail'],
  [8, [7], false, 'more than 7 management nodes slow every write down, which a majority of them has to store'],
  [9, [7], false, 'more than 7 management nodes slow every write down, which a majority of them has to store'],
  [2.5, [1, 3, 5, 7], false, 'a number of nodes is a whole number'],
  [NaN, [1, 3, 5, 7], false, 'a number of nodes is a whole number'],
])('%p management nodes are refused, and %j are named instead', (size, nearest, even, reason) => {
  expect(checkSize(size)).toEqual({ ok: false, reason, nearest, even });
});

test('what is named instead is never empty and always allowed', () => {
  fc.assert(
    fc.property(fc.oneof(fc.integer(), fc.double()), (size) => {
      const verdict = checkSize(size);
      return verdict.ok || (verdict.nearest.length > 0 && verdict.nearest.every((nearest) => checkSize(nearest).ok));
    }),
  );
});

test('growing by one odd size never needs more voters than a transition may have', () => {
  expect(Math.max(...SIZES)).toBeLessThan(MAX_VOTERS);
});
