import { Deadline } from '../../membership/deadline';
import type { Datastore, EtcdMember, Installer, Machine, MachineFacts, ServerAnswer } from '../../membership/ports/machine';
import { Unreachable } from '../../membership/ports/unreachable';
import type { RuntimeRelease } from '../../llmos/upgrade';
import { Problem } from '../../problem';
import { endBootstrap, powerOff, powerOn, startBootstrap } from './bootstrap';
import { answers, leaderOf, quorum, requireQuorum } from './etcd';
import { factsOf } from './facts';
import { FAULTS_FILE } from './faults';
import type { Folder } from './folder';
import { freshHost, leftovers, runtimePaths, uninstall, writeToken } from './host';
import { readHostConfig } from './host-config';
import { simulatedKubeconfig } from './kubeconfig';
import { copyDatastore, datastoreOf, forgetDatastore, hasForgotten, noteRecovery, resetCluster } from './recovery';
import { nodeName, restartRuntime, stopRuntime } from './runtime';
import { clusterAt, operatorAway, takesToken } from './server-address';
import type { ClusterState, Host } from './state';
import type { World } from './world';

/** How long systemd may take to restart a runtime. */
const RESTART_SECONDS = 60;

/** Which machine is meant. */
export interface RehearsalTarget {
  readonly name: string;
  /** What a machine is told by: at another address it is another machine, whatever its name. */
  readonly address: string;
  /** @default 22 */
  readonly port?: number;
  /** For messages only. @default root */
  readonly user?: string;
}

/** A machine of the rehearsal, as SSH would show it. */
export class SimulatedMachine implements Machine {
  readonly label: string;
  /** What the folder knows it by. */
  readonly key: string;

  constructor(private readonly folder: Folder, private readonly target: RehearsalTarget) {
    const { user = 'root', address, port = 22 } = target;
    this.label = `${user}@${address}:${port}`;
    this.key = port === 22 ? address : `${address}:${port}`;
  }

  async facts(): Promise<MachineFacts> {
    return this.on((world, host) => factsOf(world, host));
  }

  async askServer(server: string, token: string): Promise<ServerAnswer> {
    return this.on((world): ServerAnswer => {
      const cluster = clusterAt(world, server);
      if (!cluster) return { kind: 'unreachable', reason: `${server}/ping does not answer` };
      const reason = operatorAway(world, cluster);
      if (reason !== undefined) return { kind: 'operator-unready', reason };
      return takesToken(world, server, world.secrets.digest(token)) ? { kind: 'ok' } : { kind: 'token-refused' };
    });
  }

  async writeConfig(yaml: string): Promise<void> {
    await this.on((world, host) => {
      const { config, token } = readHostConfig(yaml, text => world.secrets.digest(text));
      // The token a first node is given becomes the cluster's; every other one is only compared.
      if (config.role === 'cluster-init' && token !== undefined) world.secrets.keep(token);
      host.config = config;
    });
  }

  async layReady({ binary, images = [] }: Installer, report: (line: string) => void): Promise<void> {
    await this.on(() => [...images, ...(binary === undefined ? [] : [binary])].forEach(({ path }) => report(`${path} would be uploaded`)));
  }

  async install({ sha256 }: Installer): Promise<void> {
    await this.on((world, host) => {
      const { installFails, checksumMismatch } = world.faultsOf(host);
      if (installFails !== undefined) {
        throw this.problem(`the LLMOS installer failed: ${installFails}`, 'mend that, then run `pulumi up` again');
      }
      if (checksumMismatch && sha256 !== undefined) {
        throw this.problem(`the install script is not the expected one (sha256 ${sha256}), so it was not run`, 'check where it comes from and which release its checksum belongs to');
      }
      host.installed = true;
      // Once the done stamp is there LLMOS does nothing more.
      if (host.bootstrap.state !== 'done') startBootstrap(world, host);
    });
  }

  async waitForBootstrap(onLine: (line: string) => void, deadline: Deadline): Promise<void> {
    let run: number | undefined;
    let seen = 0;
    await this.folder.wait(this.subject, world => {
      const host = world.host(this.key);
      if (!host || world.down[this.key]) return { done: false, reason: 'it does not answer over SSH' };
      const { state, startedAt, journal, dropped } = host.bootstrap;
      if (startedAt !== run) seen = 0;
      run = startedAt;
      journal.slice(Math.max(0, seen - dropped)).forEach(onLine);
      seen = dropped + journal.length;
      return state === 'done' ? { done: true } : { done: false, reason: this.whatHindersLlmos(world, host) };
    }, deadline);
  }

  /** Whoever follows a bootstrap sees more than its log: what never heals, and a server that is back after LLMOS gave up. */
  private whatHindersLlmos(world: World, host: Host): string {
    const { state, config, hindrance, reason } = host.bootstrap;
    if (state === 'none') {
      throw this.problem('llmos.service does not run and has not finished: somebody stopped it', 'run the same command again, which starts it');
    }
    const cluster = clusterAt(world, config?.server ?? '');
    if (hindrance === 'server-away') {
      if (cluster) startBootstrap(world, host);
      return reason;
    }
    if (hindrance === 'no-cluster-info' && cluster && !takesToken(world, config!.server!, config!.tokenDigest)) {
      throw this.problem(`${config?.server} refuses the join token in its LLMOS config; LLMOS itself would try for ever`, 'compare it with `llmos get-token` on a management node');
    }
    if (hindrance === 'never-heals' || state === 'failed') throw this.problem(`LLMOS cannot set it up: ${reason}`, 'mend that, then run the same command again');
    return reason;
  }

  async joinToken(): Promise<string> {
    return this.on((world, host) => world.secrets.token(this.tokenOf(world, host))!);
  }

  async kubeconfig(): Promise<string> {
    return this.on((world, host) => {
      this.clusterOf(world, host);
      return simulatedKubeconfig(6443);
    });
  }

  async members(): Promise<EtcdMember[]> {
    return this.on((world, host) => {
      const cluster = this.runningCluster(world, host);
      requireQuorum(world, cluster);
      return cluster.members.map(({ id, name, node, peerUrl, learner }) => ({ id, name, node, peerUrls: [peerUrl], learner }));
    });
  }

  async memberHealthy(): Promise<boolean> {
    return this.folder.transact(world => {
      const host = world.host(this.key);
      const cluster = world.cluster(host?.runtime?.cluster);
      const member = cluster?.members.find(({ id }) => id === host?.runtime?.member);
      if (!cluster || !member || !answers(world, member)) return false;
      const { answering, majority } = quorum(world, cluster);
      return answering >= majority;
    });
  }

  async snapshot(name: string): Promise<string> {
    return this.on((world, host) => {
      this.runningCluster(world, host);
      const { snapshotFails } = world.faultsOf(host);
      if (snapshotFails !== undefined) throw this.problem(`taking an etcd snapshot failed: ${snapshotFails}`, 'mend that, then run the same command again');
      const path = `${runtimePaths(world, host).snapshots}/${name}-${nodeName(host)}-${Math.floor(world.now / 1000)}`;
      host.snapshots.push(path);
      return path;
    });
  }

  async joinBy(server: string): Promise<void> {
    await this.on((world, host) => {
      // LLMOS keeps it in files of its own, whatever becomes of etcd's data.
      const tokenDigest = host.runtime?.tokenDigest ?? host.config?.tokenDigest ?? this.tokenOf(world, host);
      const joins = { role: 'server', server, tokenDigest } as const;
      host.runtime!.config = { ...host.runtime!.config, ...joins };
      if (host.config) host.config = { ...host.config, ...joins };
    });
  }

  async rotateToken(): Promise<string> {
    return this.on((world, host) => {
      const cluster = this.runningCluster(world, host);
      requireQuorum(world, cluster);
      host.nextTokenDigest ??= world.secrets.keep();
      cluster.tokenDigest = host.nextTokenDigest;
      // Its own files get it at once, and it takes it without being restarted.
      writeToken(host, host.nextTokenDigest);
      host.runtime!.tokenDigest = host.nextTokenDigest;
      return world.secrets.token(host.nextTokenDigest)!;
    });
  }

  async useToken(token: string): Promise<void> {
    const digest = await this.on((world, host) => {
      const wanted = world.secrets.digest(token);
      writeToken(host, wanted);
      delete host.nextTokenDigest;
      if (host.runtime && host.runtime.tokenDigest !== wanted) restartRuntime(world, host);
      return wanted;
    });
    await this.folder.wait(this.subject, world => {
      const runtime = world.host(this.key)?.runtime;
      const isUp = !runtime || (runtime.running && runtime.tokenDigest === digest);
      return isUp ? { done: true } : { done: false, reason: world.host(this.key)!.bootstrap.reason };
    }, new Deadline(RESTART_SECONDS));
  }

  async clusterIdentity(): Promise<string> {
    return this.on((world, host) => this.runningCluster(world, host).identity);
  }

  async leads(): Promise<boolean> {
    return this.on((world, host) => leaderOf(world, this.clusterOf(world, host))?.host === host.key).catch(() => false);
  }

  async handOverLeadership(voter: string): Promise<void> {
    await this.on((world, host) => {
      const cluster = this.runningCluster(world, host);
      if (leaderOf(world, cluster)?.host !== host.key) throw this.problem('its etcd member does not lead', 'let the one that leads hand over');
      cluster.leader = voter;
    });
  }

  async reboot(_onLine: (line: string) => void, deadline: Deadline): Promise<void> {
    await this.on((world, host) => {
      powerOff(world, host);
      powerOn(world, host);
    });
    await this.folder.wait(this.subject, world => (world.host(this.key)?.runtime?.running === false ? { done: false, reason: 'it boots' } : { done: true }), deadline);
  }

  async fetchRelease({ version, image }: RuntimeRelease): Promise<void> {
    await this.on((world, host) => {
      const { releaseMissing } = world.faultsOf(host);
      if (releaseMissing !== undefined) throw this.problem(`fetching ${version} failed: ${image}: ${releaseMissing}`, 'mend that, then run the same command again');
      host.release = version;
    });
  }

  async startRelease({ version }: RuntimeRelease): Promise<void> {
    await this.on((world, host) => {
      const runtime = host.runtime!;
      if (runtime.version !== version && host.release !== version) throw this.problem(`${version} was not fetched`, 'let it be fetched first');
      if (runtime.version === version) return;
      runtime.version = version;
      if (host.config?.kubernetesVersion !== undefined) host.config = { ...host.config, kubernetesVersion: version };
      delete host.release;
      restartRuntime(world, host);
    });
    await this.folder.wait(this.subject, world => {
      const host = world.host(this.key)!;
      return host.runtime?.running ? { done: true } : { done: false, reason: host.bootstrap.reason };
    }, new Deadline(RESTART_SECONDS));
  }

  async blockRestart(): Promise<void> {
    await this.on((world, host) => {
      host.block ??= { endedBootstrap: host.bootstrap.state === 'running' };
      endBootstrap(world, host);
    });
  }

  async allowRestart(): Promise<void> {
    await this.on((world, host) => {
      const { block } = host;
      delete host.block;
      if (block?.endedBootstrap) startBootstrap(world, host);
      if (block && host.runtime && !host.runtime.running) restartRuntime(world, host);
    });
  }

  async stopRuntime(): Promise<void> {
    await this.on(stopRuntime);
  }

  async datastore(): Promise<Datastore> {
    return this.on(datastoreOf);
  }

  async noteRecovery(id: string, revision: number): Promise<void> {
    await this.on((_world, host) => noteRecovery(host, { id, revision, reset: false }));
  }

  async endRecovery(): Promise<void> {
    await this.on((_world, host) => { delete host.recovery; });
  }

  async copyDatastore(id: string): Promise<string | undefined> {
    return this.on((_world, host) => {
      this.requireStopped(host);
      return copyDatastore(host, id);
    });
  }

  async resetCluster(): Promise<void> {
    await this.on((world, host) => {
      this.requireStopped(host);
      resetCluster(world, host);
    });
  }

  async forgetDatastore(id: string): Promise<void> {
    await this.on((_world, host) => {
      if (!hasForgotten(host, id)) this.requireStopped(host);
      if (!forgetDatastore(host, id)) throw this.problem("there is no copy of etcd's data yet", 'let it be copied first');
    });
  }

  async uninstall(): Promise<void> {
    await this.on(uninstall);
  }

  async leftovers(): Promise<string[]> {
    return this.on(leftovers);
  }

  async close(): Promise<void> {
    // Nothing is held open: the folder is locked for one operation at a time.
  }

  /** Does something on the machine, which springs up where there is none of its address. */
  private on<T>(work: (world: World, host: Host) => T): Promise<T> {
    return this.folder.transact(world => {
      const { name, address } = this.target;
      const known = world.host(this.key);
      if (world.faults.of({ name: known?.name ?? name, key: this.key }).dead) {
        throw new Unreachable({ subject: this.subject, rule: 'it does not answer over SSH', remedy: `bring it back (in this rehearsal: take \`dead\` out of ${FAULTS_FILE})` });
      }
      return work(world, known ?? world.putHost(freshHost(this.key, name, address)));
    });
  }

  private clusterOf(world: World, { runtime }: Host): ClusterState {
    const cluster = runtime?.role === 'management' ? world.cluster(runtime.cluster) : undefined;
    if (!cluster) throw this.problem('it is not a management node of a cluster', 'ask a management node');
    return cluster;
  }

  /** What this server takes, and keeps in a file of its own. */
  private tokenOf(world: World, host: Host): string {
    const { tokenDigest } = this.clusterOf(world, host);
    return host.runtime!.tokenDigest ?? tokenDigest;
  }

  private runningCluster(world: World, host: Host): ClusterState {
    if (!host.runtime?.running) throw this.problem('its management node does not run', 'start it, or ask another one');
    return this.clusterOf(world, host);
  }

  private requireStopped({ runtime }: Host): void {
    if (runtime?.running) throw this.problem('etcd still runs there', 'stop it first');
  }

  private get subject(): string {
    return `host ${this.label}`;
  }

  private problem(rule: string, remedy: string): Problem {
    return new Problem({ subject: this.subject, rule, remedy });
  }
}
