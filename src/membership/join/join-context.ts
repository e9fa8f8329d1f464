import type { Deadline } from '../deadline';
import type { Lock } from '../lock';
import type { ClusterSettings, NodeTarget } from '../node-target';
import type { Installer, Machine, MachineFacts } from '../ports/machine';
import type { Progress } from '../progress';
import type { ClusterSession, Server } from '../session';

/** What a join needs to know. */
export interface JoinRequest {
  readonly session: ClusterSession;
  readonly node: NodeTarget;
  readonly settings: ClusterSettings;
  readonly installer: Installer;
  /** This node may start the cluster: there is none yet. Membership alone grants it. */
  readonly initialise: boolean;
  /** Workers as they are declared, should the join token have to be changed. @default - all are reached at the addresses of their Nodes */
  readonly workers?: readonly NodeTarget[];
  /** How many management nodes the cluster is to have when this run is through. @default - nothing joins or leaves after this */
  readonly becoming?: number;
  readonly deadline: Deadline;
  readonly progress: Progress;
}

/** What the steps of one join learn from each other. */
export interface JoinContext extends JoinRequest {
  readonly machine: Machine;
  facts?: MachineFacts;
  /** Absent only for the node that initialises the cluster, until it has. */
  server?: Server;
  /** The node is in the cluster already: nothing is installed. */
  adopted: boolean;
  /** An earlier run that was interrupted let it in: it has a member in etcd's real list. */
  isMember: boolean;
  /** Held while a management node joins an existing cluster. */
  lock?: Lock;
  token?: string;
  /** The server URL that answered from this host. */
  registration?: string;
}
