import { formatProblem } from '../problem';
import { SIZES, checkSize, quorumFigures, worstZoneLoss, zoneFailureTolerance } from '../quorum';
import { count, list } from '../quorum/words';
import { managementNodes, type DeclaredMembership } from './declared-membership';

/** The messages of what breaks a rule; empty where nothing does. */
export type Violations = string[];

/** An odd number of management nodes, from 1 to 7. */
export function sizeViolations(membership: DeclaredMembership): Violations {
  const size = managementNodes(membership).length;
  const verdict = checkSize(size);
  return verdict.ok ? [] : [formatProblem({
    subject: `management nodes of cluster '${membership.cluster}'`, value: String(size), rule: verdict.reason, remedy: `use ${list(verdict.nearest.map(String))}`,
  })];
}

/** @param minimum how many management nodes have to be able to fail at once */
export function toleranceViolations(membership: DeclaredMembership, minimum: number): Violations {
  const { voters, majority, failureTolerance } = quorumFigures(managementNodes(membership).length);
  return failureTolerance >= minimum ? [] : [formatProblem({
    subject: `failure tolerance of cluster '${membership.cluster}'`, value: String(failureTolerance),
    rule: `the policy asks for at least ${minimum}, and ${count(voters, 'management node')} with a majority of ${majority} can lose ${failureTolerance}`,
    remedy: `use ${SIZES.find((size) => quorumFigures(size).failureTolerance >= minimum)} management nodes`,
  })];
}

/** @param minimum how many zones have to be able to fail at once, whichever they are */
export function zoneViolations(membership: DeclaredMembership, minimum: number): Violations {
  const management = managementNodes(membership);
  const zones = management.map(({ zone }) => zone);
  const tolerance = zones.length === 0 ? 0 : zoneFailureTolerance(zones);
  if (tolerance >= minimum) return [];
  const homeless = management.filter(({ zone }) => zone === undefined || zone === '').map(({ name }) => name);
  const subject = `zone failure tolerance of cluster '${membership.cluster}'`;
  const asked = `the policy asks for at least ${minimum}`;
  if (homeless.length > 0) {
    return [formatProblem({
      subject, value: String(tolerance), rule: `${asked}, and it is not known which zone ${list(homeless, 'and')} would fail with`,
      remedy: "give each of these machines a 'zone'",
    })];
  }
  const loss = worstZoneLoss(zones, minimum);
  const lost = `losing zone${loss.zones.length === 1 ? '' : 's'} ${list(loss.zones, 'and')} takes ${loss.lost} of ${count(zones.length, 'management node')}`;
  return [formatProblem({
    subject, value: String(tolerance),
    rule: `${asked}, and ${zones.length === 0 ? 'there are no management nodes' : `${lost}, of which ${quorumFigures(zones.length).majority} have to stay`}`,
    // Over k zones the fullest z of them hold at least a share of z/k, and that is less than half only where k > 2z.
    remedy: `spread the management nodes over at least ${2 * minimum + 1} zones, as evenly as can be`,
  })];
}

/**
 * @param membership undefined where the stack declares no cluster of that name
 * @param names nodes that may not leave, whoever confirms it
 */
export function protectionViolations(cluster: string, membership: DeclaredMembership | undefined, names: readonly string[]): Violations {
  const declared = new Set(membership?.nodes.map(({ name }) => name));
  const missing = names.filter((name) => !declared.has(name));
  if (missing.length === 0) return [];
  const one = missing.length === 1;
  const gone = membership === undefined ? 'no such cluster is declared in this stack' : `${one ? 'it is' : 'they are'} not declared any more`;
  const back = membership === undefined ? 'the cluster' : one ? 'its machine' : 'their machines';
  return [formatProblem({
    subject: `protected node${one ? '' : 's'} of cluster '${cluster}'`, value: missing.join(', '), rule: `a protected node may not leave, and ${gone}`,
    remedy: `put ${back} back; to let ${one ? 'it' : 'them'} go, take ${one ? 'its name' : 'their names'} out of the policy's configuration first`,
  })];
}
