import type { NodeRole } from '../llmos/node';
import type { SetAside } from '../llmos/set-aside';
import type { Drift } from '../membership/drift';

/** A node of the cluster, one that is declared and not there, or an etcd member without a Node. */
export interface NodeReport {
  readonly name: string;
  readonly role: NodeRole;
  readonly zone?: string;
  /** As kubectl says it: `Ready,SchedulingDisabled`; without a Node `joining`, `removing`, `not there yet`, `gone` or `no Node`. */
  readonly state: string;
  /** Condition Ready, and what else the API server says of it. */
  readonly ready: boolean;
  /** Why it is not Ready. */
  readonly notReadyReason?: string;
  readonly unschedulable: boolean;
  /** It was taken out of service with `llmos-nodes maintain`: by whom and since when. */
  readonly setAside?: SetAside;
  readonly deleting: boolean;
  /** Its etcd member votes; false for a learner. Absent where it has no member. */
  readonly voter?: boolean;
  /** Its etcd member is well. Absent where it has none. */
  readonly healthy?: boolean;
  readonly internalAddress?: string;
  readonly externalAddress?: string;
  readonly version?: string;
  /** As Kubernetes writes quantities. */
  readonly cpu?: string;
  readonly memory?: string;
  readonly gpu?: string;
  /** ISO 8601. */
  readonly createdAt?: string;
  readonly machineId?: string;
  /** Those of the Node, or declared where there is none. */
  readonly labels: Readonly<Record<string, string>>;
  /** `key=value:Effect` */
  readonly taints: readonly string[];
  /** `leaving`: not declared any more, and its removal is due. @default - what is declared is not known */
  readonly declared?: 'yes' | 'no' | 'leaving';
  readonly drift: readonly Drift[];
}
