import type { ConfirmedRemoval } from '../../llmos/removal';
import type { Deadline } from '../deadline';
import type { Lock } from '../lock';
import type { NodeTarget } from '../node-target';
import type { Machine, MachineFacts } from '../ports/machine';
import type { Progress } from '../progress';
import type { ClusterSession, Server } from '../session';

/** Takes one preparation back. */
export interface Undo {
  /** What is taken back: `the fence`. */
  readonly what: string;
  run(): Promise<void>;
}

/** What a removal needs to know. That it was confirmed by name is checked before. */
export interface RemoveRequest {
  readonly session: ClusterSession;
  readonly node: NodeTarget;
  /** The whole cluster goes: pods have nowhere to move to, so nothing is drained, and the last node ends the cluster. */
  readonly destroyingCluster: boolean;
  /** Machine-id recorded when the node joined: another one behind the address is another machine. @default - not compared */
  readonly machineId?: string;
  /** How it was confirmed. @default - the machine is cleaned, and pods that do not simply go end the removal */
  readonly confirmed?: Omit<ConfirmedRemoval, 'name'>;
  /**
   * Leaves the change of the join token, which a management node that could not be cleaned makes necessary, to a later call: the cluster
   * remembers that it is due. For a removal before others have joined, who make up for the vote that is lost. @default false
   */
  readonly leavesToken?: boolean;
  /** Workers as they are declared, who need a changed join token. @default - all are reached at the addresses of their Nodes */
  readonly workers?: readonly NodeTarget[];
  /** How many management nodes the cluster is to have when this run is through. @default - nothing joins or leaves after this */
  readonly becoming?: number;
  readonly deadline: Deadline;
  readonly progress: Progress;
}

/** What the steps of one removal learn from each other. */
export interface RemoveContext extends RemoveRequest {
  readonly machine: Machine;
  readonly removal: NonNullable<ConfirmedRemoval['removal']>;
  /** Unset where the machine does not answer and the removal goes on without it. */
  facts?: MachineFacts;
  /** Another machine stands at its address by now. */
  isAnother?: boolean;
  server?: Server;
  /** Held while a management node leaves. */
  lock?: Lock;
  /** The node is in the cluster's list of Nodes. */
  inCluster: boolean;
  /** It has a member in etcd's real list. */
  isMember: boolean;
  /** What to take back where a later step fails, latest last; emptied before the first step that cannot be taken back. */
  readonly undo: Undo[];
}
