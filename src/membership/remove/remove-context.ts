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
  readonly deadline: Deadline;
  readonly progress: Progress;
}

/** What the steps of one removal learn from each other. */
export interface RemoveContext extends RemoveRequest {
  readonly machine: Machine;
  facts?: MachineFacts;
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
