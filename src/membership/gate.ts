import { formatProblem, type ProblemProps } from '../problem';
import { TransitionError, failureTolerance, planTransition } from '../quorum';
import type { NodeRole } from '../llmos/node';
import type { ConfirmedRemoval } from '../llmos/removal';

/** A node as the gate sees it: what is known in a preview, where addresses may not be. */
export interface DeclaredNode {
  readonly name: string;
  readonly role: NodeRole;
  /** @default - not known yet: it is not compared */
  readonly address?: string;
}

/**
 * Whether a change of the declared membership may be carried out; decided in the preview, before anything is touched.
 * @returns one message for each reason against it; empty where there is none
 */
export function gate(cluster: string, before: readonly DeclaredNode[], after: readonly DeclaredNode[], confirmed: readonly ConfirmedRemoval[]): string[] {
  const problems: ProblemProps[] = [];
  const unconfirmed = before.filter(node => leaves(node, after) && !confirmed.some(({ name }) => name === node.name)).map(({ name }) => name);
  const voters = { before: managementNames(before), after: managementNames(after) };

  if (unconfirmed.length > 0) {
    problems.push({
      subject: `removal from cluster '${cluster}'`,
      value: unconfirmed.join(', '),
      rule: `a node is removed only when its name was confirmed${cost(voters.before, voters.after)}`,
      remedy: `if that is meant: pulumi config set --path ${unconfirmed.map((name, index) => `'llmos:confirmRemoval[${index}]' ${name}`).join(' && pulumi config set --path ')}`,
    });
  }
  try {
    planTransition(voters.before, voters.after, { dead: confirmed.filter(isDead).map(({ name }) => name) });
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
  return confirmed.flatMap(({ name }) => {
    const subject = `confirmation of a removal from cluster '${cluster}'`;
    if (![...before, ...after].some(node => node.name === name)) {
      return [formatProblem({ subject, value: name, rule: 'it matches no node any more', remedy: 'delete it once this run has ended well' })];
    }
    if (before.some(node => node.name === name && leaves(node, after))) return [];
    return [formatProblem({ subject, value: name, rule: 'that node stays', remedy: 'delete it, or the next removal of that node needs no confirmation' })];
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
  return node.address !== undefined && same.address !== undefined && node.address !== same.address;
}

function managementNames(nodes: readonly DeclaredNode[]): string[] {
  return nodes.filter(({ role }) => role === 'management').map(({ name }) => name);
}

/** What the change costs, said where the decision is made. */
function cost(before: readonly string[], after: readonly string[]): string {
  if (before.length === 0 || after.length === 0 || failureTolerance(after.length) >= failureTolerance(before.length)) return '';
  return `; this one takes the failure tolerance from ${failureTolerance(before.length)} to ${failureTolerance(after.length)}`;
}
