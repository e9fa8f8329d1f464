import { failureTolerance, majority, quorumFigures, type QuorumFigures } from './majority';
import { MAX_VOTERS } from './size';
import { count, list } from './words';
import { zoneFailureTolerance } from './zones';

/** One change of a membership, with the figures after it. */
export interface TransitionStep extends QuorumFigures {
  readonly action: 'join' | 'remove';
  /** Name of the management node that joins or is removed. */
  readonly node: string;
  /** How many zones may be lost after the step, whichever they are. @default - the zones were not given */
  readonly zoneFailureTolerance?: number;
}

/** The way from one membership to another. */
export interface Transition {
  /** In the order they are carried out, one at a time. Empty when nothing changes. */
  readonly steps: readonly TransitionStep[];
  /** The least number of failures tolerated before, after or anywhere on the way. 0 where a cluster is made or destroyed. */
  readonly lowestFailureTolerance: number;
  /** The least number of zones whose loss is survived before, after or anywhere on the way. @default - the zones were not given */
  readonly lowestZoneFailureTolerance?: number;
}

export interface TransitionOptions {
  /**
   * Nodes confirmed dead. Those that leave, or are replaced, are removed before anything joins, because etcd does not add a
   * member while a started one is unhealthy, and because four voters with one dead tolerate nothing. Dead nodes that stay wait
   * for the guard before each step; names not in `before` are ignored.
   * @default - every node is alive
   */
  readonly dead?: readonly string[];
  /**
   * Nodes of both lists that get another machine. Etcd, the API server and the node's password give a name once, so that such a
   * node leaves and joins again when its turn in `after` comes; names that are not in both lists are ignored.
   * @default - every node that stays keeps its machine
   */
  readonly replaced?: readonly string[];
  /**
   * Nodes that stay in the cluster and stop being management nodes: they leave when all have joined, before those that leave
   * for good. Names that are not in `before` alone are ignored.
   * @default - every node that leaves leaves the cluster
   */
  readonly demoted?: readonly string[];
  /**
   * The zone of each node by its name, of those that leave as well. A node that is not in it, or is in none, is read as
   * in `zoneFailureTolerance`: it falls with the first zone that is lost.
   * @default - zones are not looked at
   */
  readonly zones?: Readonly<Record<string, string | undefined>>;
}

/** A transition that must not be carried out as a whole. */
export class TransitionError extends Error {
  /** What is broken and what follows from it. */
  readonly rule: string;
  /** What to do instead. */
  readonly remedy: string;

  constructor(rule: string, remedy: string) {
    super(`${rule}; ${remedy}`);
    this.name = 'TransitionError';
    this.rule = rule;
    this.remedy = remedy;
  }
}

/**
 * Plans how one management membership becomes another, one change at a time: confirmed dead nodes leave first, then new ones
 * join in the order of `after`, where one that is replaced leaves right before it joins again, then the rest leave in reverse
 * order of `before`. A join thus never finds less than it needs, and a removal always has the new members to lean on.
 *
 * `before` may be empty (a new cluster: the first join makes its only voter), and so may `after` (the cluster is destroyed:
 * the last removal leaves 0 voters, a majority of 0 and a failure tolerance of 0).
 *
 * @param before names of the management nodes now, in the order they joined.
 * @param after names of the management nodes wanted, in the order they shall join.
 * @throws TransitionError when a name is listed twice, when a join would make more than 9 voters, when the only voter would be
 *   replaced under its own name, or when so many are dead that no membership change can be agreed on (a cluster that is
 *   destroyed need not agree on anything).
 */
export function planTransition(before: readonly string[], after: readonly string[], options: TransitionOptions = {}): Transition {
  refuseDuplicates(before, after);

  const dead = before.filter((node) => options.dead?.includes(node));
  if (after.length > 0) {
    refuseLostQuorum(before.length, dead);
  }

  let voters = before;
  const steps = changesOf(before, after, dead, options).map((change) => {
    voters = change.action === 'join' ? [...voters, change.node] : voters.filter((node) => node !== change.node);
    return { ...change, ...figuresOf(voters, options.zones) };
  });
  refuseTooMany(Math.max(0, ...steps.filter(({ action }) => action === 'join').map((step) => step.voters)));
  if (after.length > 0) {
    refuseNoVoter(steps.find((step) => step.voters === 0));
  }

  const figures = [figuresOf(before, options.zones), ...steps];
  const zoneTolerances = figures.flatMap((each) => each.zoneFailureTolerance ?? []);
  return {
    steps,
    lowestFailureTolerance: Math.min(...figures.map((each) => each.failureTolerance)),
    ...(zoneTolerances.length > 0 && { lowestZoneFailureTolerance: Math.min(...zoneTolerances) }),
  };
}

type Figures = QuorumFigures & Pick<TransitionStep, 'zoneFailureTolerance'>;

/** Where there is no voter there is no zone to lose either: 0, as the failure tolerance. */
function figuresOf(voters: readonly string[], zones: TransitionOptions['zones']): Figures {
  const figures = quorumFigures(voters.length);
  if (zones === undefined) {
    return figures;
  }
  return { ...figures, zoneFailureTolerance: voters.length === 0 ? 0 : zoneFailureTolerance(voters.map((node) => zones[node])) };
}

type Change = Pick<TransitionStep, 'action' | 'node'>;

/** In the order in which they are carried out. */
function changesOf(before: readonly string[], after: readonly string[], dead: readonly string[], { replaced = [], demoted = [] }: TransitionOptions): Change[] {
  const another = before.filter((node) => after.includes(node) && replaced.includes(node));
  const joining = after.filter((node) => !before.includes(node) || another.includes(node));
  const leaving = before.filter((node) => !after.includes(node)).reverse();
  const leavingDead = [...before].reverse().filter((node) => dead.includes(node) && (leaving.includes(node) || another.includes(node)));
  const leavingAlive = leaving.filter((node) => !dead.includes(node));
  return [
    ...leavingDead.map(remove),
    ...joining.flatMap((node) => (another.includes(node) && !dead.includes(node) ? [remove(node), join(node)] : [join(node)])),
    ...leavingAlive.filter((node) => demoted.includes(node)).map(remove),
    ...leavingAlive.filter((node) => !demoted.includes(node)).map(remove),
  ];
}

function join(node: string): Change {
  return { action: 'join', node };
}

function remove(node: string): Change {
  return { action: 'remove', node };
}

function refuseDuplicates(before: readonly string[], after: readonly string[]): void {
  const found = Object.entries({ before, after }).flatMap(([side, nodes]) => {
    const repeated = nodes.filter((node, index) => nodes.indexOf(node) !== index);
    return repeated.length === 0 ? [] : [`${list([...new Set(repeated)], 'and')} listed more than once in the membership ${side}`];
  });
  if (found.length > 0) {
    throw new TransitionError(found.join(', '), 'name each node once');
  }
}

/** Dead members can only be removed by a majority of the living, so this also means that a voter is always left. */
function refuseLostQuorum(voters: number, dead: readonly string[]): void {
  if (voters > 0 && dead.length > failureTolerance(voters)) {
    const outcome = `${dead.length} of ${count(voters, 'voter')} dead (${dead.join(', ')}) leaves ${voters - dead.length}`;
    throw new TransitionError(
      `${outcome}, less than the majority of ${majority(voters)} that has to agree on any change`,
      'bring one of them back, or restore the cluster from a snapshot, first',
    );
  }
}

/** The way of one who is alone: there is nobody to hand over to, and no two machines have one name. */
function refuseNoVoter(step: TransitionStep | undefined): void {
  if (step !== undefined) {
    throw new TransitionError(
      `removing ${step.node} leaves no voter: with the only one the cluster is gone`,
      'give the new machine a name of its own, so that it joins before the old one leaves',
    );
  }
}

/** Only joins are refused: a larger membership made elsewhere must be able to shrink. */
function refuseTooMany(peak: number): void {
  if (peak > MAX_VOTERS) {
    throw new TransitionError(
      `new nodes join before old ones leave, which makes ${peak} voters on the way, more than ${MAX_VOTERS}`,
      'make two changes of it, each replacing a part of the nodes',
    );
  }
}
