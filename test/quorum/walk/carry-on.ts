import { exposure, type TransitionStep } from '../../../src/quorum';
import { die, hasQuorum, initialise, moments, promote, throwOut, type Cluster } from '../model';
import { voterNames } from './clusters';
import { isWanted, keyOf, plan, tidy, whyNoPlan, type Situation } from './situation';
import { askGuard, memberList, storiesOf } from './step';

/**
 * Carries a transition on from wherever it was interrupted, everything that matters being healthy, and says what is wrong on the
 * way; undefined where it comes to its end. A learner is first left to etcd, which promotes it or throws it out, or, the
 * other way that has to work, removed by us.
 */
export function carryOn(situation: Situation): string | undefined {
  const learner = situation.find(({ seat }) => seat === 'learner');
  if (learner === undefined) {
    return followPlan(situation);
  }
  const removal = { action: 'remove', node: learner.name } as const;
  if (!askGuard(memberList(situation), removal).safe) {
    return `the half-joined ${learner.name} cannot be removed`;
  }
  const settled = [...storiesOf(situation, removal).map((story) => story.slice(0, 1)), [promote, throwOut]].map((story) => last(moments(situation, story)));
  return settled.filter((after) => after.every(({ seat }) => seat !== 'learner')).map((after) => followPlan(tidy(after))).find((wrong) => wrong !== undefined);
}

function followPlan(situation: Situation): string | undefined {
  const dead = situation.filter(({ seat, up }) => seat === 'voter' && !up).map(({ name }) => name);
  const planned = plan(situation, dead);
  if (planned.refusal !== undefined) {
    return whyNoPlan(situation, dead) === 'too many' ? inTwoChanges(situation) : `no plan (${planned.refusal.message})`;
  }

  let now = situation;
  const tolerances = [tolerance(now)];
  for (const [index, step] of planned.steps.entries()) {
    if (keyOf(tidy(now)) !== keyOf(now) || !sameSteps(plan(now, dead).steps, planned.steps.slice(index))) {
      return `planned anew before step ${index + 1}, the rest of the plan is another`;
    }
    // The last voter is never removed: a cluster that is not wanted any more ends with its last machine.
    const ends = step.voters === 0;
    const starts = voterNames(now).length === 0;
    const verdict = askGuard(memberList(now), step);
    if (verdict.safe === (ends || starts)) {
      return `step ${index + 1} (${step.action} ${step.node}) ${verdict.safe ? 'allowed' : `refused: ${verdict.reason}`}`;
    }
    if (!starts && verdict.exposure !== exposure(step)) {
      return `step ${index + 1}: plan and guard do not report the same exposure`;
    }
    const told = ends ? [[]] : moments(now, starts ? [initialise(step.node)] : storiesOf(now, step)[0]);
    if (!ends && !told.slice(starts ? 1 : 0).every(hasQuorum)) {
      return `step ${index + 1} loses the quorum`;
    }
    now = tidy(last(told));
    tolerances.push(tolerance(now));
    if (step.voters !== voterNames(now).length || step.failureTolerance < last(tolerances) || (all(now) && step.failureTolerance !== last(tolerances))) {
      return `step ${index + 1} says ${step.failureTolerance} failures tolerated of ${step.voters} voters, but it is ${last(tolerances)} of ${voterNames(now).length}`;
    }
  }
  if (all(situation) && planned.lowestFailureTolerance !== Math.min(...tolerances)) {
    return `the plan says that ${planned.lowestFailureTolerance} failures are tolerated at the least, but it is ${Math.min(...tolerances)}`;
  }
  if (all(situation) && Math.min(...tolerances) < Math.min(tolerances[0], last(tolerances))) {
    return 'fewer failures are tolerated on the way than at both its ends';
  }
  const wanted = situation.filter(isWanted).map(({ name }) => name);
  return sameNames(voterNames(now), wanted) ? undefined : `ends with ${voterNames(now).join(' ')}, not with ${wanted.join(' ')}`;
}

/** What the refusal advises: first to a membership with as many of the new ones as there is room for and none of the old, then on. */
function inTwoChanges(situation: Situation): string | undefined {
  const waiting = situation.filter((machine) => machine.seat === 'none').slice(9 - voterNames(situation).length);
  const first = situation.filter((machine) => !waiting.includes(machine));
  const reached = first.filter(isWanted).map((machine) => ({ ...machine, seat: 'voter' as const }));
  return followPlan(first) ?? followPlan([...reached, ...waiting]);
}

/** How many voters may die one after the other, the worst first: any of those that are up. */
function tolerance(cluster: Cluster): number {
  const deaths = cluster.filter(({ seat, up }) => seat === 'voter' && up).map(({ name }) => die(name));
  return Math.max(moments(cluster, deaths).filter(hasQuorum).length - 1, 0);
}

function all(cluster: Cluster): boolean {
  return cluster.every(({ up }) => up);
}

function sameSteps(some: readonly TransitionStep[], others: readonly TransitionStep[]): boolean {
  return some.length === others.length && some.every(({ action, node }, index) => action === others[index].action && node === others[index].node);
}

function sameNames(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((name) => others.includes(name));
}

function last<T>(items: readonly T[]): T {
  return items[items.length - 1];
}
