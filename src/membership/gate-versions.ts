import { refusedDeclaration } from '../llmos/version-change';
import { formatProblem } from '../problem';

/**
 * Whether a node may change from one declared Kubernetes to another; decided in the preview, before anything is touched. What cannot
 * be compared may: what runs is looked at before the node is touched.
 * @param before what it was brought to last. @default - nothing is known, so there is nothing to compare
 * @returns one message where it may not; else none
 */
export function gateVersions(node: string, before: string | undefined, after: string | undefined): string[] {
  const refusal = refusedDeclaration(before, after);
  return refusal === undefined ? [] : [formatProblem({ subject: `kubernetesVersion of node '${node}'`, value: `${before} → ${after}`, ...refusal })];
}
