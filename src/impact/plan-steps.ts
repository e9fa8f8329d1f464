import { exposure, planTransition } from '../quorum';
import { byName, type NodeChanges } from './compare-nodes';
import { figuresOf } from './figures';
import type { ImpactStep, StepReason } from './impact-report';
import type { SnapshotNode } from './membership-snapshot';

/** What decides the order besides the two lists. */
export interface StepPlan {
  /** Management nodes that change their machine and keep their name. */
  readonly replaced: ReadonlySet<string>;
  /** Management nodes that become workers: they leave when they are declared anew, before those that leave for good. */
  readonly demoted: ReadonlySet<string>;
  /** Nodes confirmed dead: those that leave are taken out before anything joins. */
  readonly dead: ReadonlySet<string>;
  readonly withZones: boolean;
  readonly reasonOf: (node: string, action: ImpactStep['action']) => StepReason;
}

/**
 * Every change of the voters in the order the engine makes them: the confirmed dead leave first; then, in the order of the
 * definition, new nodes join and a replaced one leaves before its successor joins (they share a name, which etcd and the API
 * server give only once); the others leave last.
 *
 * @throws TransitionError where there is no safe way
 */
export function planSteps(before: readonly SnapshotNode[], after: readonly SnapshotNode[], plan: StepPlan): ImpactStep[] {
  const names = { before: before.map(({ name }) => name), after: after.map(({ name }) => name) };
  const dead = names.before.filter(name => plan.dead.has(name) && !names.after.includes(name));
  // The whole first: what makes the way impossible is said with the figures of the whole way.
  planTransition(names.before, names.after, { dead });

  const changes = waypoints(names.before, names.after, dead, plan)
    .flatMap((target, index, all) => planTransition(index === 0 ? names.before : all[index - 1]!, target, { dead }).steps);
  const old = byName(before);
  const wanted = byName(after);
  // A node that stays gets its new zone with the definition, before anything leaves.
  const voters = new Map(names.before.map(name => [name, plan.replaced.has(name) ? old.get(name)! : wanted.get(name) ?? old.get(name)!]));
  return changes.map(({ action, node, voters: count }, index) => {
    const zone = (action === 'join' ? wanted.get(node) : voters.get(node))?.zone;
    if (action === 'join') voters.set(node, wanted.get(node)!);
    else voters.delete(node);
    const exposed = exposure({ action, voters: count });
    return {
      number: index + 1, action, node, ...(zone !== undefined && { zone }), reason: plan.reasonOf(node, action),
      ...figuresOf([...voters.values()], plan.withZones), ...(exposed !== undefined && { exposure: exposed }),
    };
  });
}

/** The memberships on the way: between two of them planTransition knows the order. */
function waypoints(before: readonly string[], after: readonly string[], dead: readonly string[], { replaced, demoted }: StepPlan): string[][] {
  let current = before.filter(name => !dead.includes(name));
  const passed = [current];
  for (const name of after) {
    if (!before.includes(name)) {
      current = [...current, name];
      passed.push(current);
    } else if (replaced.has(name)) {
      const without = current.filter(each => each !== name);
      passed.push(without, current);
    }
  }
  return [...passed, current.filter(name => !demoted.has(name)), current.filter(name => after.includes(name))];
}

/** Says what each step is part of. */
export function stepReasons(changes: NodeChanges, dead: ReadonlySet<string>): StepPlan['reasonOf'] {
  const replaced = new Set(changes.replacements.map(({ name }) => name));
  const reassigned = new Set(changes.roleChanges.map(({ name }) => name));
  const leftOver = new Set(changes.removals.filter(each => each.leftOver).map(({ name }) => name));
  return (node, action) => {
    if (replaced.has(node)) return 'replacement';
    if (reassigned.has(node)) return 'role';
    if (action === 'join') return 'join';
    if (leftOver.has(node)) return 'left over';
    return dead.has(node) ? 'dead' : 'removal';
  };
}
