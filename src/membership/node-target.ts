import type { FirstNodeSettings, ImageSettings } from '../llmos/config';
import type { NodeRole, Taint } from '../llmos/node';

/** A machine as declared, with every address known: what joining and removing work on. */
export interface NodeTarget {
  readonly name: string;
  readonly role: NodeRole;
  /** Where SSH reaches it; also the node's external address where an internal one is given. */
  readonly address: string;
  /** Address the other nodes use. @default - `address` */
  readonly internalAddress?: string;
  readonly zone?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  /** SSH settings of this machine alone. @default - those of the connection */
  readonly port?: number;
  readonly user?: string;
  readonly hostKey?: string;
}

/** LLMOS settings that are the same on all nodes, and those that the first one decides for all. */
export type ClusterSettings = Pick<FirstNodeSettings, 'kubernetesVersion' | 'tlsSans' | 'llmosInstallerImage'>
  & Pick<ImageSettings, 'mirror' | 'systemDefaultRegistry' | 'globalSystemImageRegistry' | 'runtimeInstallerImage'>;

/** What all nodes of one cluster share. */
export interface ClusterTarget {
  readonly name: string;
  readonly registrationAddress: string;
  readonly registrationPort: number;
}

/** The address other nodes reach this one by. */
export function nodeAddress(node: NodeTarget): string {
  return node.internalAddress ?? node.address;
}

/** `https://host:port`, with the brackets IPv6 needs. */
export function serverUrl(host: string, port: number): string {
  return `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
