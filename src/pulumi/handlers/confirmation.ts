import { Problem } from '../../problem';
import type { Settings } from '../settings';

/**
 * Whether this removal is part of the cluster's destruction, which wants the cluster's name; any other removal wants the node's.
 * Asked again here because `pulumi destroy` runs no program and a delete left over from an earlier run passes no gate. Without
 * `--run-program` the engine configures providers as the last `up` did, so a confirmation made since would not be seen.
 * @throws Problem where neither was confirmed
 */
export function removalIsConfirmed(
  node: { readonly name: string; readonly cluster: string },
  settings: Pick<Settings, 'confirmDestroy'>,
  confirmedRemovals: readonly string[],
): boolean {
  if (settings.confirmDestroy === node.cluster) return true;
  if (confirmedRemovals.includes(node.name)) return false;
  throw new Problem({
    subject: `removal of '${node.name}' from cluster '${node.cluster}'`,
    rule: 'a node is removed only when its name was confirmed',
    remedy: `if that is meant: pulumi config set --path 'llmos:confirmRemoval[0]' ${node.name}; to destroy the whole cluster: pulumi config set llmos:confirmDestroy ${node.cluster} && pulumi destroy --run-program`,
  });
}
