import { describeMeanwhile } from '../../src/quorum';

test.each([
  [3, 2, '2 of 3 voters answer, majority 2: no further failure is tolerated'],
  [5, 4, '4 of 5 voters answer, majority 3: 1 further failure is tolerated'],
  [7, 6, '6 of 7 voters answer, majority 4: 2 further failures are tolerated'],
  [2, 1, '1 of 2 voters answers, majority 2: the cluster stands still'],
])('of %i voters %i answer meanwhile', (voters, answering, sentence) => {
  expect(describeMeanwhile(voters, answering)).toBe(sentence);
});
