import { formatProblem, type ProblemProps } from '../problem';
import { TransitionError, failureTolerance, planTransition } from '../quorum';
import type { NodeRole } from '../llmos/node';
import { howToConfirm, type ConfirmedRemoval } from '../llmos/removal';
import { whyReplaced } from './why-replaced';

/** A node as the gate sees it: what is known in a preview, where addresses may not be. */
export interface DeclaredNode {
  readonly name: string;
  readonly role: NodeRole;
  /** @default - not known yet: it is not compared */
  readonly address?: string;
  /** Empty where it has none beside its address. @default - not known yet: it is not compared */
  readonly internalAddress?: string;
}

/**
 * Whether a change of the declared membership may be carried out; decided in the preview, before anything is touched.
 * @param listed the entries that the stack's own list of confirmations has, as `howToConfirm` takes them
 * @returns one message for each reason against it; empty where there is none
 */
export function gate(
  cluster: string, before: readonly DeclaredNode[], after: readonly DeclaredNode[], confirmed: readonly ConfirmedRemoval[], listed?: number | string,
): string[] {
  const problems: ProblemProps[] = [];
  const leaving = before.filter(node => leaves(node, after)).map(({ name }) => name);
  const unconfirmed = leaving.filter(node => !confirmed.some(({ name }) => name === node));
  const voters = { before: managementNames(before), after: managementNames(after) };

  if (unconfirmed.length > 0) {
    problems.push({
      subject: `removal from cluster '${cluster}'`,
      value: unconfirmed.join(', '),
      rule: `a node is removed only when its name was confirmed${cost(voters.before, voters.after)}${why(before.filter(({ name }) => unconfirmed.includes(name)), after)}`,
      remedy: `if that is meant: ${howToConfirm(unconfirmed, listed)}`,
    });
  }
  try {
    const counted = voters.before.filter(name => !(leaving.includes(name) && confirmed.some(each => each.name === name && each.vote === 'lost')));
    planTransition(counted, voters.after, {
      // One that stays is not dead, whatever an old confirmation says.
      dead: confirmed.filter(each => isDead(each) && leaving.includes(each.name)).map(({ name }) => name),
      replaced: leaving, demoted: after.filter(({ role }) => role === 'worker').map(({ name }) => name),
    });
  } catch (error) {
    if (!(error instanceof TransitionError)) throw error;
    problems.push({ subject: `membership of cluster '${cluster}'`, rule: error.rule, remedy: error.remedy });
  }
  return problems.map(formatProblem);
}

/**
 * Confirmations that confirm nothing: each is a removal that would one day need no confirmation any more. No reason to refuse, as
 * one is left over after each removal.
 * @returns one message for each
 */
export function staleConfirmations(
  cluster: string, before: readonly DeclaredNode[], after: readonly DeclaredNode[], confirmed: readonly ConfirmedRemoval[],
): string[] {
  return confirmed.flatMap(({ name, removal = 'clean' }) => {
    const subject = `confirmation of a removal from cluster '${cluster}'`;
    if (![...before, ...after].some(node => node.name === name)) {
      return [formatProblem({ subject, value: name, rule: 'it matches no node any more', remedy: 'delete it once this run has ended well' })];
    }
    if (before.some(node => node.name === name && leaves(node, after))) return [];
    const unless = removal === 'clean' ? '' : ', unless `pulumi refresh` found another machine in its place';
    return [formatProblem({ subject, value: name, rule: `that node stays${unless}`, remedy: 'delete it, or the next removal of that node needs no confirmation' })];
  });
}

/** Declared as gone: it cannot be asked, so it leaves before anything joins. */
function isDead({ removal }: ConfirmedRemoval): boolean {
  return removal === 'unreachable';
}

/** Gone, in another role, or on another machine: each takes the node out of the cluster. */
export function leaves(node: DeclaredNode, after: readonly DeclaredNode[]): boolean {
  const same = after.find(({ name }) => name === node.name);
  if (!same || same.role !== node.role) return true;
  return (['address', 'internalAddress'] as const).some(key => node[key] !== undefined && same[key] !== undefined && node[key] !== same[key]);
}

function managementNames(nodes: readonly DeclaredNode[]): string[] {
  return nodes.filter(({ role }) => role === 'management').map(({ name }) => name);
}

/** What the change costs, said where the decision is made. */
function cost(before: readonly string[], after: readonly string[]): string {
  if (before.length === 0 || after.length === 0 || failureTolerance(after.length) >= failureTolerance(before.length)) return '';
  return `; this one takes the failure tolerance from ${failureTolerance(before.length)} to ${failureTolerance(after.length)}`;
}

/** Whoever only meant to change a node is told why it would leave. */
function why(leaving: readonly DeclaredNode[], after: readonly DeclaredNode[]): string {
  return leaving.map(node => {
    const same = after.find(({ name }) => name === node.name);
    const reason = same && whyReplaced(node, same);
    return reason === undefined ? '' : `; ${node.name} cannot change in place and would leave and join again, because ${reason}`;
  }).join('');
}
