import type { RuntimeRelease } from '../../llmos/upgrade';
import type { Deadline } from '../deadline';
import type { Lock } from '../lock';
import type { NodeTarget } from '../node-target';
import type { Installer, Machine } from '../ports/machine';
import type { Progress } from '../progress';
import type { ClusterSession, Server } from '../session';

/** What an upgrade of one node needs to know. */
export interface UpgradeRequest {
  readonly session: ClusterSession;
  readonly node: NodeTarget;
  /** The Kubernetes it is to run. */
  readonly release: RuntimeRelease;
  /** Puts this LLMOS on the host as well; nothing restarts for it. @default - LLMOS stays as it is */
  readonly installer?: Installer;
  readonly deadline: Deadline;
  readonly progress: Progress;
}

/** What the steps of one upgrade learn from each other. */
export interface UpgradeContext extends UpgradeRequest {
  readonly machine: Machine;
  /** A management node that stays, where there is another one. */
  server?: Server;
  /** It runs an older release. */
  isDue: boolean;
  /** No other node could take its pods. */
  isAlone: boolean;
  /** An upgrade of ours cordoned it: this one, or one that was interrupted. */
  isCordoned: boolean;
  /** The release was put in place: from here on the node is not given back as it was. */
  isStarted: boolean;
  /** Held while a management node is out of service. */
  lock?: Lock;
}
