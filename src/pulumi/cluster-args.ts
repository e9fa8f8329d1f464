import type { Input } from '@pulumi/pulumi';

import type { ClusterChart } from '../definition';

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
   * Applies the chart's manifests with @pulumi/kubernetes. Switch it off where its plugin cannot be had and apply the output of
   * `cdk8s synth` by other means. @default true; false in a rehearsal, which has no API server
   */
  readonly applyManifests?: boolean;
}
