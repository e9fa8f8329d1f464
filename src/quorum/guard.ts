import { exposure } from './exposure';
import { majority } from './majority';
import { MAX_VOTERS } from './size';
import { count, list } from './words';

/** An etcd member, as the guard looks at it. */
export interface Member {
  /** Name of the member's node. */
  readonly name: string;
  /** The member's own etcd answered a linearizable read in time. Undefined, nobody knows, counts as unhealthy. */
  readonly healthy: boolean | undefined;
  /** True for a voter, false for a learner. */
  readonly voter: boolean;
}

/** Whether a step may be taken now. */
export interface Verdict {
  readonly safe: boolean;
  /** One sentence with the figures it rests on, both when it is safe and when it is not. */
  readonly reason: string;
  /** What to do first. Only where it is not safe. */
  readonly remedy?: string;
}

/** Whether a join may be made now. */
export interface JoinVerdict extends Verdict {
  /** What the join risks although it is safe to make: only the second voter's does. @default - nothing */
  readonly exposure?: string;
}

/**
 * Whether a member may be removed without the cluster losing its quorum. It may when the healthy voters are a majority now,
 * the healthy ones that stay are a majority of those that stay, at least one voter stays, and no other member is a learner.
 * Removing a learner takes no vote away: that only asks for a majority now, so that a learner that never catches up can always go.
 *
 * @param members the real member list, read just before the step; never the one from a state or a definition.
 * @param name the member to remove.
 */
export function checkRemoval(members: readonly Member[], name: string): Verdict {
  const named = members.filter((member) => member.name === name);
  const [leaving] = named;
  if (leaving === undefined) {
    const found = members.length === 0 ? 'is empty' : `holds ${list(namesOf(members), 'and')}`;
    return unsafe(`${name} is not a member: the member list ${found}`, 'check the name, or go on if it has left already');
  }
  if (named.length > 1) {
    return unsafe(`${named.length} members are called ${name}, which does not say which one leaves`, 'remove the stale one by its member id first');
  }

  const now = tally(members);
  if (now.healthy < now.needed) {
    return quorumLost(now);
  }
  if (!leaving.voter) {
    return safe(`${standing(now)}; removing ${name}, a learner, takes no vote away: majority ${now.needed} holds`);
  }
  if (now.voters === 1) {
    return unsafe(`${name} is the only voter; removing it leaves 0 voters and no cluster`, 'join another management node first');
  }
  if (now.learners.length > 0) {
    return joinUnderWay(now);
  }

  const after = tally(members.filter((member) => member !== leaving));
  const remaining = `${count(after.voters, 'voter')} of which ${after.healthy} healthy`;
  const outcome = `${standing(now)}; removing ${name} leaves ${remaining}: majority ${after.needed}`;
  return after.healthy >= after.needed
    ? safe(`${outcome} holds`)
    : unsafe(`${outcome} would not hold`, `repair or remove ${list(after.unhealthy)} first`);
}

/**
 * Whether a machine may join as a management node without the cluster losing its quorum. A new member is not counted as healthy
 * before it has been a healthy voter, so the healthy voters must be a majority of one more; no learner may be on its way, the
 * name must be new, and there may be 9 voters at most. The second voter can never meet the first rule: it is let in where the
 * only voter is healthy, and reported as an exposure.
 *
 * An empty member list is refused: it means that nobody answers, which is never a reason to start a cluster.
 *
 * @param members the real member list, read just before the step; never the one from a state or a definition.
 * @param name the node that would join.
 */
export function checkJoin(members: readonly Member[], name: string): JoinVerdict {
  if (members.some((member) => member.name === name)) {
    return unsafe(`${name} is a member already`, 'if the machine is a new one, remove the stale member first');
  }

  const now = tally(members);
  if (now.healthy < now.needed) {
    return quorumLost(now);
  }
  if (now.learners.length > 0) {
    return joinUnderWay(now);
  }
  const voters = now.voters + 1;
  if (voters > MAX_VOTERS) {
    return unsafe(`joining ${name} makes ${voters} voters, more than ${MAX_VOTERS}`, 'remove a management node first');
  }

  const needed = majority(voters);
  const outcome = `${standing(now)}; joining ${name} makes ${voters} voters: majority ${needed}`;
  const exposed = exposure({ action: 'join', voters });
  if (exposed !== undefined) {
    return { ...safe(`${outcome} needs both`), exposure: exposed };
  }
  return now.healthy >= needed
    ? safe(`${outcome} holds even before ${name} is healthy`)
    : unsafe(`${outcome} would not hold before ${name} is healthy`, `repair or remove ${list(now.unhealthy)} first`);
}

/**
 * Whether a member may be restarted without the cluster losing its quorum. While it is away the others are a majority of all
 * voters, every one of them is healthy, so that one more failure meanwhile is no surprise but bad luck, and no learner is on its
 * way. The health of the member itself does not matter: one that does not run loses nothing by being started again.
 *
 * @param members the real member list, read just before the step; never the one from a state or a definition.
 * @param name the member whose etcd is away for a while.
 */
export function checkRestart(members: readonly Member[], name: string): Verdict {
  const named = members.filter((member) => member.name === name);
  if (named.length !== 1) {
    return unsafe(named.length === 0 ? `${name} is not a member` : `${named.length} members are called ${name}`, 'compare the member list with the Nodes first');
  }
  const all = tally(members);
  const others = tally(members.filter((member) => member.name !== name));
  if (others.learners.length > 0) {
    return joinUnderWay(all);
  }
  const outcome = `while ${name} restarts, ${others.healthy} of ${count(all.voters, 'voter')} ${others.healthy === 1 ? 'answers' : 'answer'}: majority ${all.needed}`;
  if (others.voters < all.needed) {
    return unsafe(`${outcome} does not hold`, 'grow to three management nodes, or shrink to one, first');
  }
  return others.unhealthy.length === 0
    ? safe(`${outcome} holds`)
    : unsafe(`${outcome}, but ${list(others.unhealthy, 'and')} ${others.unhealthy.length === 1 ? 'is' : 'are'} away already`, `repair or remove ${list(others.unhealthy)} first`);
}

interface Tally {
  readonly voters: number;
  readonly healthy: number;
  /** The majority. Without voters still 1, so that nothing holds there. */
  readonly needed: number;
  readonly unhealthy: readonly string[];
  readonly learners: readonly string[];
}

function tally(members: readonly Member[]): Tally {
  const voters = members.filter((member) => member.voter);
  const unhealthy = voters.filter((member) => member.healthy !== true);
  return {
    voters: voters.length,
    healthy: voters.length - unhealthy.length,
    needed: majority(Math.max(voters.length, 1)),
    unhealthy: namesOf(unhealthy),
    learners: namesOf(members.filter((member) => !member.voter)),
  };
}

function namesOf(members: readonly Member[]): string[] {
  return members.map((member) => member.name);
}

function standing({ healthy, voters }: Tally): string {
  return `${healthy} of ${count(voters, 'voter')} ${healthy === 1 || voters === 1 ? 'is' : 'are'} healthy`;
}

function quorumLost(now: Tally): Verdict {
  return unsafe(
    `${standing(now)}: majority ${now.needed} does not hold now, so no change can be agreed on`,
    now.voters === 0 ? 'make sure the management nodes answer' : `repair ${list(now.unhealthy)} first`,
  );
}

/** A learner may be promoted at any moment, which would change the majority under the step. */
function joinUnderWay(now: Tally): Verdict {
  const learners = `${count(now.learners.length, 'learner')} (${now.learners.join(', ')})`;
  return unsafe(
    `${standing(now)}, but ${learners} may vote at any moment and change majority ${now.needed}`,
    'wait until the learner is a voter, or remove it, first',
  );
}

function safe(reason: string): Verdict {
  return { safe: true, reason };
}

function unsafe(reason: string, remedy: string): Verdict {
  return { safe: false, reason, remedy };
}
