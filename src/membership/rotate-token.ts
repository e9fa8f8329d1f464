import { mayComeBack, type RemovedNode } from '../llmos/removed-node';
import type { ProblemProps } from '../problem';
import type { Deadline } from './deadline';
import { guardRestart } from './guard-restart';
import type { Lock } from './lock';
import { manyProblems } from './many-problems';
import { memberNames, readMembers } from './members';
import type { NodeTarget } from './node-target';
import type { ClusterApi } from './ports/cluster-api';
import type { ClusterSession, Server } from './session';
import type { Report } from './steps';
import { waitForMembers } from './wait-for-members';

/** How many workers restart at once. Their pods go on, and the API server has all of them back at its door. */
const WORKERS_AT_ONCE = 4;

export interface TokenRotation {
  readonly session: ClusterSession;
  /** The management node that changes the token, unless one that is still there has begun to. It takes the new one without a restart. */
  readonly server: Server;
  /** Held by whoever calls: one management change at a time. */
  readonly lock: Lock;
  /** Workers as they are declared. @default - all are reached at the addresses of their Nodes */
  readonly workers?: readonly NodeTarget[];
  /**
   * How many management nodes the cluster is to have when this run is through. At two voters, of which none may restart, the change
   * is left to the join or removal that follows. @default - none does
   */
  readonly becoming?: number;
  readonly deadline: Deadline;
  readonly report: Report;
}

/** Whether a machine that left knows a join token that is still good, or a change of the token was begun and never ended. */
export async function tokenIsToChange(api: ClusterApi): Promise<boolean> {
  return (await api.removedNodes()).some(mayComeBack) || (await api.tokenChangedBy()) !== undefined;
}

/**
 * Changes the join token of the cluster, so that a management node that left and could not be cleaned finds no way back: its etcd
 * would join again with the token it has. k3s wants every other server and agent restarted with the new one: the management nodes
 * one by one behind the guard, the workers a few at a time and undrained. A server that was not restarted yet takes the old token.
 * Interrupted anywhere it is called again and goes on by the server it was begun by, which keeps its new token until every node has it.
 * @throws Problem before anything is changed, where a restart would cost the quorum; and at the end, naming the workers that do not answer
 */
export async function rotateJoinToken(rotation: TokenRotation): Promise<void> {
  const { session, server, becoming = 2, report } = rotation;
  if (becoming !== 2 && (await memberNames(session, server)).length === 2) {
    return report('left to the management node that joins or leaves next: while one of two voters restarts there is no quorum');
  }
  const by = await server.api.tokenChangedBy();
  const goesOn = by !== undefined && (await readMembers(session, server)).some(({ name }) => name === by);
  if (goesOn) {
    // By no other: only that one has the token which the cluster's data may be bound to by now.
    const beginner = by === server.node.name ? server : await session.serverAt(session.management.find(({ name }) => name === by)!, 'join');
    const begun = (await server.api.removedNodes()).filter(({ tokenRotation }) => tokenRotation === 'begun');
    await changeToken({ ...rotation, server: beginner }, begun, true);
  }
  // Who left in the meantime may know the token it was changed to.
  const waiting = (await server.api.removedNodes()).filter(mayComeBack);
  if (waiting.length > 0 || (by !== undefined && !goesOn)) await changeToken(rotation, waiting, false);
}

async function changeToken(rotation: TokenRotation, waiting: readonly RemovedNode[], goesOn: boolean): Promise<void> {
  const { session, server, lock, deadline, report } = rotation;
  const { api, machine } = server;
  // First one that is away: started in the meantime it was refused with the token it had, and only the new one brings it back.
  const others = (await readMembers(session, server)).filter(({ name }) => name !== server.node.name).sort((a, b) => Number(a.healthy) - Number(b.healthy));
  if (!goesOn) {
    for (const { name } of others) await guard(rotation, name);
  }

  lock.assertHeld();
  await api.beginTokenChange(server.node.name, waiting);
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
  await api.endTokenChange(waiting);
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
