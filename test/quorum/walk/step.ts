import { checkJoin, checkRemoval, type JoinVerdict, type Member } from '../../../src/quorum';
import { addLearner, answersRead, die, moments, promote, takeOut, type Cluster, type Happening } from '../model';
import { oneOfEachKind } from './clusters';

/** One step of a transition, as the guard is asked about it. */
export interface Step {
  readonly action: 'join' | 'remove';
  readonly node: string;
}

/** The member list as our program reads it, with the answer of each member to a linearizable read. */
export function memberList(cluster: Cluster): Member[] {
  return list(cluster, (machine) => answersRead(cluster, machine));
}

/**
 * The same where each member was asked just before the last death: the members are asked one after the other, so the first
 * answers may be older than it. The guard must not be misled by that, and this is what the walk shows it.
 */
export function memberListReadEarlier(cluster: Cluster): Member[] {
  return list(cluster, ({ up }) => up);
}

function list(cluster: Cluster, healthy: (machine: Cluster[number]) => boolean): Member[] {
  return cluster.flatMap((machine) =>
    machine.seat === 'none' ? [] : [{ name: machine.name, voter: machine.seat === 'voter', healthy: machine.heard ? healthy(machine) : undefined }],
  );
}

export function askGuard(members: readonly Member[], { action, node }: Step): JoinVerdict {
  return action === 'join' ? checkJoin(members, node) : checkRemoval(members, node);
}

/** What etcd may do of itself meanwhile: promote the learner there is. */
export function ownDoing(cluster: Cluster): Happening[] {
  return cluster.some(({ seat }) => seat === 'learner') ? [promote] : [];
}

/** What may happen once the guard has said yes, in every order: our call, what etcd makes of it, and what etcd does of itself. */
export function storiesOf(cluster: Cluster, { action, node }: Step): Happening[][] {
  if (action === 'join') {
    return [[addLearner(node), promote]];
  }
  const own = ownDoing(cluster);
  return own.length === 0 ? [[takeOut(node)]] : [[takeOut(node), ...own], [...own, takeOut(node)]];
}

/** A story with the death of one machine in it. */
export interface Telling {
  readonly victim: string;
  /** How many happenings came before the death. */
  readonly at: number;
  readonly moments: readonly Cluster[];
}

/** The story with the death of any one machine at any moment of it. */
export function withADeath(cluster: Cluster, story: readonly Happening[], victims = whoMayDie(cluster)): Telling[] {
  return victims.flatMap((victim) =>
    Array.from({ length: story.length + 1 }, (_, at) => ({ victim, at, moments: moments(cluster, [...story.slice(0, at), die(victim), ...story.slice(at)]) })),
  );
}

/** One machine of each kind that is up; the one that the step is about is a kind of its own. */
export function whoMayDie(cluster: Cluster, node?: string): string[] {
  const alive = cluster.filter(({ up }) => up);
  return oneOfEachKind(alive, (machine) => (machine.name === node ? 'the node of the step' : machine.seat)).map(({ name }) => name);
}
