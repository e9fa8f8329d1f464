import type { Deadline } from '../deadline';
import type { NodeTarget } from '../node-target';
import type { NodeView } from '../ports/cluster-api';
import type { Installer, Machine, MachineFacts } from '../ports/machine';
import type { Progress } from '../progress';
import type { ClusterSession, Server } from '../session';
import { runSteps } from '../steps';
import { joinSteps } from './join-steps';

/** What a join needs to know. */
export interface JoinRequest {
  readonly session: ClusterSession;
  readonly node: NodeTarget;
  readonly installer: Installer;
  /** This node may start the cluster: there is none yet. Membership alone grants it. */
  readonly initialise: boolean;
  readonly deadline: Deadline;
  readonly progress: Progress;
}

/** A node that is in the cluster. */
export interface JoinedNode {
  readonly machineId: string;
  /** UID of the cluster's kube-system namespace. */
  readonly identity: string;
  /** It was in the cluster already and nothing was installed. */
  readonly adopted: boolean;
  readonly kubeletVersion: string;
}

/** What the steps of one join learn from each other. */
export interface JoinContext extends JoinRequest {
  readonly machine: Machine;
  facts?: MachineFacts;
  /** Absent only for the node that initialises the cluster, until it has. */
  server?: Server;
  /** The node as the cluster already knows it, before this join. */
  known?: NodeView;
  adopted: boolean;
  token?: string;
  /** The server URL that answered from this host. */
  registration?: string;
}

/**
 * Brings a machine into the cluster, or finds that it is in already. Safe to call again after any interruption.
 * @throws Problem naming the step's subject and the remedy; the machine is then left as far as it came
 */
export async function join(request: JoinRequest): Promise<JoinedNode> {
  const context: JoinContext = { ...request, machine: request.session.machine(request.node), adopted: false };
  await runSteps({ node: request.node.name, action: 'joining' }, joinSteps, context, request.progress);
  const node = await context.server!.api.node(request.node.name);
  return {
    machineId: context.facts!.machineId,
    identity: request.session.knownIdentity!,
    adopted: context.adopted,
    kubeletVersion: node?.kubeletVersion ?? '',
  };
}
