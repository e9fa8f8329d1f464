import { mayComeBack } from '../llmos/removed-node';
import type { ProblemProps } from '../problem';
import type { Deadline } from './deadline';
import { guardRestart } from './guard-restart';
import type { Lock } from './lock';
import { manyProblems } from './many-problems';
import { readMembers } from './members';
import type { NodeTarget } from './node-target';
import type { ClusterSession, Server } from './session';
import type { Report } from './steps';
import { waitForMembers } from './wait-for-members';

/** How many workers restart at once. Their pods go on, and the API server has all of them back at its door. */
const WORKERS_AT_ONCE = 4;

export interface TokenRotation {
  readonly session: ClusterSession;
  /** The management node that changes the token. It takes the new one without a restart. */
  readonly server: Server;
  /** Held by whoever calls: one management change at a time. */
  readonly lock: Lock;
  /** Workers as they are declared. @default - all are reached at the addresses of their Nodes */
  readonly workers?: readonly NodeTarget[];
  readonly deadline: Deadline;
  readonly report: Report;
}

/**
 * Changes the join token of the cluster, so that a management node that left and could not be cleaned finds no way back: its etcd
 * would join again with the token it has. k3s wants every other server and agent restarted with the new one: the management nodes
 * one by one behind the guard, the workers a few at a time and undrained. A server that was not restarted yet takes the old token.
 * Interrupted anywhere it is called again and goes on: the server keeps its new token until every node has it.
 * @throws Problem before anything is changed, where a restart would cost the quorum; and at the end, naming the workers that do not answer
 */
export async function rotateJoinToken(rotation: TokenRotation): Promise<void> {
  const { session, server, lock, deadline, report } = rotation;
  const { api, machine } = server;
  const waiting = (await api.removedNodes()).filter(mayComeBack);
  // First one that is away: started in the meantime it was refused with the token it had, and only the new one brings it back.
  const others = (await readMembers(session, server)).filter(({ name }) => name !== server.node.name).sort((a, b) => Number(a.healthy) - Number(b.healthy));
  if (waiting.every(({ tokenRotation }) => tokenRotation === 'due')) {
    for (const { name } of others) await guard(rotation, name);
  }

  lock.assertHeld();
  await api.noteTokenRotation(waiting, 'begun');
  report(`${server.node.name} changes the token`);
  const token = await machine.rotateToken();
  for (const [index, { name, host }] of others.entries()) {
    await guard(rotation, name);
    lock.assertHeld();
    report(`${name} takes the new token (management node ${index + 1} of ${others.length})`);
    await hostOf(session, name, host).useToken(token);
    await waitForMembers({ session, server, name, deadline, report });
  }
  await giveToWorkers(rotation, token);
  // Last: from here on the server no longer keeps it for a run that goes on.
  await machine.useToken(token);
  await api.noteTokenRotation(waiting, 'done');
}

async function guard({ session, server }: TokenRotation, name: string): Promise<void> {
  await guardRestart(session, server, name, {
    subject: `join token of cluster '${session.cluster.name}'`,
    why: 'a machine that left knows it, so it has to be changed, and each management node restarts for that',
  });
}

/** @param host where its etcd answered; one that did not has been asked for its health as well, so it is known */
function hostOf(session: ClusterSession, name: string, host: NodeTarget | undefined) {
  return session.machine(host ?? session.management.find(node => node.name === name)!);
}

/** @throws Problem that names every worker that could not be given the token, after all others have it */
async function giveToWorkers({ session, server, workers = [], report }: TokenRotation, token: string): Promise<void> {
  const targets = (await server.api.nodes()).filter(({ role }) => role === 'worker').map(({ name, externalAddress, internalAddress }): NodeTarget =>
    workers.find(worker => worker.name === name) ?? { name, role: 'worker', address: externalAddress ?? internalAddress ?? name, labels: {}, taints: [] });
  const queue = [...targets.entries()];
  const problems: ProblemProps[] = [];
  const next = async (): Promise<void> => {
    for (let entry = queue.shift(); entry; entry = queue.shift()) {
      const [index, worker] = entry;
      report(`${worker.name} takes the new token (worker ${index + 1} of ${targets.length})`);
      await session.machine(worker).useToken(token).catch((error: unknown) => problems.push(problemOf(worker, error)));
    }
  };
  await Promise.all(Array.from({ length: WORKERS_AT_ONCE }, next));
  if (problems.length === 0) return;
  throw manyProblems(`new join token of cluster '${session.cluster.name}'`, problems, 'mend them all or remove those workers, then run `pulumi up` again');
}

function problemOf({ name }: NodeTarget, error: unknown): ProblemProps {
  const rule = error instanceof Error ? error.message : String(error);
  return {
    subject: `worker '${name}'`, rule: `it did not get the new join token and would not come back from a restart: ${rule}`,
    remedy: 'mend it or remove it, then run `pulumi up` again',
  };
}
