import { quorumFigures } from './majority';
import { count } from './words';
import { worstZoneLoss, zoneFailureTolerance } from './zones';

/**
 * One line on what a number of management nodes survives: `3 management nodes: majority 2, tolerates 1 failure`.
 *
 * @param voters how many management nodes; 0 for a cluster that does not exist.
 * @param zones the zone of each. @default - zones are not spoken of, nor where no node has one
 * @throws RangeError unless `voters` is a whole number from 0 on and there are as many zones, where zones are given.
 */
export function describeQuorum(voters: number, zones: readonly (string | undefined)[] = []): string {
  if (zones.length > 0 && zones.length !== voters) {
    throw new RangeError(`zones (${zones.length}): each of the ${count(voters, 'voter')} has one entry; leave an unknown zone undefined`);
  }
  const { majority, failureTolerance } = quorumFigures(voters);
  if (voters === 0) {
    return 'no management nodes: no cluster';
  }
  const failures = failureTolerance === 0 ? 'no failure' : count(failureTolerance, 'failure');
  return `${count(voters, 'management node')}: majority ${majority}, tolerates ${failures}${zoneClause(failureTolerance, zones)}`;
}

/**
 * What is left of the tolerance while some voters are away: `2 of 3 voters answer, majority 2: no further failure is tolerated`.
 *
 * @param voters how many there are, those that are away included; at least 1.
 * @param answering how many of them answer meanwhile.
 */
export function describeMeanwhile(voters: number, answering: number): string {
  const { majority } = quorumFigures(voters);
  const spare = answering - majority;
  const tolerated = spare < 0 ? 'the cluster stands still' : `${spare === 0 ? 'no further failure is' : `${count(spare, 'further failure')} ${spare === 1 ? 'is' : 'are'}`} tolerated`;
  return `${answering} of ${count(voters, 'voter')} ${answering === 1 ? 'answers' : 'answer'}, majority ${majority}: ${tolerated}`;
}

/** What tolerates no failure tolerates no loss of a zone either: nothing is said twice. */
function zoneClause(failureTolerance: number, zones: readonly (string | undefined)[]): string {
  if (failureTolerance === 0 || zones.every((zone) => zone === undefined || zone === '')) {
    return '';
  }
  const tolerance = zoneFailureTolerance(zones);
  if (tolerance > 0) {
    return ` or the loss of ${tolerance === 1 ? 'any zone' : `any ${tolerance} zones`}`;
  }
  const { zones: [worst], lost, unplaced } = worstZoneLoss(zones, 1);
  const assumed = unplaced === 0 ? '' : `, counting ${unplaced} without a zone`;
  return `, but not the loss of zone ${worst} (${count(lost, 'node')}${assumed})`;
}
