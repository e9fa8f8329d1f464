import { Problem } from '../../problem';
import { runSteps } from '../steps';
import { bringBackSteps } from './bring-back-steps';
import type { MaintainContext, MaintainRequest } from './maintain-context';
import { setAsideSteps } from './set-aside-steps';

/**
 * Takes one node out of service: cordoned, drained, and no leader of etcd any more. A management node only where the others keep
 * the quorum without it, and one at a time.
 * @param away what happens while it is out and, for a management node, the lock is held. @default - nothing; it is left out
 * @returns what the quorum is meanwhile, for people; undefined where that does not change, or there is none
 * @throws Problem naming what refused; the node is given back as it was then
 */
export async function setAside(request: MaintainRequest, away?: () => Promise<void>): Promise<string | undefined> {
  const context = begin(request);
  try {
    await runSteps({ node: request.node.name, action: 'taking out of service' }, setAsideSteps, context, request.progress).catch(async (error: unknown) => { throw await givenBack(context, error); });
    await away?.();
    return context.meanwhile;
  } finally {
    await context.lock?.release();
  }
}

/**
 * Brings a node back into service once it and, on a management node, its etcd member are well. Our own cordon is taken back, a
 * person's stays. May be called again.
 * @throws Problem at the deadline, with what is still missing; the node stays out of service then
 */
export async function bringBack(request: MaintainRequest): Promise<void> {
  await runSteps({ node: request.node.name, action: 'bringing back' }, bringBackSteps, begin(request), request.progress);
}

function begin(request: MaintainRequest): MaintainContext {
  return { ...request, isAlone: false, isOnlyMember: false, isMarked: false };
}

/** @returns the error to throw */
async function givenBack({ server, node, isMarked }: MaintainContext, error: unknown): Promise<unknown> {
  if (!isMarked) return error;
  try {
    await server!.api.takeBack(node.name);
    return error;
  } catch (cause) {
    return new Problem({
      subject: `node '${node.name}'`,
      rule: `${error instanceof Error ? error.message : String(error)}\nit stays out of service (${cause instanceof Error ? cause.message : String(cause)})`,
      remedy: `llmos-nodes maintain ${node.name} --end`,
    });
  }
}
