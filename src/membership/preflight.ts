import { Problem, type ProblemProps } from '../problem';
import { manyProblems } from './many-problems';
import { readMembers } from './members';
import type { NodeTarget } from './node-target';
import { otherNode } from './other-node';
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
 * @throws Problem where another management host does not answer or is half set up, so that it may be the one that holds the
 * cluster; and where this one is half set up to join one
 */
export async function mayInitialise(session: ClusterSession, first: NodeTarget): Promise<boolean> {
  // There is a cluster, even where nobody answers.
  if (session.knownIdentity !== undefined) return false;
  const others = session.management.filter(({ name }) => name !== first.name);
  const [own, ...looks] = await Promise.all([first, ...others].map(node => look(session, node)));
  if (looks.some(({ facts }) => facts?.bootstrap === 'done')) return false;
  const problems = [...joinsAnother(own!), ...looks.flatMap(each => mayHoldCluster(each, first))];
  if (problems.length > 0) throw manyProblems(`cluster '${session.cluster.name}'`, problems, REMEDY);
  return true;
}

/**
 * Looks at every machine before any of them is changed.
 *
 * A cluster may be started only when none was there before, every declared management host answers and no declared host is
 * set up: one that does not answer may be the one that holds the cluster, and a worker that is set up works for one.
 * @param joining the machines that are to join; where there was no cluster yet, all that are declared
 * @param hadCluster an earlier run of this stack knew a cluster: then there is always one to join, or nothing is done
 * @throws Problem with everything that was found, at once
 */
export async function preflight(session: ClusterSession, joining: readonly NodeTarget[], hadCluster: boolean): Promise<Preflight> {
  const looks = await Promise.all(joining.map(node => look(session, node)));
  const problems: ProblemProps[] = looks.flatMap(({ problem }) => problem ?? []);
  problems.push(...twins(looks));
  if (problems.length > 0) throw manyProblems(`cluster '${session.cluster.name}'`, problems, REMEDY);

  const first = looks.find(({ node }) => node.role === 'management');
  if (!hadCluster && first && first.facts?.bootstrap !== 'done' && await mayInitialise(session, first.node)) {
    const working = looks.flatMap(each => worksElsewhere(each, first.node));
    if (working.length > 0) throw manyProblems(`cluster '${session.cluster.name}'`, working, REMEDY);
    return { initialise: first.node.name };
  }

  const server = await session.server('join');
  const others = await Promise.all(looks.map(({ node, facts }) => otherNode(server.api, node, facts!, session.machine(node).label)));
  if (others.some(each => each !== undefined)) throw manyProblems(`cluster '${session.cluster.name}'`, others.flatMap(each => each ?? []), REMEDY);
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

const REMEDY = 'mend them all, then run `pulumi up` again; nothing was changed';

/** What one machine said of itself, or why it said nothing. */
interface Look {
  readonly node: NodeTarget;
  readonly facts?: MachineFacts;
  readonly problem?: ProblemProps;
}

async function look(session: ClusterSession, node: NodeTarget): Promise<Look> {
  try {
    return { node, facts: await session.machine(node).facts() };
  } catch (error) {
    if (error instanceof Problem) return { node, problem: { ...error.props, subject: `machine '${node.name}', ${error.props.subject}` } };
    const rule = error instanceof Error ? error.message : String(error);
    return { node, problem: { subject: `machine '${node.name}'`, rule, remedy: 'see that it can be reached over SSH' } };
  }
}

/** The machine that would start the cluster is carried on only where it was starting one: half a join leads to another cluster. */
function joinsAnother({ node, facts, problem }: Look): ProblemProps[] {
  if (problem) return [problem];
  if (facts!.bootstrap === 'absent' || facts!.bootstrap === 'done' || (facts!.server === undefined && facts!.role !== 'worker')) return [];
  return [{
    subject: `management node '${node.name}'`, value: `LLMOS: ${facts!.bootstrap}`,
    rule: `LLMOS is half set up on it to join ${facts!.server ?? 'a cluster as a worker node'}, so there is a cluster already; starting one there would make a second`,
    remedy: 'declare the management nodes of that cluster, or clean this machine with llmos-uninstall.sh and delete /etc/llmos',
  }];
}

function mayHoldCluster({ node, facts, problem }: Look, first: NodeTarget): ProblemProps[] {
  if (problem) return [problem];
  if (facts!.bootstrap === 'absent') return [];
  return [{
    subject: `management node '${node.name}'`, value: `LLMOS: ${facts!.bootstrap}`,
    rule: `LLMOS is half set up on it, so it may be starting a cluster of its own; '${first.name}' would start a second one`,
    remedy: `name it before '${first.name}' in the pool to carry it on, or clean it with llmos-uninstall.sh and delete /etc/llmos`,
  }];
}

function worksElsewhere({ node, facts }: Look, first: NodeTarget): ProblemProps[] {
  if (node.role !== 'worker' || (facts?.bootstrap !== 'done' && facts?.bootstrap !== 'running')) return [];
  return [{
    subject: `worker node '${node.name}'`, value: `LLMOS: ${facts.bootstrap}`,
    rule: `LLMOS is set up on it, so it works for a cluster that none of the declared management nodes is part of; '${first.name}' would start a second one`,
    remedy: 'declare the management nodes of its cluster, or clean it with llmos-uninstall.sh and delete /etc/llmos',
  }];
}

/** Cloned machines share a machine-id; LLMOS and etcd would take them for one. */
function twins(looks: readonly Look[]): ProblemProps[] {
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
