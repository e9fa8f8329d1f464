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
  /** Nodes confirmed dead: those that leave or are replaced are taken out before anything joins. */
  readonly dead: ReadonlySet<string>;
  readonly withZones: boolean;
  readonly reasonOf: (node: string, action: ImpactStep['action']) => StepReason;
}

/**
 * Every change of the voters, in the order in which planTransition and the engine make them, with the figures of the zones.
 *
 * @throws TransitionError where there is no safe way
 */
export function planSteps(before: readonly SnapshotNode[], after: readonly SnapshotNode[], plan: StepPlan): ImpactStep[] {
  const names = { before: before.map(({ name }) => name), after: after.map(({ name }) => name) };
  const { steps } = planTransition(names.before, names.after, { dead: [...plan.dead], replaced: [...plan.replaced], demoted: [...plan.demoted] });
  const old = byName(before);
  const wanted = byName(after);
  // A node that stays gets its new zone with the definition, before anything leaves.
  const voters = new Map(names.before.map(name => [name, plan.replaced.has(name) ? old.get(name)! : wanted.get(name) ?? old.get(name)!]));
  return steps.map(({ action, node, voters: count }, index) => {
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
