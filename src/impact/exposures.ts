import { count } from '../quorum/words';
import type { ImpactFigures, ImpactStep } from './impact-report';

/**
 * What is risked on the way although each step may be taken: the second voter, a step at which less is tolerated than both
 * before and after the change, and a spread over zones that is lost for a while.
 */
export function exposuresOf(before: ImpactFigures, steps: readonly ImpactStep[], after: ImpactFigures): string[] {
  const found = steps.flatMap(({ number, exposure }) => (exposure === undefined ? [] : [`step ${number}: ${exposure}`]));
  if (before.voters === 0 || after.voters === 0) return found;
  for (const [key, what] of [['failureTolerance', 'failure'], ['zoneFailureTolerance', 'lost zone']] as const) {
    const least = Math.min(before[key] ?? 0, after[key] ?? 0);
    const dips = steps.filter(step => (step[key] ?? 0) < least);
    if (dips.length === 0) continue;
    const lowest = Math.min(...dips.map(step => step[key] ?? 0));
    const where = dips.length === 1 ? `after step ${dips[0]!.number}` : `between steps ${dips[0]!.number} and ${dips.at(-1)!.number}`;
    found.push(`${where} the cluster tolerates ${lowest === 0 ? `no ${what}` : count(lowest, what)} for a while`);
  }
  return found;
}
