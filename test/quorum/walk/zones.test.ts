import { worstZoneLoss, zoneFailureTolerance } from '../../../src/quorum';
import { die, hasQuorum, moments, type Cluster } from '../model';

/*
 * Every way to spread up to nine voters over zones, with some of whom nobody said where they are. The guard does not ask for
 * zones, and between two steps of a transition there is just a cluster of up to nine voters, so these are all cases there are.
 */
test('the zone failure tolerance of every cluster is what the model loses zones by, wherever the voters without a zone are', () => {
  const complaints: string[] = [];
  let spreads = 0;
  for (const { placed, unplaced } of everySpread(9)) {
    spreads += 1;
    const zones = [...placed.flatMap((size, zone) => Array.from({ length: size }, () => `z${zone}`)), ...Array.from({ length: unplaced }, () => undefined)];
    const tolerance = Math.min(...everyPlacement(placed, unplaced).map(toleratedLosses));
    if (zoneFailureTolerance(zones) !== tolerance) {
      complaints.push(`zones of ${placed.join(' ')} and ${unplaced} without one: ${zoneFailureTolerance(zones)} said, ${tolerance} found`);
    }
    for (let count = 0; count <= placed.length; count += 1) {
      const { zones: lost, lost: voters } = worstZoneLoss(zones, count);
      const all = losses(placed, count).map((sizes) => sizes.reduce((sum, size) => sum + size, 0));
      if (lost.length !== count || voters !== Math.max(...all) + (count > 0 ? unplaced : 0)) {
        complaints.push(`zones of ${placed.join(' ')} and ${unplaced} without one: losing ${count} is said to cost ${voters}`);
      }
    }
  }
  console.log(`zone walk: ${spreads} ways to spread 1 to 9 voters over zones`);
  expect(complaints).toEqual([]);
});

interface Spread {
  /** How many voters are in each zone. */
  readonly placed: readonly number[];
  readonly unplaced: number;
}

function everySpread(most: number): Spread[] {
  const voters = Array.from({ length: most }, (_, index) => index + 1);
  return voters.flatMap((total) =>
    Array.from({ length: total + 1 }, (_, unplaced) => everyPlacement([], total - unplaced).map((placed) => ({ placed, unplaced }))).flat(),
  );
}

/** Every way to put `more` voters into the zones there are, or into new ones, up to the zones' names. */
function everyPlacement(zones: readonly number[], more: number): (readonly number[])[] {
  let placements = [zones];
  for (let placed = 0; placed < more; placed += 1) {
    const larger = placements.flatMap((sizes) => [...sizes, 0].map((_, zone) => [...sizes, 0].map((size, index) => (index === zone ? size + 1 : size)).filter((size) => size > 0)));
    placements = [...new Map(larger.map((sizes) => [[...sizes].sort().join(), sizes])).values()];
  }
  return placements;
}

/** How many zones may go, whichever they are. */
function toleratedLosses(sizes: readonly number[]): number {
  const fatal = sizes.map((_, index) => index + 1).find((count) => losses(sizes, count).some((lost) => !survives(sizes, lost)))!;
  return fatal - 1;
}

function survives(sizes: readonly number[], lost: readonly number[]): boolean {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const voters: Cluster = Array.from({ length: total }, (_, index) => ({ name: `m${index}`, seat: 'voter', up: true, heard: true }));
  const gone = lost.reduce((sum, size) => sum + size, 0);
  return moments(voters, voters.slice(0, gone).map(({ name }) => die(name))).every(hasQuorum);
}

/** Every choice of `count` zones, by their sizes. */
function losses(sizes: readonly number[], count: number): number[][] {
  if (count === 0) return [[]];
  return sizes.flatMap((size, index) => losses(sizes.slice(index + 1), count - 1).map((others) => [size, ...others]));
}
