import { Problem } from '../../problem';
import type { NodeTarget } from '../node-target';
import { runSteps } from '../steps';
import type { RemoveContext, RemoveRequest } from './remove-context';
import { lastNodeSteps, removeSteps } from './remove-steps';
import { withdrawRequest } from './withdraw-removal';

/**
 * Takes a node out of the cluster, cleans its machine and fences its name. Safe to call again after any interruption.
 * @throws Problem naming what refused or did not end; until the member is removed, everything done is taken back
 */
export async function remove(request: RemoveRequest): Promise<void> {
  const { session, node, progress } = request;
  const context: RemoveContext = {
    ...request, machine: session.machine(node), removal: request.confirmed?.removal ?? 'clean', inCluster: false, isMember: false, undo: [],
  };
  const steps = (await isAlone(context)) ? lastNodeSteps : removeSteps;
  try {
    await runSteps({ node: node.name, action: 'removing' }, steps, context, progress);
    session.forgetFormer(node.name);
  } catch (error) {
    throw await takeBack(context, error);
  } finally {
    await context.lock?.release();
  }
}

/** @returns the error to throw: the one that ended the removal, and what could not be taken back after it */
async function takeBack({ session, server, node, undo }: RemoveContext, error: unknown): Promise<unknown> {
  if (undo.length === 0) return error;
  try {
    // Asked for by an earlier run, and k3s tries until it can: what keeps the node out is not lifted before that is over.
    if (node.role === 'management') await withdrawRequest(session, server!, node.name);
  } catch (cause) {
    return notTakenBack(node, error, [cause instanceof Error ? cause.message : String(cause)]);
  }
  const failed: string[] = [];
  for (const { what, run } of undo.reverse()) {
    await run().catch((cause: unknown) => failed.push(`${what} (${cause instanceof Error ? cause.message : String(cause)})`));
  }
  return failed.length === 0 ? error : notTakenBack(node, error, failed);
}

function notTakenBack({ name }: NodeTarget, error: unknown, failed: readonly string[]): Problem {
  return new Problem({
    subject: `removing '${name}'`,
    rule: `${error instanceof Error ? error.message : String(error)}\nthe node stays in the cluster, and this could not be taken back: ${failed.join(', ')}`,
    remedy: 'run `pulumi up` again: it takes the node out, or takes that back',
  });
}

/**
 * Whether there is nothing to take this node out of: it is the only member left of a cluster that is destroyed, or it never
 * got as far as making one. That nobody answers is no proof of it: every other management host has to say that it is clean.
 */
async function isAlone({ session, node, machine, removal, destroyingCluster }: RemoveContext): Promise<boolean> {
  if (node.role !== 'management') return false;
  const bootstrap = await machine.facts().then(facts => facts.bootstrap, () => undefined);
  // What is wrong with one that should answer, the step that connects says.
  if (bootstrap === undefined && removal === 'clean') return false;
  if (destroyingCluster && bootstrap === 'done') {
    const members = await machine.members().catch(() => undefined);
    if (members) return members.length === 1 && members[0]!.node === node.name;
  }
  if (!destroyingCluster && (bootstrap === 'done' || session.knownIdentity !== undefined)) return false;
  const others = session.management.filter(({ name }) => name !== node.name);
  const stages = await Promise.all(others.map(other => session.machine(other).facts().then(facts => facts.bootstrap, () => undefined)));
  return stages.every(stage => stage === 'absent');
}
