import { runSteps } from '../steps';
import type { JoinContext, JoinRequest } from './join-context';
import { joinSteps } from './join-steps';

/** A node that is in the cluster. */
export interface JoinedNode {
  readonly machineId: string;
  /** UID of the cluster's kube-system namespace. */
  readonly identity: string;
  /** It was in the cluster already and nothing was installed. */
  readonly adopted: boolean;
  readonly kubeletVersion: string;
}

/**
 * Brings a machine into the cluster, or finds that it is in already. Safe to call again after any interruption.
 * @throws Problem naming the step's subject and the remedy; the machine is then left as far as it came
 */
export async function join(request: JoinRequest): Promise<JoinedNode> {
  const context: JoinContext = { ...request, machine: request.session.machine(request.node), adopted: false, isMember: false };
  try {
    await runSteps({ node: request.node.name, action: 'joining' }, joinSteps, context, request.progress);
  } finally {
    await context.lock?.release();
  }
  const node = await context.server!.api.node(request.node.name);
  return {
    machineId: context.facts!.machineId,
    identity: request.session.knownIdentity!,
    adopted: context.adopted,
    kubeletVersion: node?.kubeletVersion ?? '',
  };
}
