import { checkJoin, checkRemoval } from '../../../src/quorum';
import { die, hasQuorum, heal, initialise, moments, promote, throwOut, type Cluster } from '../model';
import { describeCluster, everyCluster, kindOf, oneOfEachKind, voterNames } from './clusters';
import { carryOn } from './carry-on';
import { judge, type Figures } from './judge';
import { everyBeginning, everyPlan, isWanted, keyOf, tidy, whyNoPlan, type Situation } from './situation';
import { askGuard, memberList, memberListReadEarlier, type Step } from './step';

/*
 * The rules of src/quorum against the model, without a sample: every case there is, up to the names of the nodes.
 *
 * The first walk asks the guard for every step on every cluster. A yes is tried out: every moment of the step, with the death of
 * any one node at each. A no has to show what it prevents.
 *
 * The second follows every transition. It begins in every situation there may be, plans from the member list, asks the guard for
 * the first step, and goes on from every moment of it as if our program had crashed there, since all it knows afterwards is
 * the member list. From each situation so reached, the transition must still come to its end.
 */

/** Complaints after which a walk stops. */
const ENOUGH = 5;

const steps: Figures = { allowed: 0, refused: 0, moments: 0, deaths: 0, exposures: 0, shrinking: 0 };
const ways: Figures = { ...steps };
let clusters = 0;
let beginnings = 0;
let situations = 0;
let endings = 0;

afterAll(() => {
  console.log(
    `quorum walk: ${clusters} clusters (steps allowed ${steps.allowed}, refused ${steps.refused}; moments ${steps.moments}, deaths ${steps.deaths}, exposures ${steps.exposures}, ` +
      `deaths at the price of a smaller membership ${steps.shrinking}); ${beginnings} transitions in ${situations} situations (steps allowed ${ways.allowed}, refused ${ways.refused}; ` +
      `crashes ${ways.moments}, deaths ${ways.deaths}, healed and carried on to the end ${endings})`,
  );
});

test('on every cluster, the guard allows a step exactly where the model finds nothing that it could cost', () => {
  const complaints: string[] = [];
  for (const cluster of everyCluster(9)) {
    if (complaints.length >= ENOUGH) break;
    clusters += 1;
    const guest = { name: 'n1', seat: 'none', up: true, heard: true } as const;
    const asked: Step[] = [
      { action: 'join', node: guest.name },
      ...oneOfEachKind(cluster).flatMap(({ name }): Step[] => [{ action: 'remove', node: name }, { action: 'join', node: name }]),
      { action: 'remove', node: 'stranger' },
    ];
    // While the quorum holds, every member that is up answers, and the two lists are one.
    for (const members of hasQuorum(cluster) ? [memberList(cluster)] : [memberList(cluster), memberListReadEarlier(cluster)]) {
      for (const step of asked) {
        const { complaint } = judge([...cluster, guest], step, askGuard(members, step), steps);
        note(complaints, complaint, step, cluster);
      }
      // A ghost: a second member of the same name, left behind by an earlier life of the machine.
      for (const { name } of oneOfEachKind(cluster)) {
        const ghost = members.find((member) => member.name === name)!;
        for (const list of [[...members, ghost], [{ ...ghost, healthy: false }, ...members]]) {
          if (checkRemoval(list, name).safe || checkJoin(list, name).safe) complaints.push(`${name} is in the list twice, and a step is allowed: ${describeCluster(cluster)}`);
        }
      }
    }
  }
  expect(complaints).toEqual([]);
});

test('every transition keeps the quorum through crashes and deaths, and comes to its end once everything is healthy', () => {
  const complaints: string[] = [];
  const queue = everyBeginning();
  const seen = new Set(queue.map(keyOf));
  const ended = new Map<string, string | undefined>();
  beginnings = queue.length;

  for (let situation = queue.pop(); situation !== undefined && complaints.length < ENOUGH; situation = queue.pop()) {
    situations += 1;
    for (const next of [...whatHappensAnyway(situation), ...whatWeDo(situation, complaints)].map(tidy)) {
      const key = keyOf(next);
      if (!seen.has(key)) {
        seen.add(key);
        queue.push(next);
      }
    }
    for (const healthy of healthyAgain(situation)) {
      const key = keyOf(healthy);
      if (!ended.has(key)) {
        ended.set(key, carryOn(healthy));
        note(complaints, ended.get(key), undefined, healthy);
      }
    }
  }
  endings = ended.size;
  expect(complaints).toEqual([]);
});

/** Any node may die at any moment, and etcd settles its learner. */
function whatHappensAnyway(situation: Situation): Cluster[] {
  const deaths = oneOfEachKind(situation.filter(({ seat, up }) => up && seat !== 'none'), (machine) => `${isWanted(machine)} ${kindOf(machine)}`).map(({ name }) => die(name));
  return [...deaths, promote, throwOut].map((happening) => happening(situation));
}

/** Every situation in which our program may leave this one, whatever it planned and wherever it crashed. */
function whatWeDo(situation: Situation, complaints: string[]): readonly Cluster[] {
  const members = memberListReadEarlier(situation);
  return firstSteps(situation, complaints).flatMap((step) => {
    const verdict = askGuard(members, step);
    if (voterNames(situation).length === 0) {
      // Nobody answers: the guard never allows that to become a cluster. Membership alone may, where there is none yet.
      note(complaints, verdict.safe ? 'allowed, though nobody answers' : undefined, step, situation);
      return moments(situation, [initialise(step.node)]);
    }
    const { complaint, reached } = judge(situation, step, verdict, ways);
    note(complaints, complaint, step, situation);
    return reached;
  });
}

/** The first step of every plan, each kind once; and, where somebody left a learner, to remove it. */
function firstSteps(situation: Situation, complaints: string[]): Step[] {
  const found = new Map<string, Step>();
  const add = (step: Step): void => {
    const machine = situation.find(({ name }) => name === step.node)!;
    found.set(`${step.action} ${isWanted(machine)} ${kindOf(machine)}`, step);
  };
  for (const { steps: [first], refusal, dead } of everyPlan(situation)) {
    const why = whyNoPlan(situation, dead);
    if ((refusal !== undefined) !== (why !== undefined)) {
      complaints.push(`${refusal ? `refused as a whole (${refusal.message})` : `not refused as a whole (${why})`}: ${describeCluster(situation)}`);
    }
    if (first !== undefined) add(first);
  }
  situation.filter(({ seat }) => seat === 'learner').forEach(({ name }) => add({ action: 'remove', node: name }));
  return [...found.values()];
}

/** Everything up and answering again; or all of it but the dead that leave anyway, who must not be needed any more. */
function healthyAgain(situation: Situation): Situation[] {
  const healed = heal(situation);
  const withoutTheDead = healed.map((machine, index) => (isWanted(machine) ? machine : { ...machine, up: situation[index].up }));
  return hasQuorum(withoutTheDead) && voterNames(situation).length > 0 ? [healed, withoutTheDead] : [healed];
}

function note(complaints: string[], complaint: string | undefined, step: Step | undefined, cluster: Cluster): void {
  if (complaint !== undefined) {
    complaints.push(`${step ? `${step.action} ${step.node}: ` : ''}${complaint}: ${describeCluster(cluster)}`);
  }
}
