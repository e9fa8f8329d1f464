import { planTransition, TransitionError, type TransitionStep } from '../../../src/quorum';
import { hasQuorum, type Cluster, type Machine } from '../model';
import { DOWN, everyStanding, HEALTHY, kindOf, oneOfEachKind, SILENT, voterNames, type Standing } from './clusters';

/**
 * A transition at some moment of it: the cluster as it is, and the membership wanted. Whoever is wanted has a name in `w`, member
 * or not yet; whoever shall leave has one in `u`. There is nothing else to know, because our program keeps nothing that it could
 * lose: after a crash it reads the member list and plans anew.
 */
export type Situation = Cluster;

/** Memberships have up to 7 nodes. */
const LARGEST = 7;

export function isWanted({ name }: Pick<Machine, 'name'>): boolean {
  return name.startsWith('w');
}

/** Situations of one key differ in names only. */
export function keyOf(situation: Situation): string {
  return situation.map(kindOfPart).sort().join('|');
}

/**
 * Leaves out what makes no difference. A machine that has left and is not wanted is nobody's business any more; one that has not
 * joined yet has nothing to lose, so it stands ready again; and a dead member is a dead member, whether we hear of it or not
 * (the first walk tells the two apart).
 */
export function tidy(situation: Situation): Situation {
  return situation.flatMap((machine) => {
    if (machine.seat === 'none') {
      return isWanted(machine) ? [{ ...machine, up: true, heard: true }] : [];
    }
    return [machine.up || machine.heard ? machine : { ...machine, heard: true }];
  });
}

function kindOfPart(machine: Machine): string {
  return `${isWanted(machine) ? 'w' : 'u'} ${kindOf(machine)}`;
}

/**
 * Every transition from one membership of 0 to 7 nodes to another, with every overlap, with every health of the members and
 * with a half-joined node, wanted or not, that somebody left behind.
 */
export function everyBeginning(): Situation[] {
  const kinds = [HEALTHY, SILENT, DOWN];
  const parts = everyStanding(kinds, LARGEST);
  return parts.flatMap((staying) =>
    parts
      .filter((leaving) => staying.length + leaving.length <= LARGEST)
      .flatMap((leaving) => {
        const voters = [...machines('w', 'voter', staying), ...machines('u', 'voter', leaving)];
        const room = LARGEST - staying.length;
        return Array.from({ length: room + 1 }, (_, joining) => machines('wj', 'none', Array.from({ length: joining }, () => HEALTHY))).flatMap((joining) => [
          [...voters, ...joining],
          ...(voters.length === 0 ? [] : learners(joining.length < room).map((learner) => [...voters, ...joining, learner])),
        ]);
      }),
  );
}

function machines(prefix: string, seat: Machine['seat'], standings: readonly Standing[]): Machine[] {
  return standings.map((standing, index) => ({ name: `${prefix}${index + 1}`, seat, ...standing }));
}

function learners(mayBeWanted: boolean): Machine[] {
  return (mayBeWanted ? ['wl', 'ul'] : ['ul']).flatMap((prefix) => [HEALTHY, DOWN].flatMap((standing) => machines(prefix, 'learner', [standing])));
}

/** What our program would do first, or why it refuses to do anything. */
export interface Planned {
  readonly steps: readonly TransitionStep[];
  readonly lowestFailureTolerance: number;
  readonly refusal?: TransitionError;
  /** The members that someone confirmed to be dead. */
  readonly dead: readonly string[];
}

/** Plans from the real member list. A learner has no vote: it is settled first, or carried on, and no part of a plan. */
export function plan(situation: Situation, dead: readonly string[] = [], before = voterNames(situation)): Planned {
  const after = situation.filter((machine) => isWanted(machine) && machine.seat !== 'learner');
  try {
    return { ...planTransition(before, after.map(({ name }) => name), { dead }), dead };
  } catch (error) {
    if (!(error instanceof TransitionError)) throw error;
    return { steps: [], lowestFailureTolerance: 0, refusal: error, dead };
  }
}

/**
 * Every plan there may be: whichever members were confirmed dead, be it rightly, not yet, or of one of whom nobody knows; and
 * whichever of those that leave stands last in the list, as the last goes first.
 */
export function everyPlan(situation: Situation): Planned[] {
  const voters = situation.filter(({ seat }) => seat === 'voter');
  const down = voters.filter(({ up }) => !up);
  const doubtful = voters.filter(({ up, heard }) => !up || !heard);
  const confirmations = [[], ...(down.length > 0 ? [down] : []), ...(doubtful.length > down.length ? [doubtful] : [])];
  const lasts = oneOfEachKind(voters.filter((machine) => !isWanted(machine)));
  return confirmations.flatMap((dead) => {
    const names = dead.map(({ name }) => name);
    const orders = lasts.length > 1 ? lasts.map((last) => [...voters.filter((voter) => voter !== last), last].map(({ name }) => name)) : [undefined];
    return orders.map((before) => plan(situation, names, before));
  });
}

/** Why a plan must be refused as a whole, reckoned without the library; undefined where it must not. */
export function whyNoPlan(situation: Situation, dead: readonly string[]): 'lost' | 'too many' | undefined {
  const voters = situation.filter(({ seat }) => seat === 'voter');
  const buried = voters.map((voter) => ({ ...voter, up: !dead.includes(voter.name) }));
  const joining = situation.filter((machine) => isWanted(machine) && machine.seat === 'none').length;
  const goFirst = buried.filter((voter) => !voter.up && !isWanted(voter)).length;
  if (voters.length > 0 && situation.some((machine) => isWanted(machine) && machine.seat !== 'learner') && !hasQuorum(buried)) {
    return 'lost';
  }
  return joining > 0 && voters.length - goFirst + joining > 9 ? 'too many' : undefined;
}
