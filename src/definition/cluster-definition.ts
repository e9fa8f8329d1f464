import type { Input } from '@pulumi/pulumi';
import type { Distribution } from '../llmos/kubernetes-version';
import type { NodeRole, Taint } from '../llmos/node';
import type { RemovalConfirmation } from '../llmos/removal';

/** One machine that is to be a node: everything its pool said for all of them and the machine said for itself. */
export interface NodeDefinition {
  readonly name: string;
  readonly role: NodeRole;
  /** The pool's path below the chart. */
  readonly pool: string;
  /** Not known yet where it is an Output. */
  readonly address: Input<string>;
  readonly internalAddress?: Input<string>;
  readonly zone?: string;
  /** Of the pool and the machine, the machine's first; the zone is among them. */
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly port?: number;
  readonly user?: string;
  readonly hostKey?: Input<string>;
}

/** A pool, without its nodes. */
export interface PoolDefinition {
  /** The pool's path below the chart. */
  readonly name: string;
  readonly role: NodeRole;
  /** How many machines are in its inventory; as many or fewer are nodes. */
  readonly machines: number;
  /** What all its nodes have. */
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
}

/** LLMOS settings that all machines of a cluster share. */
export interface ClusterSettings {
  /** Pull from mirrors of that region. LLMOS knows `cn`. @default - none */
  readonly mirror?: 'cn';
  /** Registry for Kubernetes' own images, for closed networks: `registry.example.com`. @default - the distribution's */
  readonly systemDefaultRegistry?: string;
  /** Registry for LLMOS's images, for closed networks. @default - LLMOS's */
  readonly globalSystemImageRegistry?: string;
  /** Image that installs k3s or RKE2, on every node: `registry.example.com/system-agent-installer-k3s:v1.34.4-k3s1`. @default - LLMOS's choice for the version */
  readonly runtimeInstallerImage?: string;
  /** Image that installs LLMOS's operator, on the first node. @default - LLMOS's choice for its release */
  readonly llmosInstallerImage?: string;
  /** More host names and IP addresses in the API server's certificate. @default - none */
  readonly tlsSans?: readonly string[];
}

/** A checked definition as plain, frozen data: what is reviewed, and what is carried out. */
export interface ClusterDefinition {
  /** The chart's id. Whoever destroys the cluster has to type it. */
  readonly name: string;
  readonly kubernetesVersion: string;
  readonly distribution: Distribution;
  readonly llmosVersion?: string;
  /** How many workers may be upgraded at once, as declared. @default 1 */
  readonly maxUnavailable?: number;
  readonly registrationAddress: string;
  readonly registrationPort: number;
  /** `https://prod.example.com:6443`: the `server` of every joining machine. */
  readonly registrationUrl: string;
  readonly settings: ClusterSettings;
  /** The management pool first. */
  readonly pools: readonly PoolDefinition[];
  /** Management nodes first, each pool in the order of its machines. */
  readonly nodes: readonly NodeDefinition[];
  /** Nodes that may be removed, as declared. */
  readonly confirmRemoval: readonly RemovalConfirmation[];
  /** As declared. */
  readonly failureTolerance?: number;
  /** As declared. */
  readonly zoneFailureTolerance?: number;
  /** Why an even number of management nodes is accepted. */
  readonly allowEven?: string;
}
