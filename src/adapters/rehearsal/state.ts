import type { CordonPurpose } from '../../llmos/cordon';
import type { NodeRole, Taint } from '../../llmos/node';
import type { SetAside } from '../../llmos/set-aside';
import type { Lease } from '../../membership/ports/cluster-api';
import type { RecoveryNote } from '../../llmos/host-scripts/cluster-reset';
import type { HostConfig } from './host-config';

/** A simulated host, power and faults apart: one file in `machines/`. Times are milliseconds since the epoch. */
export interface Host {
  /** Its address, with the SSH port where that is not 22: what a host is told by. */
  readonly key: string;
  readonly address: string;
  /** The name it was first asked for by; it is also its hostname. */
  readonly name: string;
  machineId: string;
  /** How often it was started again. @default 0 */
  boots?: number;
  /** `/etc/llmos/config.yaml` */
  config?: HostConfig;
  /** The `llmos` binary, its unit and its uninstall script are there. */
  installed: boolean;
  /** `llmos.service` */
  bootstrap: Bootstrap;
  /** A token it changed the cluster to, until every node has it, as a digest. */
  nextTokenDigest?: string;
  /** k3s or RKE2. Absent until the bootstrap has installed it. */
  runtime?: Runtime;
  /** The drop-ins that keep LLMOS and the runtime from starting, and whether they ended a bootstrap that ran. */
  block?: { readonly endedBootstrap: boolean };
  snapshots: string[];
  /** A release of Kubernetes that was fetched and not started yet. */
  release?: string;
  /** The recovery its data was chosen for. */
  recovery?: RecoveryNote;
  /** Copies of etcd's data, by the recovery they were made for, and whether the data was deleted afterwards. */
  copies?: Record<string, { forgotten: boolean }>;
}

export interface Bootstrap {
  state: 'none' | 'running' | 'failed' | 'done';
  /** What it does next. */
  phase: 'check' | 'cluster-info' | 'runtime' | 'registration';
  startedAt: number;
  /** The config it was started with (`/var/lib/llmos/working`): it goes on with that even if the file in /etc is deleted. */
  config?: HostConfig;
  /** Why it does not get on. */
  reason: string;
  /** What that means for whoever waits: a person has to mend it, the server has to come back, or time does it. */
  hindrance?: 'never-heals' | 'server-away' | 'no-cluster-info';
  journal: string[];
  /** How many older lines the journal has dropped. */
  dropped: number;
}

export interface Runtime {
  readonly role: NodeRole;
  /** What its own config file says; the token as a digest. */
  config: HostConfig;
  /** Its release. @default - that of the cluster's first node */
  version?: string;
  running: boolean;
  /** The kubelet has reported to the API server since the runtime started. */
  registered: boolean;
  /** The token it was started with or changed to since, as a digest: what a server takes from others. */
  tokenDigest?: string;
  /** Identity of the cluster whose data or certificates it holds. */
  cluster?: string;
  /** Id of the etcd member whose data it holds. */
  member?: string;
  /** Stands for `/etc/rancher/node/password`; it opens nothing. */
  readonly nodePassword: string;
}

/** An etcd cluster and what the API server keeps in it, Nodes apart: they have a file each. */
export interface ClusterState {
  /** UID of the kube-system namespace. */
  readonly identity: string;
  readonly kubernetesVersion: string;
  /** Names that lead to any living management node, such as a load balancer's: the first node's `tlsSans`. */
  readonly names: string[];
  /** The token its data is bound to: a server starts with no other. */
  tokenDigest: string;
  members: Member[];
  /** Id of the member that leads, or led until it fell away. @default - the first that answers does */
  leader?: string;
  /** How far its newest data goes. Absent until a recovery from older data. */
  revision?: number;
  /** Ids of the members that a reset left out: their data belongs to a cluster that has no quorum any more. */
  leftOut?: string[];
  /** The policy exists; without it the list of names keeps nobody out. */
  fencePolicy: boolean;
  /** The entries of the ConfigMap of removed names. */
  removedNodes: Record<string, string>;
  /** Keeps two changes apart. Absent until the first. */
  lease?: Lease;
  pods: Pod[];
  /** Workloads that were placed once; a bare pod is not made again. */
  deployed: string[];
}

export interface Member {
  /** Hexadecimal, as etcdctl prints it. */
  readonly id: string;
  /** `<node>-<8 hex>` */
  readonly name: string;
  readonly node: string;
  /** Key of the host that holds its data. */
  readonly host: string;
  readonly peerUrl: string;
  learner: boolean;
  readonly since: number;
}

/** A Node object: one file in `nodes/<identity>/`. */
export interface NodeState {
  readonly name: string;
  readonly uid: string;
  readonly role: NodeRole;
  /** Key of the host whose kubelet it is. */
  readonly host: string;
  readonly machineId: string;
  readonly createdAt: string;
  readonly internalAddress: string;
  readonly externalAddress?: string;
  /** Stands for the Secret `<node>.node-password.k3s`. */
  readonly nodePassword: string;
  labels: Record<string, string>;
  taints: Taint[];
  /** Names of the labels and keys of the taints that our field manager owns. */
  applied: { labels: string[]; taints: string[] };
  unschedulable: boolean;
  /** Annotation llmos-nodes/cordoned-for */
  cordonedFor?: CordonPurpose;
  /** Annotation llmos-nodes/set-aside */
  setAside?: SetAside;
  /** Which start of its host its kubelet has reported since. @default 0 */
  boot?: number;
  deleting: boolean;
  etcdIsVoter: boolean;
  /** Annotation etcd.k3s.cattle.io/remove */
  removalRequested: boolean;
  /** Annotation etcd.k3s.cattle.io/removed-node-name */
  removedMember?: string;
}

export interface Pod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** `namespace/name` of what it belongs to. */
  readonly workload: string;
  readonly ownerKind?: string;
  /** Absent while it finds no place. */
  node?: string;
  running: boolean;
  /** When its containers run, once it has a node. */
  startsAt?: number;
  /** When it is gone, once it was evicted. */
  endsAt?: number;
}
