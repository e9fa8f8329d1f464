import type { JoinVerdict } from '../../../src/quorum';
import { hasQuorum, moments, refusesLearner, type Cluster } from '../model';
import { voterNames } from './clusters';
import { ownDoing, storiesOf, whoMayDie, withADeath, type Step, type Telling } from './step';

/** Not a fact of etcd but a limit of ours: every write has to reach a majority. */
const MOST_VOTERS = 9;

/** What the walk has seen, for the line it prints. */
export interface Figures {
  allowed: number;
  refused: number;
  moments: number;
  deaths: number;
  exposures: number;
  /** Deaths that cost the quorum because the membership had just been made smaller, as the step's own figures say. */
  shrinking: number;
}

export interface Judgement {
  /** What is wrong with the verdict; undefined where it is right. */
  readonly complaint?: string;
  /** Every cluster there may be from the guard's yes to the end of the step, or to the moment our program crashed. */
  readonly reached: readonly Cluster[];
}

/** Whether the guard was right. */
export function judge(cluster: Cluster, step: Step, verdict: JoinVerdict, figures: Figures): Judgement {
  if (!verdict.safe) {
    figures.refused += 1;
    return { complaint: hasReason(cluster, step) ? undefined : 'refused, though nothing that may happen costs the quorum', reached: [] };
  }
  figures.allowed += 1;
  const stories = storiesOf(cluster, step);
  const undisturbed = stories.flatMap((story) => moments(cluster, story));
  const tellings = stories.flatMap((story) => withADeath(cluster, story, whoMayDie(cluster, step.node)));
  const reached = [...undisturbed, ...tellings.flatMap((telling) => telling.moments)];
  figures.moments += reached.length;
  figures.deaths += tellings.length;

  return { complaint: breaksARule(cluster, step) ?? losesQuorum(undisturbed) ?? cannotAffordADeath(cluster, step, verdict, tellings, figures), reached };
}

/** The rules that have a name, because they are not about who is up: such a step is always refused. */
export function namedRule(cluster: Cluster, { action, node }: Step): string | undefined {
  const members = cluster.filter(({ seat }) => seat !== 'none');
  const called = members.filter(({ name }) => name === node);
  const otherLearner = members.some(({ seat, name }) => seat === 'learner' && name !== node);
  if (action === 'join') {
    if (called.length > 0) return 'a member of that name';
    if (voterNames(cluster).length >= MOST_VOTERS) return 'more than 9 voters';
    return otherLearner ? 'another learner' : undefined;
  }
  if (called.length !== 1) return 'not one member of that name';
  if (called[0].seat === 'learner') return undefined;
  if (voterNames(cluster).length === 1) return 'the only voter';
  return otherLearner ? 'another learner' : undefined;
}

function breaksARule(cluster: Cluster, step: Step): string | undefined {
  const rule = namedRule(cluster, step);
  if (rule !== undefined) {
    return `allowed, though against a rule (${rule})`;
  }
  // Where a voter is away, etcd may let the machine wait until it is back. That costs nothing; the other refusals are for good.
  const refusal = step.action === 'join' ? refusesLearner(cluster) : undefined;
  return refusal === undefined || refusal === 'a voter is away' ? undefined : `allowed, though etcd refuses (${refusal})`;
}

function losesQuorum(undisturbed: readonly Cluster[]): string | undefined {
  return undisturbed.every(hasQuorum) ? undefined : 'allowed, though the quorum is not there throughout';
}

/**
 * A death on the way may cost the quorum only where it would have done so anyway, with two exceptions that are announced:
 * the second voter right after its promotion (the exposure), and a removal that takes an odd number of voters to an even
 * one, which tolerates one failure less whatever the order of things.
 */
function cannotAffordADeath(cluster: Cluster, step: Step, verdict: JoinVerdict, tellings: readonly Telling[], figures: Figures): string | undefined {
  const fatal = tellings.filter((telling) => !telling.moments.every(hasQuorum));
  const ours = fatal.filter(({ victim }) => !isFatalAnyway(cluster, victim));

  if (step.action === 'join') {
    const promoted = storiesOf(cluster, step)[0].length;
    const exposed = ours.some(({ victim, at }) => victim === step.node && at === promoted);
    figures.exposures += exposed ? 1 : 0;
    if (ours.some(({ victim, at }) => victim !== step.node || at < promoted)) {
      return 'allowed, though a death during the join costs a quorum that it would not have cost without';
    }
    if (exposed && verdict.exposure === undefined) {
      return 'allowed without a word, though the death of the joining node right after its promotion costs the quorum';
    }
    return exposed || verdict.exposure === undefined ? undefined : 'allowed as an exposure, which it is not';
  }

  const leaving = cluster.find(({ name }) => name === step.node)!;
  const shrinks = leaving.seat === 'voter' && leaving.up && voterNames(cluster).length % 2 === 1;
  figures.shrinking += shrinks ? ours.length : 0;
  return shrinks || ours.length === 0 ? undefined : 'allowed, though a death during the removal costs a quorum that it would not have cost without';
}

function isFatalAnyway(cluster: Cluster, victim: string): boolean {
  return withADeath(cluster, ownDoing(cluster), [victim]).some((telling) => !telling.moments.every(hasQuorum));
}

/** A refusal needs a named rule or a counter-example; a member of whom nobody knows may be down. */
function hasReason(cluster: Cluster, step: Step): boolean {
  if (namedRule(cluster, step) !== undefined) {
    return true;
  }
  const feared = cluster.map((machine) => (machine.heard ? machine : { ...machine, up: false }));
  const stories = storiesOf(feared, step);
  const joiningDies = step.action === 'join' ? withADeath(feared, stories[0], [step.node]).map((telling) => telling.moments) : [];
  return [...stories.map((story) => moments(feared, story)), ...joiningDies].some((told) => !told.every(hasQuorum));
}
