import type { EtcdMember } from '../../llmos/etcd-members';
import type { ServerAnswer } from '../../llmos/host-scripts/ask-server';
import type { Datastore } from '../../llmos/host-scripts/cluster-reset';
import type { BootstrapStage, HostFacts } from '../../llmos/host-scripts/facts';
import type { Distribution } from '../../llmos/kubernetes-version';
import type { RuntimeRelease } from '../../llmos/upgrade';
import type { Deadline } from '../deadline';

export type { BootstrapStage, Datastore, EtcdMember, HostFacts, ServerAnswer };

/** What a host says of itself; read in one go, before anything is changed on it. */
export interface MachineFacts extends HostFacts {
  /** The host's clock minus ours, in seconds; 0 where it may be right. */
  readonly clockSkewSeconds: number;
}

/** A file on the operator's machine that is uploaded. */
export interface InstallerFile {
  /** `~/` is the home directory; else it is looked for from where the program runs. */
  readonly path: string;
  /** Expected sha256, in hex. @default - not checked */
  readonly sha256?: string;
}

/** How LLMOS gets onto a host. */
export interface Installer {
  /** LLMOS release, `v0.3.1`. @default - the installer's own default */
  readonly version?: string;
  /** Where the install script is downloaded from, by the host. @default - LLMOS's own address */
  readonly url?: string;
  /** A script on the operator's machine that is uploaded instead, for closed networks. */
  readonly script?: string;
  /** Expected sha256 of the script, in hex. @default - not checked */
  readonly sha256?: string;
  /** More environment for the script: INSTALL_LLMOS_* of a closed network. No secrets: they would be in the open. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The LLMOS binary on the operator's machine, uploaded so that the script downloads none. @default - the script downloads it */
  readonly binary?: InstallerFile;
  /** Archives of images on the operator's machine, uploaded to where LLMOS and the runtime look before they pull. @default - none */
  readonly images?: readonly InstallerFile[];
  /** Which Kubernetes LLMOS installs. @default 'k3s' */
  readonly distribution?: Distribution;
  /** Content of the runtime's registries.yaml. Secret: it goes to a 0600 file and nowhere else. @default - the host's own is left alone */
  readonly registries?: Readonly<Record<string, unknown>>;
}

/**
 * A host, as joining and removing see it. Every method may be called again after a crash: what is done already is left alone.
 * Methods throw a Problem whose message names the host and the remedy.
 */
export interface Machine {
  /** For messages: `ops@10.0.0.12:22`. */
  readonly label: string;

  facts(): Promise<MachineFacts>;
  /** Asks `https://host:port` from this machine: first /ping, then cluster-info with the token. */
  askServer(server: string, token: string): Promise<ServerAnswer>;

  /** Puts /etc/llmos/config.yaml in place, 0600, over the connection. */
  writeConfig(yaml: string): Promise<void>;
  /** Lays ready what a closed network does not give the host: the installer's binary, images and registries. Tells of what takes long. */
  layReady(installer: Installer, report: (line: string) => void): Promise<void>;
  /** Runs the installer, which returns before the join is done. */
  install(installer: Installer): Promise<void>;
  /** Follows llmos.service to its end. Throws at once on what never heals, and at the deadline with the last reason. */
  waitForBootstrap(onLine: (line: string) => void, deadline: Deadline): Promise<void>;

  /** Management nodes: the token machines join with. Never stored. */
  joinToken(): Promise<string>;
  /** Management nodes: the administrator's kubeconfig, its server still at 127.0.0.1. */
  kubeconfig(): Promise<string>;
  /** Management nodes: UID of the kube-system namespace, as this node's own API server has it. */
  clusterIdentity(): Promise<string>;
  /** Management nodes: etcd's member list, as this node's supervisor reads it (GET /db/info). */
  members(): Promise<EtcdMember[]>;
  /** Management nodes: did the own member answer a linearizable read (etcd's /health on 2381) in time. Never throws. */
  memberHealthy(): Promise<boolean>;
  /** Management nodes: whether the own member leads etcd; false where it does not say. Never throws. */
  leads(): Promise<boolean>;
  /** Management nodes: lets the voter of this id, in hexadecimal, lead etcd instead of the own member. Ends when it does. */
  handOverLeadership(voter: string): Promise<void>;
  /** Management nodes: takes an etcd snapshot and returns where it lies. */
  snapshot(name: string): Promise<string>;
  /** Management nodes: writes into the LLMOS and k3s configs that this node joins by `server`, so that it never initialises a second cluster. */
  joinBy(server: string): Promise<void>;
  /**
   * Management nodes: makes the cluster take a new join token only, and returns it. Made on the host itself and kept there before
   * it takes effect, so that one whose answer got lost is found again by the next call.
   */
  rotateToken(): Promise<string>;
  /**
   * Writes the token into this host's LLMOS and runtime configs and, where it ran with another one, restarts the runtime and waits
   * until systemd says that it is up. Workers too.
   */
  useToken(token: string): Promise<void>;

  /** Brings a release of Kubernetes onto the host, beside the one that runs. */
  fetchRelease(release: RuntimeRelease): Promise<void>;
  /** Puts the release that was fetched in the place of the one that runs and restarts the node with it, until systemd says that it is up. */
  startRelease(release: RuntimeRelease): Promise<void>;

  /** Restarts the host and waits until it has started anew and takes logins. */
  reboot(onLine: (line: string) => void, deadline: Deadline): Promise<void>;

  /** Ends a bootstrap that still runs, disables the runtime and keeps it from starting again, without stopping it yet. */
  blockRestart(): Promise<void>;
  /** Takes blockRestart back. */
  allowRestart(): Promise<void>;
  stopRuntime(): Promise<void>;

  /** What this host has of etcd's data, asked without a quorum. */
  datastore(): Promise<Datastore>;
  /** Notes that the cluster is recovered from this host's data, which goes up to this revision. A note that is there stays. */
  noteRecovery(id: string, revision: number): Promise<void>;
  /** Takes the note away. The copies of the recovery stay. */
  endRecovery(): Promise<void>;
  /** Copies the data of etcd, which does not run, for this recovery and returns where; undefined where there is none. Never over a copy. */
  copyDatastore(id: string): Promise<string | undefined>;
  /** Makes a cluster of this one member of the data: once in the recovery that was noted here. Kubernetes does not run. */
  resetCluster(): Promise<void>;
  /** Deletes the data that was copied for this recovery, once, so that the host joins afresh when it starts. Kubernetes does not run. */
  forgetDatastore(id: string): Promise<void>;

  /** Runs the uninstall script and deletes what it leaves behind. */
  uninstall(): Promise<void>;
  /** What of LLMOS or Kubernetes is still on the host: paths, units, processes. Empty when it is clean. */
  leftovers(): Promise<string[]>;

  close(): Promise<void>;
}
