import { planTransition, worstZoneLoss, zoneFailureTolerance } from '../../../src/quorum';
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

/*
 * Every transition between memberships of up to four nodes in up to three zones, one without a zone, and whoever of those that
 * leave is dead: what a plan says of zones against the model, which loses them after each step, in the worst place for whom
 * nobody placed.
 */
test('the zone failure tolerance after each step of a transition, and the lowest on its way, are what the model loses zones by', () => {
  const complaints: string[] = [];
  const known = new Map<string, number>();
  let transitions = 0;
  const found = (voters: readonly string[]): number => {
    const placed = ['a', 'b', 'c'].map((zone) => voters.filter((voter) => voter[0] === zone).length).filter((size) => size > 0);
    const unplaced = voters.filter((voter) => voter[0] === '-').length;
    const key = `${[...placed].sort().join()} ${unplaced}`;
    known.set(key, known.get(key) ?? (voters.length === 0 ? 0 : Math.min(...everyPlacement(placed, unplaced).map(toleratedLosses))));
    return known.get(key)!;
  };

  for (const { staying, leaving, joining } of everyChange(4)) {
    const before = [...staying, ...leaving];
    const zones = Object.fromEntries([...before, ...joining].map((node) => [node, node[0] === '-' ? undefined : node[0]]));
    for (const dead of before.length > 2 && leaving.length > 0 ? [[], leaving.slice(0, 1)] : [[]]) {
      transitions += 1;
      const { steps, lowestZoneFailureTolerance } = planTransition(before, [...staying, ...joining], { zones, dead });
      let voters: readonly string[] = before;
      const tolerances = [found(voters)];
      for (const { action, node, zoneFailureTolerance: said } of steps) {
        voters = action === 'join' ? [...voters, node] : voters.filter((voter) => voter !== node);
        tolerances.push(found(voters));
        if (said !== found(voters)) complaints.push(`${before.join(' ')} after ${action} ${node}: ${said} said, ${found(voters)} found`);
      }
      if (lowestZoneFailureTolerance !== Math.min(...tolerances)) complaints.push(`${before.join(' ')} to ${[...staying, ...joining].join(' ')}: lowest ${lowestZoneFailureTolerance}`);
    }
  }
  console.log(`zone walk: ${transitions} transitions between memberships of up to 4 nodes in up to 3 zones`);
  expect(complaints).toEqual([]);
});

interface Change {
  readonly staying: readonly string[];
  readonly leaving: readonly string[];
  readonly joining: readonly string[];
}

/** Every change of one membership of up to `most` nodes into another. Names begin with the zone: nothing else is told apart. */
function everyChange(most: number): Change[] {
  const groups = (prefix: string): string[][] => everyCount(['a', 'b', 'c', '-'], most).map((zones) => zones.map((zone, index) => `${zone}${prefix}${index}`));
  return groups('s').flatMap((staying) =>
    groups('l').filter((leaving) => staying.length + leaving.length <= most).flatMap((leaving) =>
      groups('j').filter((joining) => staying.length + joining.length <= most && leaving.length + staying.length + joining.length <= 9).map((joining) => ({ staying, leaving, joining })),
    ),
  );
}

/** Every multiset of at most `most` of these. */
function everyCount(kinds: readonly string[], most: number): string[][] {
  const [kind, ...others] = kinds;
  if (kind === undefined) return [[]];
  return Array.from({ length: most + 1 }, (_, count) => everyCount(others, most - count).map((rest) => [...Array.from({ length: count }, () => kind), ...rest])).flat();
}

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
