import { LLMOS_PATHS, LLMOS_UNIT, K3S, RESTART_BLOCK, RKE2, type RuntimePaths } from '../../llmos/paths';
import type { Deadline } from '../../membership/deadline';
import type { EtcdMember, Installer, Machine, MachineFacts, ServerAnswer } from '../../membership/ports/machine';
import { Problem } from '../../problem';
import { losePower } from './advance';
import { endBootstrap, startBootstrap } from './bootstrap';
import { answers, quorum, requireQuorum } from './etcd';
import { factsOf } from './facts';
import type { Folder } from './folder';
import { readHostConfig, roleOf } from './host-config';
import { freshHost, wipe } from './host';
import { simulatedKubeconfig } from './kubeconfig';
import { nodeName, stopRuntime } from './runtime';
import { clusterAt, operatorAway, runningHost } from './server-address';
import type { ClusterState, Host } from './state';
import type { World } from './world';

/** Which machine is meant. */
export interface RehearsalTarget {
  readonly name: string;
  /** What a machine is told by: at another address it is another machine, whatever its name. */
  readonly address: string;
  /** @default 22 */
  readonly port?: number;
  /** For messages only. @default root */
  readonly user?: string;
}
