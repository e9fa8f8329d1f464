import fc from 'fast-check';

import { groupNames, shortList } from '../../src/impact/group-names';

test('a run of numbered names is one entry, a short one is written out', () => {
  expect(shortList(['m4', 'm5'])).toBe('m4, m5');
  expect(shortList(['w0008', 'w0009', 'w0010', 'w0011', 'gpu-1'])).toBe('w0008 … w0011 (4), gpu-1');
  expect(shortList(['w9', 'w10', 'w11', 'w12', 'w14'])).toBe('w9 … w12 (4), w14');
});

test('names that follow no number are counted where there are too many', () => {
  expect(shortList(['a', 'b', 'c', 'd'], 2)).toBe('a, b and 2 more');
  expect(shortList(Array.from({ length: 10_000 }, (_, index) => `host-${index * 7}`))).toBe('host-0, host-7, host-14, host-21, host-28, host-35, host-42, host-49 and 9,992 more');
});

test('a number that starts anew, and one with other zeros in front, is another run', () => {
  expect(groupNames(['a1', 'a2', 'a3', 'a4', 'a1', 'a02']).map(({ text }) => text)).toEqual(['a1 … a4', 'a1', 'a02']);
});

test('no name is lost and none is counted twice', () => {
  fc.assert(fc.property(fc.array(fc.oneof(fc.string(), fc.nat(30).map(number => `w${number}`))), names => {
    expect(groupNames(names).reduce((sum, { size }) => sum + size, 0)).toBe(names.length);
  }));
});
