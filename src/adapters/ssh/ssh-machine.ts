import { parseMembers } from '../../llmos/etcd-members';
import { askServerScript, parseServerAnswer } from '../../llmos/host-scripts/ask-server';
import {
  copyDatastoreScript, DATASTORE_SCRIPT, END_RECOVERY_SCRIPT, forgetDatastoreScript, noteRecoveryScript, parseDatastore, RESET_SCRIPT, STOP_DATASTORE_SCRIPT,
} from '../../llmos/host-scripts/cluster-reset';
import {
  CLUSTER_IDENTITY_SCRIPT, JOIN_TOKEN_SCRIPT, KUBECONFIG_SCRIPT, MEMBER_HEALTH_SCRIPT, MEMBERS_SCRIPT, METRICS_SCRIPT, parseClusterIdentity, parseLeads, snapshotScript,
} from '../../llmos/host-scripts/control-plane';
import { FACTS_SCRIPT, parseFacts } from '../../llmos/host-scripts/facts';
import { readFirstScript, writeFileScript } from '../../llmos/host-scripts/files';
import { ALLOW_RESTART_SCRIPT, BLOCK_RESTART_SCRIPT, STOP_RUNTIME_SCRIPT } from '../../llmos/host-scripts/restart-block';
import { fetchReleaseScript, startReleaseScript } from '../../llmos/host-scripts/upgrade';
import { LEFTOVERS_SCRIPT, parseLeftovers, UNINSTALL_SCRIPT } from '../../llmos/host-scripts/uninstall';
import { joinSettings, llmosConfigJoinBy, runtimeConfigAlone, runtimeConfigJoinBy } from '../../llmos/join-by';
import { LLMOS_PATHS, RUNTIMES } from '../../llmos/paths';
import { llmosConfigOfRelease, type RuntimeRelease } from '../../llmos/upgrade';
import type { Deadline } from '../../membership/deadline';
import type { Datastore, EtcdMember, Installer, Machine, MachineFacts, ServerAnswer } from '../../membership/ports/machine';
import { Problem } from '../../problem';
import type { SshConnection } from './connection';
import { followBootstrap } from './follow-bootstrap';
import { forward, type Forward } from './forward';
import { handOverLeadership } from './hand-over-leadership';
import { installLlmos } from './install-llmos';
import { rotateToken, useToken } from './join-token';
import { layReady } from './lay-ready';
import { reboot } from './reboot';
import { SharedRead } from './shared-read';
import { lastLine, Shell } from './shell';

/** Stopping waits for containers, uninstalling deletes images, a snapshot copies a database. */
const SLOW_SECONDS = 15 * 60;
/** A member that needs longer than this for one read is not healthy. */
const HEALTH_SECONDS = 8;

/** A host reached over SSH. Connects at the first use, and again after the connection dropped. */
export class SshMachine implements Machine {
  readonly label: string;
  private readonly forwards = new Set<Forward>();
  /** The LLMOS config as it was written in this run, which need not be read again. @default - it was not */
  private written?: string;
  /** What every join and removal asks of a management host, so that many at once would be a crowd there. */
  private readonly shared = {
    facts: new SharedRead(() => this.readFacts()), members: new SharedRead(() => this.readMembers()), joinToken: new SharedRead(() => this.readJoinToken()),
  };

  constructor(private readonly connection: SshConnection, private readonly shell: Shell = new Shell(connection)) {
    this.label = shell.label;
  }

  /** A port on 127.0.0.1 here that leads to 127.0.0.1:`remotePort` there, until it or the machine is closed. */
  async forward(remotePort: number): Promise<Forward> {
    const opened = await forward(this.connection, remotePort);
    this.forwards.add(opened);
    return opened;
  }

  facts(): Promise<MachineFacts> {
    return this.shared.facts.ask();
  }

  private async readFacts(): Promise<MachineFacts> {
    const before = Date.now() / 1000;
    const { stdout, stderr } = await this.shell.run(FACTS_SCRIPT);
    const { facts, clock } = parseFacts(stdout);
    if (Number.isNaN(clock)) throw this.noShell(lastLine(stdout) || lastLine(stderr));
    return { ...facts, clockSkewSeconds: clockSkew(clock, before, Date.now() / 1000) };
  }

  async askServer(server: string, token: string): Promise<ServerAnswer> {
    const { stdout } = await this.shell.run(askServerScript(server), { input: `${token}\n` });
    return parseServerAnswer(stdout);
  }

  async writeConfig(yaml: string): Promise<void> {
    await this.shell.need('writing the LLMOS config', writeFileScript(LLMOS_PATHS.config), { input: yaml });
    this.written = yaml;
  }

  layReady(installer: Installer, report: (line: string) => void): Promise<void> {
    return layReady(this.shell, installer, report);
  }

  async install(installer: Installer): Promise<void> {
    await installLlmos(this.shell, installer);
  }

  async waitForBootstrap(onLine: (line: string) => void, deadline: Deadline): Promise<void> {
    const config = this.written ?? (await this.read([LLMOS_PATHS.config])) ?? '';
    const askServer = (url: string, secret: string) => this.askServer(url, secret);
    await followBootstrap({ shell: this.shell, ...joinSettings(config), onLine, deadline, askServer });
  }

  joinToken(): Promise<string> {
    return this.shared.joinToken.ask();
  }

  private async readJoinToken(): Promise<string> {
    const token = (await this.shell.need('reading the join token', JOIN_TOKEN_SCRIPT)).trim();
    if (token !== '') return token;
    throw new Problem({
      subject: `host ${this.label}`,
      rule: 'it has no join token, so it is no management node that is set up', remedy: 'run `llmos get-token` there and mend what it says',
    });
  }

  async kubeconfig(): Promise<string> {
    return this.shell.need('reading the kubeconfig', KUBECONFIG_SCRIPT);
  }

  async clusterIdentity(): Promise<string> {
    return parseClusterIdentity(await this.shell.need('asking its API server which cluster it is part of', CLUSTER_IDENTITY_SCRIPT));
  }

  members(): Promise<EtcdMember[]> {
    return this.shared.members.ask();
  }

  private async readMembers(): Promise<EtcdMember[]> {
    const answer = await this.shell.need("reading etcd's member list", MEMBERS_SCRIPT);
    try {
      return parseMembers(answer);
    } catch {
      throw new Problem({
        subject: `host ${this.label}`,
        rule: `its supervisor gave no etcd member list (${answer.trim().slice(0, 200)})`, remedy: 'check that k3s or rke2-server runs there and uses embedded etcd',
      });
    }
  }

  async memberHealthy(): Promise<boolean> {
    try {
      const { code, stdout } = await this.shell.run(MEMBER_HEALTH_SCRIPT, { timeoutSeconds: HEALTH_SECONDS });
      return code === 0 && (JSON.parse(stdout) as { readonly health?: string }).health === 'true';
    } catch {
      // Whatever keeps the answer from coming, the member must not be counted on.
      return false;
    }
  }

  async leads(): Promise<boolean> {
    try {
      return parseLeads((await this.shell.run(METRICS_SCRIPT, { timeoutSeconds: HEALTH_SECONDS })).stdout);
    } catch {
      return false;
    }
  }

  handOverLeadership(voter: string): Promise<void> {
    return handOverLeadership(this, paths => this.shell.need("reading etcd's certificates", readFirstScript(paths)), voter);
  }

  reboot(onLine: (line: string) => void, deadline: Deadline): Promise<void> {
    return reboot(this.connection, this.shell, onLine, deadline);
  }

  async snapshot(name: string): Promise<string> {
    return (await this.shell.need('taking an etcd snapshot', snapshotScript(name), { timeoutSeconds: SLOW_SECONDS })).trim();
  }

  async joinBy(server: string): Promise<void> {
    const token = await this.joinToken();
    await this.rewrite(LLMOS_PATHS.config, yaml => llmosConfigJoinBy(yaml, server, token));
    for (const { config } of RUNTIMES) await this.rewrite(config, yaml => runtimeConfigJoinBy(yaml, server, token));
  }

  rotateToken(): Promise<string> {
    return rotateToken(this.shell);
  }

  useToken(token: string): Promise<void> {
    return useToken(this.shell, token);
  }

  async fetchRelease(release: RuntimeRelease): Promise<void> {
    await this.shell.need(`fetching ${release.version}`, fetchReleaseScript(release), { timeoutSeconds: SLOW_SECONDS });
  }

  async startRelease(release: RuntimeRelease): Promise<void> {
    await this.rewrite(LLMOS_PATHS.config, yaml => llmosConfigOfRelease(yaml, release.version));
    await this.shell.need(`starting ${release.version}`, startReleaseScript(release), { timeoutSeconds: SLOW_SECONDS });
  }

  async blockRestart(): Promise<void> {
    await this.shell.need('keeping the node from starting again', BLOCK_RESTART_SCRIPT, { timeoutSeconds: SLOW_SECONDS });
  }

  async allowRestart(): Promise<void> {
    await this.shell.need('letting the node start again', ALLOW_RESTART_SCRIPT);
  }

  async stopRuntime(): Promise<void> {
    await this.shell.need('stopping Kubernetes', STOP_RUNTIME_SCRIPT, { timeoutSeconds: SLOW_SECONDS });
  }

  async datastore(): Promise<Datastore> {
    return parseDatastore(await this.shell.need("looking for etcd's data", DATASTORE_SCRIPT));
  }

  async noteRecovery(id: string, revision: number): Promise<void> {
    await this.shell.need('noting the recovery', noteRecoveryScript(id, revision));
  }

  async endRecovery(): Promise<void> {
    await this.shell.need('noting that the recovery is over', END_RECOVERY_SCRIPT);
  }

  async copyDatastore(id: string): Promise<string | undefined> {
    await this.shell.need('stopping etcd', STOP_DATASTORE_SCRIPT, { timeoutSeconds: SLOW_SECONDS });
    return (await this.shell.need("copying etcd's data", copyDatastoreScript(id), { timeoutSeconds: SLOW_SECONDS })).trim() || undefined;
  }

  async resetCluster(): Promise<void> {
    // A server to join by and a reset exclude each other.
    for (const { config } of RUNTIMES) await this.rewrite(config, runtimeConfigAlone);
    await this.shell.need("making a cluster of its etcd's data", RESET_SCRIPT, { timeoutSeconds: SLOW_SECONDS });
  }

  async forgetDatastore(id: string): Promise<void> {
    await this.shell.need("deleting etcd's data, of which there is a copy", forgetDatastoreScript(id), { timeoutSeconds: SLOW_SECONDS });
  }

  async uninstall(): Promise<void> {
    await this.shell.need('uninstalling LLMOS', UNINSTALL_SCRIPT, { timeoutSeconds: SLOW_SECONDS });
  }

  async leftovers(): Promise<string[]> {
    return parseLeftovers(await this.shell.need('looking for what is left', LEFTOVERS_SCRIPT));
  }

  async close(): Promise<void> {
    await Promise.all([...this.forwards].map(opened => opened.close()));
    this.forwards.clear();
    await this.connection.close();
  }

  private noShell(said: string): Problem {
    return new Problem({
      subject: `host ${this.label}`,
      rule: `the login works but runs no commands (${said || 'it said nothing'})`, remedy: 'give the user a POSIX shell, or log in as another one',
    });
  }

  private async read(paths: readonly string[]): Promise<string | undefined> {
    const { code, stdout } = await this.shell.runAsRoot(readFirstScript(paths));
    return code === 0 ? stdout : undefined;
  }

  /** Writes only what really changes, so that doing it again touches nothing. */
  private async rewrite(path: string, change: (yaml: string) => string): Promise<void> {
    const before = await this.read([path]);
    if (before === undefined) return;
    const after = change(before);
    if (after !== before) await this.shell.need(`writing ${path}`, writeFileScript(path), { input: after });
  }
}

/** How far a clock that was read somewhere between two moments of ours is off at least; 0 where it may be right. */
function clockSkew(clock: number, before: number, after: number): number {
  // The host says whole seconds: up to one more has passed.
  if (clock + 1 < before) return clock + 1 - before;
  return clock > after ? clock - after : 0;
}
