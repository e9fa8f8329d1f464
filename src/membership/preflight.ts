import { Problem, formatProblem, type ProblemProps } from '../problem';
import { readMembers } from './members';
import type { NodeTarget } from './node-target';
import type { MachineFacts } from './ports/machine';
import type { ClusterSession } from './session';

/** What the look at all machines found. */
export interface Preflight {
  /** UID of the cluster, where there is one. */
  readonly identity?: string;
  /** The management node that may start the cluster; empty where there is a cluster to join. */
  readonly initialise: string;
}

/**
 * Whether a management node that was granted it may really start the cluster, looked at again right before it does: since the
 * grant the others may have got a cluster, which this machine then joins.
 * @throws Problem where another management host does not answer, or is half set up: it may be the one that holds the cluster
 */
export async function mayInitialise(session: ClusterSession, first: NodeTarget): Promise<boolean> {
  const others = session.management.filter(({ name }) => name !== first.name);
  const looks = await Promise.all(others.map(async node => ({ node, ...(await look(session, node)) })));
  if (looks.some(({ facts }) => facts?.bootstrap === 'done')) return false;
  const problems = looks.flatMap(({ node, facts, problem }): ProblemProps[] => {
    if (problem) return [problem];
    if (facts?.bootstrap === 'absent') return [];
    return [{
      subject: `management node '${node.name}'`, value: `LLMOS: ${facts?.bootstrap}`,
      rule: `LLMOS is half set up on it, so it may be starting a cluster of its own; '${first.name}' would start a second one`,
      remedy: 'clean it with llmos-uninstall.sh and delete /etc/llmos',
    }];
  });
  if (problems.length > 0) throw many(`cluster '${session.cluster.name}'`, problems);
  return true;
}

/**
 * Looks at every machine before any of them is changed.
 *
 * A cluster may be started only when none was there before, every declared management host answers and none of them is set
 * up: a host that does not answer may be the one that holds the cluster.
 * @param hadCluster an earlier run of this stack knew a cluster: then there is always one to join, or nothing is done
 * @throws Problem with everything that was found, at once
 */
export async function preflight(session: ClusterSession, joining: readonly NodeTarget[], hadCluster: boolean): Promise<Preflight> {
  const looks = await Promise.all(joining.map(async node => ({ node, ...(await look(session, node)) })));
  const problems: ProblemProps[] = looks.flatMap(({ problem }) => problem ?? []);
  problems.push(...twins(looks));
  if (problems.length > 0) throw many(`cluster '${session.cluster.name}'`, problems);

  const first = joining.find(({ role }) => role === 'management');
  if (!hadCluster && first && looks.find(({ node }) => node === first)?.facts?.bootstrap !== 'done' && await mayInitialise(session, first)) {
    return { initialise: first.name };
  }

  const server = await session.server('join');
  // Read before the members, who make nodes known that nobody declared. One that joined half-way is declared and no longer joins.
  const declared = session.management.map(({ name }) => name);
  const learners = (await readMembers(session, server)).filter(({ voter, name }) => !voter && !declared.includes(name));
  if (learners.length > 0) {
    throw new Problem({
      subject: `cluster '${session.cluster.name}'`,
      value: learners.map(({ name }) => name).join(', '),
      rule: 'a member that nobody declared is still a learner, and etcd takes one learner at a time',
      remedy: 'declare that node again or remove its member, then run `pulumi up` again',
    });
  }
  return { identity: session.knownIdentity, initialise: '' };
}

async function look(session: ClusterSession, node: NodeTarget): Promise<{ facts?: MachineFacts; problem?: ProblemProps }> {
  try {
    return { facts: await session.machine(node).facts() };
  } catch (error) {
    if (error instanceof Problem) return { problem: error.props };
    return { problem: { subject: `machine '${node.name}'`, rule: error instanceof Error ? error.message : String(error), remedy: 'see that it can be reached over SSH' } };
  }
}

/** Cloned machines share a machine-id, and two machines of one hostname overwrite each other's Node. */
function twins(looks: readonly { readonly node: NodeTarget; readonly facts?: MachineFacts }[]): ProblemProps[] {
  const byId = new Map<string, string[]>();
  for (const { node, facts } of looks) {
    if (facts) byId.set(facts.machineId, [...(byId.get(facts.machineId) ?? []), node.name]);
  }
  return [...byId].filter(([, names]) => names.length > 1).map(([id, names]) => ({
    subject: `machines ${names.map(name => `'${name}'`).join(', ')}`,
    value: `machine-id ${id}`,
    rule: 'they have one machine-id, so they are one machine or clones of one',
    remedy: 'declare it once, or give each clone its own (rm /etc/machine-id && systemd-machine-id-setup)',
  }));
}

function many(subject: string, problems: readonly ProblemProps[]): Problem {
  if (problems.length === 1) return new Problem(problems[0]!);
  return new Problem({
    subject,
    rule: `${problems.length} things are wrong:\n${problems.map(problem => `  - ${formatProblem(problem)}`).join('\n')}`,
    remedy: 'mend them all, then run `pulumi up` again; nothing was changed',
  });
}
