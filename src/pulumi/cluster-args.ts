import type { Input } from '@pulumi/pulumi';

import type { ClusterChart } from '../definition';
import type { InstallerFile } from '../membership/ports/machine';

export type { InstallerFile };

/** A host that is only passed through on the way to the machines. */
export interface BastionArgs {
  readonly host: string;
  /** @default 22 */
  readonly port?: number;
  /** @default - the user of the connection */
  readonly user?: string;
  /** Its public key line or SHA256 fingerprint. @default - looked up in known_hosts */
  readonly hostKey?: string;
}

/**
 * How the machines are reached over SSH; each may override `user`, `port` and `hostKey`. Host keys are always checked.
 * Keys are looked for in this order: `privateKey`, the stack's `llmos:privateKey`, `privateKeyPath`, the SSH agent.
 */
export interface ConnectionArgs {
  /** @default 'root' */
  readonly user?: string;
  /** @default 22 */
  readonly port?: number;
  /** The private key itself. It is kept in the state as a secret: a path or the agent leaves no trace there. */
  readonly privateKey?: Input<string>;
  /** A file with the private key; `~/` is the home directory. @default - the SSH agent, then ~/.ssh/id_ed25519, id_ecdsa, id_rsa */
  readonly privateKeyPath?: string;
  /** Passphrase of the private key. Secret, like the key. */
  readonly passphrase?: Input<string>;
  /** Path of the SSH agent's socket. @default - SSH_AUTH_SOCK */
  readonly agentSocket?: string;
  /** A known_hosts file in OpenSSH's format. @default - ~/.ssh/known_hosts and /etc/ssh/ssh_known_hosts */
  readonly knownHostsPath?: string;
  /** @default - machines are reached directly */
  readonly bastion?: BastionArgs;
  /** How long opening a connection may take, in seconds. @default 15 */
  readonly dialTimeoutSeconds?: number;
  /**
   * How long machines that are to join may take until they answer, in seconds: a cloud provider hands out an address before its
   * machine has booted. @default 300 where the address of a machine is an Output; 0, so that one that is off is said at once, where
   * all are plain values
   */
  readonly bootTimeoutSeconds?: number;
}

/** Where LLMOS comes from. */
export interface InstallerArgs {
  /** Where each machine downloads the install script. @default - LLMOS's own address */
  readonly url?: string;
  /** A script on this machine that is uploaded instead, for closed networks. */
  readonly script?: string;
  /** Expected sha256 of the script. @default - not checked */
  readonly sha256?: string;
  /** More environment for the script (INSTALL_LLMOS_*). No secrets: other users of the machine can read it. */
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * The LLMOS binary on this machine: it is uploaded to /usr/local/bin/llmos, and the script downloads none. All machines then have
   * its architecture. @default - the script downloads it
   */
  readonly binary?: InstallerFile;
  /**
   * Archives of images on this machine (`k3s-airgap-images-amd64.tar.zst`): they are uploaded to where k3s or RKE2 loads them from
   * when it starts, and LLMOS looks for its installers. What a machine has already is not sent again. @default - images are pulled
   */
  readonly images?: readonly InstallerFile[];
}

/** What a Cluster is made of. */
export interface ClusterArgs {
  /** The definition people review. */
  readonly chart: ClusterChart;
  /** @default - root, port 22, the SSH agent, ~/.ssh/known_hosts */
  readonly connection?: ConnectionArgs;
  /** Reaches the API server directly with this kubeconfig. Secret. @default - through the SSH connection to a management node */
  readonly kubeconfig?: Input<string>;
  /** @default - the installer LLMOS publishes */
  readonly installer?: InstallerArgs;
  /**
   * Where machines pull images from and how they log in there, as k3s and RKE2 have it in registries.yaml: `mirrors`, `configs`.
   * Secret: in the state it is encrypted, on a machine that joins it is a file that root alone reads. A change counts for machines
   * that join afterwards. @default - whatever registries.yaml a machine has already
   */
  readonly registries?: Input<Readonly<Record<string, unknown>>>;
  /**
   * How many workers may join at once; management nodes always join one by one. A whole number, at least 1. The engine's own
   * `--parallel` (four for each core of this machine) limits them as well. @default - as many as the engine lets
   */
  readonly maxParallelJoins?: number;
  /**
   * Applies the chart's manifests with @pulumi/kubernetes. Switch it off where its plugin cannot be had and apply the output of
   * `cdk8s synth` by other means. @default true; false in a rehearsal, which has no API server
   */
  readonly applyManifests?: boolean;
}
