import type { Deadline } from '../deadline';
import type { Lock } from '../lock';
import type { NodeTarget } from '../node-target';
import type { Progress } from '../progress';
import type { ClusterSession, Server } from '../session';

/** What a maintenance of one node needs to know. */
export interface MaintainRequest {
  readonly session: ClusterSession;
  readonly node: NodeTarget;
  /** The only management node may be taken out, although nobody answers meanwhile. */
  readonly allowDowntime: boolean;
  readonly deadline: Deadline;
  readonly progress: Progress;
}

/** What the steps of one maintenance learn from each other. */
export interface MaintainContext extends MaintainRequest {
  server?: Server;
  /** No other node could take its pods. */
  isAlone: boolean;
  /** It is the only management node, so that nobody answers while it is away. */
  isOnlyMember: boolean;
  /** This run took it out of service. */
  isMarked: boolean;
  /** What the quorum is while it is away. @default - it is no management node, or the only one */
  meanwhile?: string;
  /** Held while a management node is out of service. */
  lock?: Lock;
}
