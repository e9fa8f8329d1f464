import * as fc from 'fast-check';
import { failureTolerance, majority, quorumFigures } from '../../src/quorum';

test.each([
  [1, 1, 0],
  [2, 2, 0],
  [3, 2, 1],
  [4, 3, 1],
  [5, 3, 2],
  [6, 4, 2],
  [7, 4, 3],
])("%i voters have majority %i and tolerate %i failures, as LLMOS's own table says", (voters, needed, tolerated) => {
  expect(majority(voters)).toBe(needed);
  expect(failureTolerance(voters)).toBe(tolerated);
  expect(quorumFigures(voters)).toEqual({ voters, majority: needed, failureTolerance: tolerated });
});

const voters = fc.integer({ min: 1, max: 1_000_000 });

test('two majorities always share a voter, and no smaller number makes sure of it', () => {
  fc.assert(fc.property(voters, (n) => 2 * majority(n) > n && 2 * (majority(n) - 1) <= n));
});

test('losing as many voters as are tolerated leaves a majority, and losing one more does not', () => {
  fc.assert(fc.property(voters, (n) => n - failureTolerance(n) >= majority(n) && n - failureTolerance(n) - 1 < majority(n)));
});

test('an even number of voters tolerates no more failures than the odd number below it', () => {
  fc.assert(fc.property(voters, (n) => failureTolerance(2 * n) === failureTolerance(2 * n - 1)));
});

test.each([0, -1, 2.5, NaN, Infinity])('%p is not a number of voters that has a majority', (value) => {
  expect(() => majority(value)).toThrow(RangeError);
  expect(() => failureTolerance(value)).toThrow(RangeError);
  expect(() => majority(value)).toThrow(`voters (${value}): only 1 or more voters, in whole numbers, have a majority`);
});

test('a cluster that does not exist needs nobody and tolerates nothing', () => {
  expect(quorumFigures(0)).toEqual({ voters: 0, majority: 0, failureTolerance: 0 });
  expect(() => quorumFigures(-1)).toThrow(RangeError);
});
