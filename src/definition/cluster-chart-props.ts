import type { RemovalConfirmation } from '../llmos/removal';
import type { ClusterSettings } from './cluster-definition';

/** What all nodes of a cluster share. */
export interface ClusterChartProps extends ClusterSettings {
  /**
   * Release of k3s or RKE2, as LLMOS writes it: `v1.34.4+k3s1` or `v1.34.4+rke2r1`. At least 1.30. A newer one upgrades every node,
   * management nodes first: never back, one minor version at a time, and never to the other distribution.
   */
  readonly kubernetesVersion: string;
  /**
   * Host name or IP address through which machines join: a name that resolves to the management nodes, a load balancer in
   * front of them, or the first of them. No scheme and no port.
   */
  readonly registrationAddress: string;
  /** 6443 or 9345; LLMOS accepts no other. @default - 6443 with k3s, 9345 with RKE2 */
  readonly registrationPort?: number;
  /** LLMOS release to install: `v0.3.1`. Another one is installed on every host. @default - what the installer takes for the newest */
  readonly llmosVersion?: string;
  /** How many worker nodes may be out of service at once while they are upgraded; management nodes always go one by one. @default 1 */
  readonly maxUnavailable?: number;
  /**
   * Nodes that may be removed: `['m2', { name: 'm3', removal: 'unreachable' }]`. A node that leaves the definition and is not named
   * here fails the preview. The objects say what else is meant: see {@link ConfirmedRemoval}. @default - none
   */
  readonly confirmRemoval?: readonly RemovalConfirmation[];
}
