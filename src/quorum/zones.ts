import { failureTolerance } from './majority';

/** The loss of some zones that takes the most voters with it. */
export interface ZoneLoss {
  /** The lost zones, the one with most voters first; of equal ones, the one named first. */
  readonly zones: readonly string[];
  /** Voters lost, those without a zone included. */
  readonly lost: number;
  /** How many of the lost voters have no zone and are only taken to be in one of these. */
  readonly unplaced: number;
}

/**
 * How many zones may be lost, whichever they are, while the voters left still are a majority of all.
 *
 * A voter without a zone is somewhere, only nobody said where. Taking it for a zone of its own would be a promise that it
 * shares its fate with no one, so it is taken to be in the worst place: it falls with the first zone that is lost.
 *
 * @param zones the zone of each voter; undefined or empty where it is not known.
 * @throws RangeError when there are no voters.
 */
export function zoneFailureTolerance(zones: readonly (string | undefined)[]): number {
  const tolerance = failureTolerance(zones.length);
  let tolerated = 0;
  // Ends, because losing every zone loses every voter.
  while (worstZoneLoss(zones, tolerated + 1).lost <= tolerance) {
    tolerated += 1;
  }
  return tolerated;
}

/**
 * What losing `count` zones costs at worst, and which zones those are. Voters without a zone are read as in `zoneFailureTolerance`.
 *
 * @param count how many zones are lost; all of them where there are fewer.
 * @throws RangeError unless `count` is a whole number from 0 on.
 */
export function worstZoneLoss(zones: readonly (string | undefined)[], count: number): ZoneLoss {
  if (!Number.isInteger(count) || count < 0) {
    throw new RangeError(`zones lost (${count}): zones are lost in whole numbers; pass 0 or more`);
  }
  const sizes = new Map<string, number>();
  for (const zone of zones.filter(isKnown)) {
    sizes.set(zone, (sizes.get(zone) ?? 0) + 1);
  }
  const largest = [...sizes].sort(([, a], [, b]) => b - a).slice(0, count);
  const unplaced = count === 0 ? 0 : zones.filter((zone) => !isKnown(zone)).length;
  return {
    zones: largest.map(([zone]) => zone),
    lost: largest.reduce((sum, [, size]) => sum + size, unplaced),
    unplaced,
  };
}

function isKnown(zone: string | undefined): zone is string {
  return zone !== undefined && zone !== '';
}
