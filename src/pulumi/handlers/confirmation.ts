import { howToConfirm, type ConfirmedRemoval } from '../../llmos/removal';
import { Problem } from '../../problem';
import type { Settings } from '../settings';

/** A removal that may be made. */
export interface AllowedRemoval {
  /** It is part of the cluster's destruction. */
  readonly destroyingCluster: boolean;
  /** What becomes of the machine and its pods. */
  readonly confirmed: ConfirmedRemoval;
}

/**
 * Whether this removal is part of the cluster's destruction, which wants the cluster's name; any other wants the node's, and a
 * Membership that was checked in this run. Asked here as well because `pulumi destroy` runs no program, `--target` may leave
 * the Membership out and a delete left over from an earlier run passes no gate. Without `--run-program` the engine configures
 * providers as the last `up` did, so a confirmation made since would not be seen.
 * @param checked what is confirmed in a run that checked the Membership; undefined in a run that did not
 * @throws Problem where the removal was not confirmed
 */
export function allowedRemoval(
  node: { readonly name: string; readonly cluster: string },
  settings: Pick<Settings, 'confirmDestroy' | 'confirmRemoval' | 'listedRemovals'>,
  checked: readonly ConfirmedRemoval[] | undefined,
): AllowedRemoval {
  const subject = `removal of '${node.name}' from cluster '${node.cluster}'`;
  const destroy = `to destroy the whole cluster: pulumi config set llmos:confirmDestroy ${node.cluster} && pulumi destroy --run-program`;
  const confirmed = (checked ?? settings.confirmRemoval.removals).find(({ name }) => name === node.name);
  if (checked === undefined) {
    // One that cannot be reached is said to be so by its name here, too.
    if (settings.confirmDestroy === node.cluster) return { destroyingCluster: true, confirmed: confirmed ?? { name: node.name } };
    throw new Problem({
      subject,
      rule: 'the cluster\'s membership was not checked in this run, and without that a node leaves only with the whole cluster',
      remedy: `to remove the node, take it out of the definition and run \`pulumi up\` without --target; ${destroy}`,
    });
  }
  if (confirmed) return { destroyingCluster: false, confirmed };
  throw new Problem({
    subject,
    rule: 'a node is removed only when its name was confirmed',
    remedy: `if that is meant: ${howToConfirm([node.name], settings.listedRemovals)}; ${destroy}`,
  });
}
