import { checkJoin, checkRemoval, majority, type Verdict } from '../quorum';
import type { ImpactStep, LiveHealth, LiveMember } from './impact-report';

/** The members that were found, in figures. */
export function liveHealth(members: readonly LiveMember[]): LiveHealth {
  const voters = members.filter(({ voter }) => voter);
  return {
    members, voters: voters.length, healthy: voters.filter(({ healthy }) => healthy === true).length,
    majority: voters.length === 0 ? 0 : majority(voters.length),
  };
}

/**
 * Asks the guard's rules about each step, beginning with the members there really are. What was done already (an earlier run
 * failed half-way) costs nothing; after the first refusal nothing is said, because the change stops there.
 * @param destroyed the whole cluster goes, so nobody has to agree on anything
 */
export function withHealth(steps: readonly ImpactStep[], live: readonly LiveMember[], destroyed: boolean): ImpactStep[] {
  if (destroyed) return [...steps];
  let members = live;
  let refused = false;
  return steps.map(step => {
    if (refused) return step;
    const member = members.some(({ name }) => name === step.node);
    if (member === (step.action === 'join')) return { ...step, health: { safe: true, reason: `${step.node} ${member ? 'is a member already' : 'has left already'}` } };
    const verdict: Verdict = step.action === 'join' ? checkJoin(members, step.node) : checkRemoval(members, step.node);
    refused = !verdict.safe;
    members = step.action === 'join'
      ? [...members, { name: step.node, healthy: true, voter: true }]
      : members.filter(({ name }) => name !== step.node);
    const { safe, reason, remedy } = verdict;
    return { ...step, health: { safe, reason, ...(remedy !== undefined && { remedy }) } };
  });
}
