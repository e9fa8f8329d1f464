import type { CordonPurpose } from '../../llmos/cordon';
import type { NodeRole, Taint } from '../../llmos/node';
import type { RemovalRecord, RemovedNode } from '../../llmos/removed-node';
import type { SetAside } from '../../llmos/set-aside';
import type { Deadline } from '../deadline';

/** A Kubernetes Node, reduced to what membership looks at. */
export interface NodeView {
  readonly name: string;
  readonly uid: string;
  readonly role: NodeRole;
  readonly ready: boolean;
  /** Why it is not Ready, in the kubelet's words. Empty when Ready. */
  readonly notReadyReason: string;
  /** Condition EtcdIsVoter. It may be stale: never the only ground for a decision. */
  readonly etcdIsVoter: boolean;
  readonly unschedulable: boolean;
  /** What we cordoned it for. @default - it is not cordoned, or by a person or a maintenance */
  readonly cordonedFor?: CordonPurpose;
  /** It was taken out of service and is to come back. @default - it is in service */
  readonly setAside?: SetAside;
  readonly deleting: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly internalAddress?: string;
  readonly externalAddress?: string;
  readonly kubeletVersion: string;
  readonly machineId: string;
  /** Of the start of the host since which its kubelet has reported. */
  readonly bootId?: string;
  readonly cpu: string;
  readonly memory: string;
  readonly gpu: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** Value of etcd.k3s.cattle.io/removed-node-name: set once the member has been taken out by annotation. */
  readonly removedMember?: string;
}

/** A pod on a node, reduced to what a drain looks at. */
export interface PodView {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly phase: string;
  readonly ready: boolean;
  /** Kind of the controlling owner: ReplicaSet, DaemonSet, Node (a mirror pod)…; undefined for a bare pod. */
  readonly ownerKind?: string;
  readonly deleting: boolean;
  /** When the grace period of its deletion is over, in milliseconds since the epoch. @default - its deletion was not asked for */
  readonly endsBy?: number;
}

/** What came of asking for an eviction. */
export type Eviction =
  | { readonly kind: 'evicted' }
  | { readonly kind: 'gone' }
  /** A PodDisruptionBudget stands in the way; `reason` names it and what it allows. */
  | { readonly kind: 'blocked'; readonly reason: string };

/** What a wait is told about each state it sees: done, or what is still missing. */
export type Awaited = { readonly done: true } | { readonly done: false; readonly reason: string };

/** The Lease in kube-system that keeps two changes of one cluster apart. Times are milliseconds since the epoch. */
export interface Lease {
  /** Who holds it; empty when nobody does. */
  readonly holder: string;
  readonly acquiredAt: number;
  readonly renewedAt: number;
  /** How long it is held after it was last renewed. */
  readonly durationSeconds: number;
  /** Changes with every write. */
  readonly version: string;
}

/** The cluster's API server, as joining and removing see it. */
export interface ClusterApi {
  /** UID of the kube-system namespace: tells this cluster from every other one. */
  identity(): Promise<string>;

  nodes(): Promise<NodeView[]>;
  node(name: string): Promise<NodeView | undefined>;
  /**
   * Tells of all Nodes as they are and whenever one has changed, until `signal` aborts; they are made when they are asked for.
   * Throws as soon as the API server cannot be followed: what was told last may be out of date then.
   */
  watchNodes(see: (nodes: () => NodeView[]) => void, signal: AbortSignal): Promise<void>;
  /**
   * Watches the node until `check` is content with a state read after this call; being away for a while does not end it.
   * Throws at the deadline with the last reason, and at once what `check` throws.
   */
  waitForNode(name: string, check: (node: NodeView | undefined) => Awaited, deadline: Deadline): Promise<void>;
  /** Server-side apply under our own field manager: foreign labels and taints are left alone. */
  applyNode(name: string, desired: { readonly labels: Readonly<Record<string, string>>; readonly taints: readonly Taint[] }): Promise<void>;
  /** Cordons the node and notes on it what for, in one write. */
  cordon(name: string, purpose: CordonPurpose): Promise<void>;
  /** Takes the cordon back, and the note. */
  uncordon(name: string): Promise<void>;
  /** Notes on the node that it is out of service, in one write with the cordon where `cordoned` says so. */
  setAside(name: string, mark: SetAside): Promise<void>;
  /** Takes that back: the note, and the cordon where it came with it. */
  takeBack(name: string): Promise<void>;
  /**
   * Deletes the Node and waits until it and, where the account may see that, its node password are gone. No error when it is
   * gone already.
   */
  deleteNode(name: string, deadline: Deadline): Promise<void>;

  pods(node: string): Promise<PodView[]>;
  evict(pod: PodView): Promise<Eviction>;
  /** Deletes the pod whatever its budgets say. No error when it is gone already. */
  deletePod(pod: PodView): Promise<void>;
  /** Watches the node's pods until `check` is content, as {@link waitForNode} does. */
  waitForPods(node: string, check: (pods: readonly PodView[]) => Awaited, deadline: Deadline): Promise<void>;

  /** Sets etcd.k3s.cattle.io/remove on the node: its etcd member is removed while it is alive. k3s tries until it can. */
  requestMemberRemoval(name: string): Promise<void>;
  /** Takes that back, where it was not done yet. No error where nobody asked for it. */
  withdrawMemberRemoval(name: string): Promise<void>;

  /** Makes sure the fence's policy, its binding and the ConfigMap of removed names exist. */
  ensureFence(): Promise<void>;
  /**
   * Adds one name to the removed ones; a Node of that name can no longer be created.
   * @param record what is to be remembered of its machine; it replaces what was. @default - its machine is cleaned
   */
  fence(name: string, record?: RemovalRecord): Promise<void>;
  /** Lets a Node of that name in again. Where its old machine still knows the join token, that is remembered until the token is changed. */
  unfence(name: string): Promise<void>;
  fencedNames(): Promise<string[]>;
  /** All that is remembered: of the fenced names, and of those that joined again before the token was changed. */
  removedNodes(): Promise<RemovedNode[]>;
  /** The management node by which a change of the join token was begun. @default - none was, or it has ended */
  tokenChangedBy(): Promise<string | undefined>;
  /** Notes that the token is being changed by that management node, for these, who were waiting for it. */
  beginTokenChange(by: string, removed: readonly RemovedNode[]): Promise<void>;
  /** Notes that it was changed: what these know is of no use any more. */
  endTokenChange(removed: readonly RemovedNode[]): Promise<void>;
  /** Proves the fence with a dry-run create of a Node of that name: true where it is refused by our policy. */
  fenceHolds(name: string): Promise<boolean>;

  lease(): Promise<Lease | undefined>;
  /**
   * Writes the lease if it still is as it was read, and returns it as it stands then; undefined where somebody else was quicker.
   * @param version of the lease that is replaced. @default - there was none
   */
  putLease(lease: Omit<Lease, 'version'>, version: string | undefined): Promise<Lease | undefined>;

  close(): Promise<void>;
}
