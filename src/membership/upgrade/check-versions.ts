import { mayServeTogether, refusedBeside, refusedChange, type Refusal } from '../../llmos/version-change';
import type { ProblemProps } from '../../problem';
import { manyProblems } from '../many-problems';
import type { NodeView } from '../ports/cluster-api';

/**
 * Kubernetes' rules on versions side by side, asked of what really runs right before a node is touched: a definition may be right
 * and an earlier run not have got as far.
 * @throws Problem with everything that speaks against this release on this node now
 */
export function checkVersions(name: string, version: string, nodes: readonly NodeView[]): void {
  const problems = nodes.flatMap((node): ProblemProps[] => {
    const refusal = node.name === name ? refusedChange(node.kubeletVersion, version) : refusedFor(name, version, node, nodes);
    return refusal === undefined ? [] : [{ subject: `node '${node.name}'`, value: node.kubeletVersion, ...refusal }];
  });
  if (problems.length > 0) throw manyProblems(`upgrade of '${name}' to ${version}`, problems, 'mend them all, then run `pulumi up` again');
}

/** Why another node forbids it. Workers do not look at each other. */
function refusedFor(name: string, version: string, other: NodeView, nodes: readonly NodeView[]): Refusal | undefined {
  const isManagement = nodes.some(node => node.name === name && node.role === 'management');
  if (!isManagement) return other.role === 'management' ? refusedBeside(version, other.kubeletVersion) : undefined;
  if (other.role === 'worker') return refusedBeside(other.kubeletVersion, version);
  return mayServeTogether(other.kubeletVersion, version) ? undefined : {
    rule: `API servers are one minor version apart at most, and this upgrade makes one ${version}`, remedy: 'bring this node up first, one minor version at a time',
  };
}
