import { refusedChange } from '../llmos/version-change';
import { formatProblem, Problem } from '../problem';

/**
 * Whether a node may change from one declared Kubernetes to another; decided in the preview, before anything is touched.
 * @param before what it was brought to last. @default - nothing is known, so there is nothing to compare
 * @returns one message where it may not; else none
 */
export function gateVersions(node: string, before: string | undefined, after: string | undefined): string[] {
  if (before === undefined || after === undefined || before === after) return [];
  try {
    const refusal = refusedChange(before, after);
    return refusal === undefined ? [] : [formatProblem({ subject: `kubernetesVersion of node '${node}'`, value: `${before} → ${after}`, ...refusal })];
  } catch (error) {
    // Recorded by hand, or by another program: it cannot be compared, and what runs is looked at before the node is touched.
    if (error instanceof Problem) return [];
    throw error;
  }
}
