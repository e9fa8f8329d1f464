import { howToConfirm, isSameRemoval, mergeConfirmations, readConfirmations } from '../../src/llmos/removal';
import { formatProblem } from '../../src/problem';

const problemsOf = (written: unknown) => readConfirmations(written, 'confirmRemoval').problems.map(formatProblem);

test('a removal is confirmed by a name alone, or by a name with choices', () => {
  expect(readConfirmations(['m2', { name: 'm3', removal: 'unreachable', drain: 'force', barePods: 'delete' }, 7], 'confirmRemoval')).toEqual({
    removals: [{ name: 'm2' }, { name: 'm3', removal: 'unreachable', drain: 'force', barePods: 'delete' }, { name: '7' }], problems: [],
  });
});

test('everything that is wrong is said at once, and what could be read is kept', () => {
  const written = ['m1', '', { removal: 'unreachable' }, { name: 'm2', removal: 'dead' }, { name: 'm3', force: true, barePods: 1 }, ['m4']];
  expect(problemsOf(written)).toEqual([
    "confirmRemoval (): removals are confirmed by the full name of the node, one by one; write a name, 'm2', or { name: 'm2', removal: 'unreachable' }",
    "confirmRemoval ({\"removal\":\"unreachable\"}): removals are confirmed by the full name of the node, one by one; write a name, 'm2', or { name: 'm2', removal: 'unreachable' }",
    "confirmRemoval of 'm2' (removal: dead): that cannot be chosen; write one of 'clean', 'unreachable', 'reinstall', or leave it out",
    "confirmRemoval of 'm3' (force: true): there is no such choice; the choices are removal, drain, barePods, vote",
    "confirmRemoval of 'm3' (barePods: 1): that cannot be chosen; write one of 'keep', 'delete', or leave it out",
    "confirmRemoval ([\"m4\"]): removals are confirmed by the full name of the node, one by one; write a name, 'm2', or { name: 'm2', removal: 'unreachable' }",
  ]);
  expect(readConfirmations(written, 'confirmRemoval').removals).toEqual([{ name: 'm1' }]);
});

test('anything but a list is refused', () => {
  expect(problemsOf({ name: 'm2' })).toEqual(["confirmRemoval ({\"name\":\"m2\"}): it is a list; write a name, 'm2', or { name: 'm2', removal: 'unreachable' }"]);
});

test('a name may be confirmed twice in one way', () => {
  expect(readConfirmations(['m2', 'm2', { name: 'm2', removal: 'clean', drain: 'fail', barePods: 'keep' }], 'confirmRemoval')).toEqual({ removals: [{ name: 'm2' }], problems: [] });
});

test('a name that is confirmed in two ways is refused, in one list or in two', () => {
  const refusal = 'this removal is confirmed more than once, in different ways, and only one can be meant; delete all but one';
  expect(problemsOf(['m2', { name: 'm2', removal: 'unreachable' }, 'm2'])).toEqual([`confirmRemoval (m2): ${refusal}`]);
  expect(mergeConfirmations([[{ name: 'm2' }], [{ name: 'm2', drain: 'force' }]], 'both').problems.map(formatProblem)).toEqual([`both (m2): ${refusal}`]);
});

test('what is left out is its default', () => {
  expect(isSameRemoval({ name: 'm2' }, { name: 'm2', removal: 'clean' })).toBe(true);
  expect(isSameRemoval({ name: 'm2' }, { name: 'm3' })).toBe(false);
});

test('what to type counts on from the entries that the stack\'s list has', () => {
  expect(howToConfirm(['w2', 'm5'])).toBe("pulumi config set --path 'llmos:confirmRemoval[0]' w2 && pulumi config set --path 'llmos:confirmRemoval[1]' m5");
  expect(howToConfirm(['w2'], 3)).toBe("pulumi config set --path 'llmos:confirmRemoval[3]' w2");
});

test('what to type repeats a list that is a text, as a path set into it would replace it', () => {
  expect(howToConfirm(['w2'], 'm5, m6')).toBe("pulumi config set llmos:confirmRemoval 'm5, m6, w2'");
});
