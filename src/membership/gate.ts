import { formatProblem, type ProblemProps } from '../problem';
import { TransitionError, failureTolerance, planTransition } from '../quorum';
import type { NodeRole } from '../llmos/node';

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
export function gate(cluster: string, before: readonly DeclaredNode[], after: readonly DeclaredNode[], confirmed: readonly string[]): string[] {
  const problems: ProblemProps[] = [];
  const removed = before.filter(node => leaves(node, after));
  const unconfirmed = removed.filter(({ name }) => !confirmed.includes(name)).map(({ name }) => name);
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
    planTransition(voters.before, voters.after);
  } catch (error) {
    if (!(error instanceof TransitionError)) throw error;
    problems.push({ subject: `membership of cluster '${cluster}'`, rule: error.rule, remedy: error.remedy });
  }
  return problems.map(formatProblem);
}

/** Gone, in another role, or on another machine: each takes the node out of the cluster. */
function leaves(node: DeclaredNode, after: readonly DeclaredNode[]): boolean {
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
