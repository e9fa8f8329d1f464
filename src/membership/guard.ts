import { K3S, RKE2 } from '../llmos/paths';
import { formatProblem } from '../problem';
import { checkJoin, checkRemoval, type Verdict } from '../quorum';
import { findGhosts, type Ghost } from './ghosts';
import { manyProblems } from './many-problems';
import { readMembers, type LiveMember } from './members';
import type { NodeTarget } from './node-target';
import { refuseWhileAside } from './refuse-while-aside';
import type { ClusterSession, Server } from './session';
import type { Report } from './steps';

/**
 * A ghost is refused where the join would build on it: a member of a node that nobody knows is there for good, and two of one node
 * make the count of voters itself wrong. A member without a Node whose machine is known, this very node among them, is a join that
 * is under way, and a Node without a member does not count: both are reported, and the numbers decide.
 * @throws Problem where the quorum rules do not allow `name` to join now, or another management node is out of service
 */
export async function guardJoin(session: ClusterSession, server: Server, name: string, report: Report): Promise<void> {
  await refuseWhileAside(server.api, name);
  // Read before the members, who make nodes known that nobody declared.
  const known = session.management.map(node => node.name);
  const members = await readMembers(session, server);
  const verdict = checkJoin(members, name);
  judge({
    subject: `joining '${name}' to cluster '${session.cluster.name}'`, verdict, report,
    ghosts: await ghosts(session, server, members),
    refuses: ghost => ghost.kind === 'two members of one node' || (ghost.kind === 'member without a Node' && !known.includes(ghost.node)),
  });
  if (verdict.exposure !== undefined) report(verdict.exposure);
}

/**
 * A removal gets smaller what a ghost makes too large, so that a ghost is reported and the numbers decide, in which it counts as
 * unhealthy. Only where the leaving node is the ghost would the wrong member go, or none.
 * @throws Problem where taking the member of `node` out now would cost, or risk, the quorum, or another one is out of service
 */
export async function guardRemoval(session: ClusterSession, server: Server, node: NodeTarget, report: Report): Promise<void> {
  await refuseWhileAside(server.api, node.name);
  const members = await readMembers(session, server, node);
  judge({
    subject: `removing '${node.name}' from cluster '${session.cluster.name}'`, verdict: checkRemoval(members, node.name), report,
    ghosts: await ghosts(session, server, members),
    refuses: ghost => ghost.node === node.name && ghost.kind !== 'Node without a member',
  });
}

interface Case {
  readonly subject: string;
  readonly verdict: Verdict;
  readonly ghosts: readonly Ghost[];
  readonly refuses: (ghost: Ghost) => boolean;
  readonly report: Report;
}

/** Where the step is refused, every ghost is named with the reason: it may be the cause. */
function judge({ subject, verdict: { safe, reason, remedy }, ghosts: found, refuses, report }: Case): void {
  const refusing = found.filter(refuses);
  if (safe && refusing.length === 0) return found.forEach(({ problem }) => report(formatProblem(problem)));
  const problems = [
    ...(safe ? [] : [{ subject, rule: reason, remedy: `${remedy}; then run the same command again` }]),
    ...(safe ? refusing : found).map(({ problem }) => problem),
  ];
  throw manyProblems(subject, problems, 'mend them all, then run the same command again');
}

async function ghosts(session: ClusterSession, { api, machine }: Server, members: readonly LiveMember[]): Promise<Ghost[]> {
  const runtime = session.cluster.registrationPort === RKE2.supervisorPort ? RKE2 : K3S;
  return findGhosts(members, await api.nodes(), { host: machine.label, runtime });
}
