import type { NodeRole } from '../llmos/node';
import type { ConfirmedRemoval } from '../llmos/removal';

/** What stands for an address that a machine gets only when it is made. The manifest for review says it in these words. */
export const UNKNOWN_ADDRESS = '<known after apply>';

/** A node as a review sees it: plain data, from a synthesised definition or from a preview. */
export interface SnapshotNode {
  readonly name: string;
  readonly role: NodeRole;
  readonly zone?: string;
  /** The pool's path below the chart. @default - not said: a preview knows no pools */
  readonly pool?: string;
  /** `UNKNOWN_ADDRESS` where it is not known yet. */
  readonly address?: string;
  /** `UNKNOWN_ADDRESS` where it is not known yet. */
  readonly internalAddress?: string;
  /** Of its machine, where a refresh found another one in the place of the one that joined. @default - it is the one that joined, or none did yet */
  readonly machineId?: string;
  /** Those of its pool among them, the zone's not. */
  readonly labels: Readonly<Record<string, string>>;
  /** `key=value:Effect`, those of its pool among them. */
  readonly taints: readonly string[];
}

/** The membership of one cluster at one time, as data. */
export interface MembershipSnapshot {
  /** The cluster's name. */
  readonly cluster: string;
  readonly kubernetesVersion?: string;
  readonly llmosVersion?: string;
  /** Everything else that concerns the whole cluster, by its name: `registration`, `mirror`. */
  readonly settings: Readonly<Record<string, string>>;
  /** In the order they are declared, which is the order in which they join. */
  readonly nodes: readonly SnapshotNode[];
  /** Removals that somebody confirmed by the node's name. Of an `unreachable` node it is known that it is dead. */
  readonly confirmRemoval: readonly ConfirmedRemoval[];
  /** Why an even number of management nodes is wanted. */
  readonly allowEven?: string;
  /** How many failures the definition promises to survive. */
  readonly failureTolerance?: number;
  /** How many lost zones the definition promises to survive. */
  readonly zoneFailureTolerance?: number;
  /** The program that made the preview has checked its definition, which says more than the preview does. @default false */
  readonly checked?: boolean;
}
