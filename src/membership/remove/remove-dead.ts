import type { ConfirmedRemoval } from '../../llmos/removal';
import { Deadline } from '../deadline';
import { readMembers } from '../members';
import type { NodeTarget } from '../node-target';
import type { Progress } from '../progress';
import type { ClusterSession } from '../session';
import { remove } from './remove';

export interface DeadRemovals {
  readonly session: ClusterSession;
  /** Management nodes that leave, in the order they joined. */
  readonly leaving: readonly NodeTarget[];
  readonly confirmed: readonly ConfirmedRemoval[];
  /** How long each may take. */
  readonly deadlineSeconds: number;
  readonly progress: Progress;
}

/**
 * Takes out, one at a time, the management nodes that leave and are dead, before anything joins: etcd adds no member while a started
 * one is unhealthy, and four voters with one dead tolerate no failure. Pulumi deletes after it creates, so that this is no part of
 * the nodes' own deletion, which then finds what is left to do: a machine to clean, or a join token to change once the new members
 * have a vote.
 */
export async function removeDead({ session, leaving, confirmed, deadlineSeconds, progress }: DeadRemovals): Promise<void> {
  for (const node of [...leaving].reverse()) {
    const choices = confirmed.find(({ name }) => name === node.name);
    const dead = choices && await lookForDead(session, node, choices);
    if (!dead) continue;
    await remove({
      session, node, confirmed: choices, machineId: dead.machineId, leavesToken: true, destroyingCluster: false,
      deadline: new Deadline(deadlineSeconds), progress,
    });
  }
}

/** What is left of a node that is dead: its member does not answer, or somebody said that its machine is gone. */
async function lookForDead(session: ClusterSession, node: NodeTarget, { removal }: ConfirmedRemoval): Promise<{ readonly machineId?: string } | undefined> {
  // It may be the only one there is, whose successor has not joined yet: one that answers is asked about itself, too.
  const server = await session.server('remove');
  const member = (await readMembers(session, server, node)).find(({ name }) => name === node.name);
  const view = await server.api.node(node.name);
  const isDead = removal === 'unreachable' ? member !== undefined || view !== undefined : member?.healthy === false;
  return isDead ? { machineId: view?.machineId || undefined } : undefined;
}
