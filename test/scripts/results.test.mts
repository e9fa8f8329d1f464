import { inOneLine, sum } from '../../scripts/results.mjs';

const result = (counts: { passed?: number; failed?: number; skipped?: string[]; brokenSuites?: number }) => {
  const { passed = 0, failed = 0, skipped = [], brokenSuites = 0 } = counts;
  return {
    numTotalTests: passed + failed + skipped.length,
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: skipped.length,
    numTodoTests: 0,
    numRuntimeErrorTestSuites: brokenSuites,
    success: failed + brokenSuites === 0,
    testResults: [{ name: 'a.test.ts', assertionResults: skipped.map((fullName) => ({ fullName, status: 'pending' })) }],
  };
};

test('counts are summed over the projects', () => {
  const total = sum({ unit: result({ passed: 40 }), e2e: result({ passed: 2 }) });
  expect(total).toEqual({ passed: 42, failed: 0, skipped: [], complaints: [] });
  expect(inOneLine(total)).toBe('42 passed, 0 failed, 0 skipped');
});

test('skipped tests are listed by name', () => {
  const total = sum({ e2e: result({ passed: 1, skipped: ['up joins a worker'] }) });
  expect(total.skipped).toEqual(['e2e: up joins a worker']);
  expect(inOneLine(total)).toBe('1 passed, 0 failed, 1 skipped');
});

test('a project that left no results is a complaint', () => {
  expect(sum({ unit: result({ passed: 1 }), lab: undefined }).complaints).toEqual(['lab: no results were written']);
});

test('a project in which no test was found is a complaint, unless some tests only were asked for', () => {
  expect(sum({ unit: result({}) }).complaints).toEqual(['unit: no test was found']);
  expect(sum({ unit: result({}) }, { mayBeEmpty: true }).complaints).toEqual([]);
});

test('a suite that could not be loaded counts as a failure', () => {
  const total = sum({ unit: result({ passed: 3, brokenSuites: 1 }) });
  expect(total).toMatchObject({ passed: 3, failed: 1, complaints: ['unit: 1 failed'] });
});
