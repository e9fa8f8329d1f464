import * as fc from 'fast-check';
import { failureTolerance, worstZoneLoss, zoneFailureTolerance } from '../../src/quorum';

test.each([
  ['one voter', ['a'], 0],
  ['three voters in one zone', ['a', 'a', 'a'], 0],
  ['three voters in two zones', ['a', 'a', 'b'], 0],
  ['three voters in three zones', ['a', 'b', 'c'], 1],
  ['five voters in three zones', ['a', 'a', 'b', 'b', 'c'], 1],
  ['five voters with three in one zone', ['a', 'a', 'a', 'b', 'c'], 0],
  ['five voters in five zones', ['a', 'b', 'c', 'd', 'e'], 2],
  ['seven voters in three zones', ['a', 'a', 'a', 'b', 'b', 'c', 'c'], 1],
  ['seven voters in seven zones', ['a', 'b', 'c', 'd', 'e', 'f', 'g'], 3],
])('%s survive the loss of as many zones as counted by hand', (_, zones, tolerated) => {
  expect(zoneFailureTolerance(zones)).toBe(tolerated);
});

test('a voter without a zone may be in any, so two zones and an unknown place are not three zones', () => {
  expect(zoneFailureTolerance(['a', 'b', undefined])).toBe(0);
  expect(zoneFailureTolerance(['a', 'b', ''])).toBe(0);
  expect(zoneFailureTolerance(['a', 'b', 'c', 'd', undefined])).toBe(1);
});

test('voters without any zone survive the loss of none, as they may all be in one', () => {
  expect(zoneFailureTolerance([undefined, undefined, undefined, undefined, undefined])).toBe(0);
});

test('no voters have no zone failure tolerance', () => {
  expect(() => zoneFailureTolerance([])).toThrow(RangeError);
});

test('the worst loss names the fullest zones first, and of equal ones the one named first', () => {
  expect(worstZoneLoss(['b', 'a', 'c', 'a'], 2)).toEqual({ zones: ['a', 'b'], lost: 3, unplaced: 0 });
});

test('the worst loss takes the voters without a zone with it, and says so', () => {
  expect(worstZoneLoss(['a', 'b', undefined], 1)).toEqual({ zones: ['a'], lost: 2, unplaced: 1 });
  expect(worstZoneLoss([undefined, undefined], 1)).toEqual({ zones: [], lost: 2, unplaced: 2 });
});

test('losing no zone costs nothing, and losing more zones than there are costs everything', () => {
  expect(worstZoneLoss(['a', undefined], 0)).toEqual({ zones: [], lost: 0, unplaced: 0 });
  expect(worstZoneLoss(['a', 'b'], 5)).toEqual({ zones: ['a', 'b'], lost: 2, unplaced: 0 });
});

test.each([-1, 0.5, NaN])('%p zones cannot be lost', (count) => {
  expect(() => worstZoneLoss(['a'], count)).toThrow(RangeError);
});

const anyZones = fc.array(fc.constantFrom('a', 'b', 'c', 'd', undefined), { minLength: 1, maxLength: 6 });

test('the zone failure tolerance is what remains when the voters without a zone are wherever it hurts most', () => {
  fc.assert(
    fc.property(anyZones, (zones) => {
      expect(zoneFailureTolerance(zones)).toBe(Math.min(...placements(zones).map(toleranceByTrying)));
    }),
    { numRuns: 200 },
  );
});

test('no more zones than voters may be lost', () => {
  fc.assert(fc.property(anyZones, (zones) => zoneFailureTolerance(zones) <= failureTolerance(zones.length)));
});

/** Every way to put the voters without a zone into the zones there are, or into new ones. */
function placements(zones: readonly (string | undefined)[]): string[][] {
  const candidates = [...new Set(zones.flatMap((zone) => zone ?? [])), 'new1', 'new2'];
  return zones.reduce<string[][]>(
    (placed, zone) => placed.flatMap((head) => (zone === undefined ? candidates : [zone]).map((choice) => [...head, choice])),
    [[]],
  );
}

/** Loses every set of zones there is and looks who is left. */
function toleranceByTrying(zones: readonly string[]): number {
  const distinct = [...new Set(zones)];
  const fatal = Array.from({ length: 2 ** distinct.length }, (_, mask) => distinct.filter((_zone, bit) => (mask >> bit) & 1)).filter(
    (gone) => 2 * zones.filter((zone) => !gone.includes(zone)).length <= zones.length,
  );
  return Math.min(...fatal.map((gone) => gone.length)) - 1;
}
