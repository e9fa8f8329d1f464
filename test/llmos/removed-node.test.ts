import { entryChanges, mayComeBack, readEntries, readEntry, readTokenChange } from '../../src/llmos/removed-node';

const removedAt = '2026-05-01T08:00:00.000Z';

test('a bare date is the entry of a machine that was cleaned, as older releases wrote it', () => {
  expect(readEntry('m2', removedAt)).toEqual({ name: 'm2', fenced: true, removedAt, removal: 'clean' });
  expect(entryChanges.fence('m2', { removal: 'clean' }, removedAt)).toEqual({ m2: removedAt });
});

test('an entry is read as it was written', () => {
  const record = { removal: 'unreachable', machineId: 'a'.repeat(32), tokenRotation: 'due' } as const;
  const { m2 } = entryChanges.fence('m2', record, removedAt);
  expect(readEntry('m2', m2!)).toEqual({ name: 'm2', fenced: true, removedAt, ...record });
});

test.each(['', 'by hand', '5', 'null'])('an entry that somebody else wrote (%j) fences its name all the same', value => {
  expect(readEntry('m2', value)).toMatchObject({ name: 'm2', fenced: true, removal: 'clean' });
});

test.each([['due', true], ['begun', true], ['done', false], [undefined, false]] as const)('with the change of the token %s, that a machine may come back is %s', (tokenRotation, expected) => {
  expect(mayComeBack({ removal: 'unreachable', tokenRotation })).toBe(expected);
});

test('a name that is let in again while its old machine knows the token leaves that behind, where it keeps nobody out', () => {
  const removed = readEntry('m2', entryChanges.fence('m2', { removal: 'unreachable', tokenRotation: 'due' }, removedAt).m2!);
  const { m2, ...left } = entryChanges.unfence(removed);
  expect(m2).toBeNull();
  const [[key, value]] = Object.entries(left) as [[string, string]];
  expect(readEntry(key, value)).toEqual({ ...removed, fenced: false });
  // No Node can have that name.
  expect(key).toMatch(/_/);
  expect(entryChanges.beginTokenChange('m1', [readEntry(key, value)])).toMatchObject({ [key]: expect.stringContaining('"begun"') });
  expect(entryChanges.endTokenChange([readEntry(key, value)])).toMatchObject({ [key]: null });
});

test('a change of the token that was begun is remembered apart from the nodes, by whom it was begun, until it has ended', () => {
  const begun = entryChanges.beginTokenChange('m1', []) as Record<string, string>;
  expect(readTokenChange(begun)).toBe('m1');
  expect(readEntries(begun)).toEqual([]);
  // No Node can have that name.
  expect(Object.keys(begun)).toEqual([expect.stringMatching(/_/)]);
  expect(entryChanges.endTokenChange([])).toEqual(Object.fromEntries(Object.keys(begun).map(key => [key, null])));
});

test('a name that is let in again after its token was changed leaves nothing', () => {
  const removed = readEntry('m2', entryChanges.fence('m2', { removal: 'unreachable', tokenRotation: 'done' }, removedAt).m2!);
  expect(entryChanges.unfence(removed)).toEqual({ m2: null });
});
