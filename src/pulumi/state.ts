import type { SshOptions } from '../adapters/ssh/options';
import { ZONE_LABEL } from '../llmos/node';
import type { RemovalConfirmation } from '../llmos/removal';
import type { DriftKind } from '../membership/drift';
import type { ClusterSettings, NodeTarget } from '../membership/node-target';
import type { Installer } from '../membership/ports/machine';

/** How machines are reached, as far as it may stand in the state in the open. */
export type ConnectionState = Omit<SshOptions, keyof Credentials>;

/** What a user passed as an Input and must be secret in the state. Absent by default. */
export interface Credentials {
  readonly privateKey?: string;
  readonly passphrase?: string;
  readonly kubeconfig?: string;
}

/** How long a join or a removal may take where customTimeouts says nothing, in seconds. */
export const DEFAULT_DEADLINE_SECONDS = 20 * 60;

/** How long joining and removing one node may take, in seconds. */
export interface DeadlineState {
  readonly create?: number;
  readonly update?: number;
  readonly delete?: number;
}

/** A node as Pulumi hands it over: in a preview an address may not be known yet. */
export type NodeState = Omit<NodeTarget, 'labels' | 'taints'> & Partial<Pick<NodeTarget, 'labels' | 'taints'>>;

/** Where the cluster is: what every resource records, so that it can be found when the program does not run. */
export interface ClusterState {
  readonly cluster: string;
  readonly registrationAddress: string;
  readonly registrationPort: number;
  readonly connection: ConnectionState;
}

export interface MembershipInputs extends ClusterState {
  readonly settings: ClusterSettings;
  readonly nodes: readonly NodeState[];
  readonly confirmRemoval: readonly RemovalConfirmation[];
  readonly installer: Installer;
  readonly deadlines: DeadlineState;
  /** How many workers may join at once. @default - as many as the engine lets */
  readonly maxParallelJoins?: number;
  /** How long machines that are to join may take to boot, in seconds. @default - not waited for */
  readonly bootSeconds?: number;
  /** Content of the runtimes' registries.yaml; secret. @default - the hosts' own are left alone */
  readonly registries?: Readonly<Record<string, unknown>>;
  /** How many workers may be out of service at once while they are upgraded. @default 1 */
  readonly maxUnavailable?: number;
  readonly credentials?: Credentials;
}

export interface MembershipOutputs extends MembershipInputs {
  /** UID of the cluster's kube-system namespace; empty until a run after the first has seen it. */
  readonly identity: string;
  /** The node that may start the cluster; empty once there is one. */
  readonly initialise: string;
  /** Where the etcd snapshot lies that was taken before the latest change of the management nodes. @default - none was yet */
  readonly snapshot?: string;
  /** Management nodes that were taken out of the definition, as long as the cluster was not seen without them. @default - none */
  readonly leaving?: readonly LeavingNode[];
  /** What the latest refresh found in the cluster that nobody declared, by its name. @default - nothing */
  readonly drift?: Readonly<Record<string, FoundDrift>>;
}

/** A management node that leaves, with what is needed to take it out. */
export interface LeavingNode extends Pick<NodeState, 'name' | 'role' | 'address' | 'internalAddress' | 'port' | 'user' | 'hostKey'> {
  /** Of its Node: one that joins under its name later is another one. */
  readonly uid: string;
}

/** What was found, in words, by its kind. */
export type FoundDrift = { readonly [Kind in DriftKind]?: string };

export interface NodeInputs extends NodeState {
  readonly cluster: string;
  /** This node may start the cluster. */
  readonly initialise?: boolean;
  /** The Kubernetes it is to run; as an output what it ran when it joined, where that is older. @default - not recorded yet */
  readonly kubernetesVersion?: string;
  /** The LLMOS release that is to be on its host. @default - any */
  readonly llmosVersion?: string;
  /** Machine-id of the machine that a refresh found at the node's address, where it is not the one that joined. No program declares it. */
  readonly anotherMachine?: string;
  readonly credentials?: Credentials;
}

/** What a Node keeps: enough to remove it in a run that does not know the program, and no secret. */
export interface NodeOutputs extends NodeInputs, ClusterState {
  readonly machineId: string;
  readonly identity: string;
  /** The management nodes at the time: who can be asked about the cluster. */
  readonly peers: readonly Pick<NodeState, 'name' | 'address' | 'internalAddress' | 'port' | 'user' | 'hostKey'>[];
  readonly deleteDeadline?: number;
  /** In what the latest refresh found it not as declared. @default - in nothing */
  readonly drift?: FoundDrift;
}

export interface KubeconfigInputs {
  readonly cluster: string;
  /** `https://host:port` by which it reaches the API server. */
  readonly server: string;
}

/** A declared node with what is left out of the state filled in. */
export function toTarget(node: NodeState): NodeTarget {
  return { ...node, labels: { ...node.labels, ...(node.zone === undefined ? {} : { [ZONE_LABEL]: node.zone }) }, taints: node.taints ?? [] };
}
