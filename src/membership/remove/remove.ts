import type { Deadline } from '../deadline';
import type { NodeTarget } from '../node-target';
import type { Machine, MachineFacts } from '../ports/machine';
import type { Progress } from '../progress';
import type { ClusterSession, Server } from '../session';
import { runSteps } from '../steps';
import { lastNodeSteps, removeSteps, type Undo } from './remove-steps';

/** What a removal needs to know. That it was confirmed by name is checked before. */
export interface RemoveRequest {
  readonly session: ClusterSession;
  readonly node: NodeTarget;
  /** The whole cluster goes: pods have nowhere to move to, so nothing is drained, and the last node ends the cluster. */
  readonly destroyingCluster: boolean;
  /** Machine-id recorded when the node joined: another one behind the address is another machine. @default - not compared */
  readonly machineId?: string;
  readonly deadline: Deadline;
  readonly progress: Progress;
}

/** What the steps of one removal learn from each other. */
export interface RemoveContext extends RemoveRequest {
  readonly machine: Machine;
  facts?: MachineFacts;
  server?: Server;
  /** The node is in the cluster's list of Nodes. */
  inCluster: boolean;
  /** It has a member in etcd's real list. */
  isMember: boolean;
  /** What to take back if the guard refuses after preparations were made, latest last. */
  readonly undo: Undo[];
}

/**
 * Takes a node out of the cluster, cleans its machine and fences its name. Safe to call again after any interruption.
 * @throws Problem naming what refused or did not end; until the member is removed, everything done is taken back
 */
export async function remove(request: RemoveRequest): Promise<void> {
  const { session, node, progress } = request;
  const context: RemoveContext = { ...request, machine: session.machine(node), inCluster: false, isMember: false, undo: [] };
  const steps = (await isAlone(context)) ? lastNodeSteps : removeSteps;
  try {
    await runSteps({ node: node.name, action: 'removing' }, steps, context, progress);
  } catch (error) {
    // Nothing irreversible has happened while this list is not empty.
    for (const undo of context.undo.reverse()) await undo().catch(() => undefined);
    throw error;
  }
}

/**
 * Whether there is nothing to take this node out of: it is the only member left of a cluster that is destroyed, or it never
 * got as far as making one. That nobody answers is no proof of it: every other management host has to say that it is clean.
 */
async function isAlone({ session, node, machine, destroyingCluster }: RemoveContext): Promise<boolean> {
  if (node.role !== 'management') return false;
  const { bootstrap } = await machine.facts();
  if (destroyingCluster && bootstrap === 'done') {
    const members = await machine.members().catch(() => undefined);
    if (members) return members.every(member => member.node === node.name);
  }
  if (!destroyingCluster && (bootstrap === 'done' || session.knownIdentity !== undefined)) return false;
  const others = session.management.filter(({ name }) => name !== node.name);
  const stages = await Promise.all(others.map(other => session.machine(other).facts().then(facts => facts.bootstrap, () => undefined)));
  return stages.every(stage => stage === 'absent');
}
