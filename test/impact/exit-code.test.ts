import { EXIT_CODES, FAIL_ON, FINDING_KINDS, exitCode, type FindingKind } from '../../src/impact';

function code(kinds: readonly FindingKind[], failOn?: Parameters<typeof exitCode>[1]): number {
  return exitCode({ findings: kinds.map(kind => ({ kind, message: kind })) }, failOn);
}

test('each finding has a code of its own, and none is that of a command that failed', () => {
  expect(EXIT_CODES).toEqual({ unknown: 2, invalid: 3, unsafe: 4, unconfirmed: 5, lowered: 6 });
});

test('where several hold, the code is that of the worst, in whatever order they are told', () => {
  expect(code([])).toBe(0);
  FINDING_KINDS.forEach((kind, index) => expect(code([...FINDING_KINDS.slice(index)].reverse())).toBe(EXIT_CODES[kind]));
});

test('failOn is the mildest finding that counts', () => {
  expect(FAIL_ON).toEqual(['never', 'unknown', 'invalid', 'unsafe', 'unconfirmed', 'lowered']);
  expect(code(['lowered'], 'unconfirmed')).toBe(0);
  expect(code(['unconfirmed', 'lowered'], 'unconfirmed')).toBe(5);
  expect(code(['unconfirmed', 'lowered'], 'unsafe')).toBe(0);
  expect(code(['unknown'], 'never')).toBe(0);
});
