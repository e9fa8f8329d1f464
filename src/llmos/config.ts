import { stringify } from 'yaml';
import { formatTaint, type NodeRole, type Taint } from './node';

/** `cluster-init` makes the first management node; `server` and `agent` join as management and worker node. */
export type LlmosRole = 'cluster-init' | 'server' | 'agent';

/** A command LLMOS runs before or after it sets the node up. */
export interface LlmosInstruction {
  readonly name: string;
  readonly command?: string;
  readonly args?: readonly string[];
  readonly env?: readonly string[];
  readonly image?: string;
  readonly saveOutput?: boolean;
}

/** Settings that count on the first node only; a joining node takes the cluster's. */
export interface FirstNodeSettings {
  /** `v1.33.1+k3s1` or `v1.33.1+rke2r1`. */
  readonly kubernetesVersion?: string;
  readonly llmosOperatorVersion?: string;
  readonly llmosOperatorValues?: Readonly<Record<string, unknown>>;
  /** Where charts come from: `latest`, `rc`, `dev`. */
  readonly chartRepo?: string;
  /** More names and addresses the API server's certificate is valid for. */
  readonly tlsSans?: readonly string[];
  /** Image that installs LLMOS's operator: it is installed once, by the first node. */
  readonly llmosInstallerImage?: string;
}

/** Settings for images, needed in closed networks. */
export interface ImageSettings {
  /** A nearby mirror. */
  readonly mirror?: 'cn';
  /**
   * Content of k3s's registries.yaml. LLMOS 0.2.0 writes it on the first node alone, and only where it has `configs`; so this library
   * writes the file itself.
   */
  readonly registries?: Readonly<Record<string, unknown>>;
  readonly systemDefaultRegistry?: string;
  readonly globalSystemImageRegistry?: string;
  /** Image that installs k3s or RKE2, on every node. */
  readonly runtimeInstallerImage?: string;
}

/** The content of `/etc/llmos/config.yaml`. Source: LLMOS's bootstrap config. */
export interface LlmosConfig extends FirstNodeSettings, ImageSettings {
  readonly role: LlmosRole;
  /** `https://host:6443` (RKE2: 9345). Needed for `server` and `agent`, forbidden for `cluster-init`. */
  readonly server?: string;
  /** The join token. Needed for `server` and `agent`. @default - LLMOS makes one for `cluster-init` */
  readonly token?: string;
  readonly nodeName: string;
  /** The node's external address. */
  readonly address?: string;
  /** The address other nodes use. */
  readonly internalAddress?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  readonly preInstructions?: readonly LlmosInstruction[];
  readonly postInstructions?: readonly LlmosInstruction[];
  /** More settings of k3s or RKE2 itself. */
  readonly extraConfig?: Readonly<Record<string, unknown>>;
}

/** The first line of a config that this library wrote: what tells its hosts from those that somebody set up by hand. */
export const CONFIG_MARK = '# Written by llmos-nodes.';

/** The YAML of a host's LLMOS config. It holds the token: it goes to a 0600 file and nowhere else. */
export function renderConfig({ labels = {}, taints = [], ...settings }: LlmosConfig): string {
  const lists = {
    labels: Object.entries(labels).map(([key, value]) => `${key}=${value}`),
    taints: taints.map(formatTaint),
  };
  // LLMOS reads YAML 1.1, where an unquoted `on` is no string. Folded lines would be hard to compare by eye.
  const yaml = stringify({ ...settings, ...lists }, (_key, value: unknown) => (isEmpty(value) ? undefined : value), { lineWidth: 0, version: '1.1' });
  return `${CONFIG_MARK}\n${yaml}`;
}

/** What a role of LLMOS is called in this library; undefined where the host does not say. */
export function nodeRole(role: string | undefined): NodeRole | undefined {
  if (role === 'cluster-init' || role === 'server') return 'management';
  return role === 'agent' ? 'worker' : undefined;
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
