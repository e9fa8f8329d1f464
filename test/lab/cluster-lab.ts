import { join } from 'node:path';

import { App } from 'cdk8s';

import { ClusterChart, type ConnectionArgs, type InstallerArgs, type MachineProps } from '../../src';
import { connectKubernetes } from '../../src/adapters/kubernetes';
import { Deadline } from '../../src/membership/deadline';
import type { ClusterApi } from '../../src/membership/ports/cluster-api';
import { waitUntil } from '../../src/membership/wait';
import { Stack, finished, type Definition, type Outcome } from '../e2e/stack';
import { applyObjects, deleteObjects } from './apply-objects';
import { Lab, type Host } from './hosts';

/** Where the installer finds a release on each host: what a closed network's mirror would be. */
export const RELEASE = '/opt/llmos-release';
/** The install script that is uploaded, as in a closed network. */
const INSTALL_SCRIPT = join(__dirname, 'standin', 'install.sh');

/** Puts a good release in place, with the checksum the installer compares. */
const MAKE_RELEASE = `mkdir -p ${RELEASE} && cd ${RELEASE} && cp /usr/local/lib/lab/llmos llmos_linux_amd64 && sha256sum llmos_linux_amd64 > checksums.txt`;
/** Lets learners be promoted and bootstraps be tried again more often than the real parts do. */
const QUICK = `mkdir -p /etc/default && echo LLMOS_LAB_RETRY=1s > /etc/default/llmos && echo K3S_LAB_PROMOTION_TICK=1s > /etc/default/k3s`;

/** What a test asks for beyond the names of its nodes. */
export interface Declaration {
  readonly chart?: Definition['chart'];
  readonly management?: Partial<Definition['management']>;
  /** Other properties of single machines, by name. */
  readonly machines?: Readonly<Record<string, Partial<MachineProps>>>;
  readonly connection?: Partial<ConnectionArgs>;
  readonly installer?: Partial<InstallerArgs>;
  readonly customTimeouts?: { readonly create?: string; readonly delete?: string };
}

/** Real hosts, the stack that makes a cluster of them, and what the cluster and the hosts then say of themselves. */
export class ClusterLab {
  /** The management host that is asked about the cluster, and its registration address. */
  front = 'm1';
  private kubeconfig?: string;

  private constructor(private readonly lab: Lab, readonly stack: Stack, private readonly quick: boolean) {}

  /**
   * Boots these hosts, each with a release to install from.
   * @param options.quick shortens the waits of the real parts, for tests that are not about them. @default false
   * @param options.disks hosts that have a device of this many megabytes for /var/lib, by name. @default - they share this machine's
   */
  static async create(name: string, hosts: readonly string[], options: { readonly quick?: boolean; readonly disks?: Readonly<Record<string, number>> } = {}): Promise<ClusterLab> {
    const lab = await Lab.create({ name });
    try {
      for (const host of hosts) await lab.addHost(host, { diskMegabytes: options.disks?.[host] });
      const created = new ClusterLab(lab, await realStack(), options.quick ?? false);
      await Promise.all(hosts.map(host => created.switchOn(host)));
      return created;
    } catch (error) {
      await lab.destroy();
      throw error;
    }
  }

  async destroy(): Promise<void> {
    this.stack.dispose();
    await this.lab.destroy();
  }

  /** Address of this machine on the hosts' network. */
  get gateway(): string {
    return this.lab.gateway;
  }

  /** The key that root and ops of every host take. */
  get privateKeyPath(): string {
    return this.lab.privateKeyPath;
  }

  /** Adds a host that is switched off. */
  addHost(name: string): Promise<Host> {
    return this.lab.addHost(name);
  }

  host(name: string): Host {
    return this.lab.host(name);
  }

  /** Boots a fresh host and gives it a release to install from. */
  async switchOn(name: string): Promise<void> {
    await this.host(name).boot();
    await this.host(name).mustSsh(this.quick ? `${MAKE_RELEASE} && ${QUICK}` : MAKE_RELEASE);
  }

  machine(name: string): MachineProps {
    const { address, hostKey } = this.host(name);
    return { name, address, hostKey, zone: `zone-${name.slice(1)}` };
  }

  /** Declares these nodes in the stack, m… for management and w… for workers; the front is the registration address. */
  declare(names: readonly string[], { chart, management, machines = {}, connection, installer, customTimeouts }: Declaration = {}, stack = this.stack): void {
    const of = (letter: string) => names.filter(name => name.startsWith(letter)).map(name => ({ ...this.machine(name), ...machines[name] }));
    stack.declare({
      chart: { registrationAddress: this.host(this.front).address, llmosVersion: 'v0.3.1', ...chart },
      management: { machines: of('m'), ...management },
      workers: of('w'),
      args: {
        applyManifests: false,
        connection: { user: 'ops', privateKeyPath: this.lab.privateKeyPath, ...connection },
        installer: { script: INSTALL_SCRIPT, environment: { INSTALL_LLMOS_ARTIFACT_URL: `file://${RELEASE}` }, ...installer },
      },
      options: { customTimeouts: { create: '4m', delete: '4m', ...customTimeouts } },
    });
  }

  /** `pulumi up` that has to succeed; returns what was shown. */
  async up(stack = this.stack): Promise<string> {
    return succeeded(await stack.up());
  }

  /** `pulumi up`, killed with everything it started as soon as it has shown this; then the lock it left is cleared. */
  async killUpAt(shown: RegExp): Promise<void> {
    const started = this.stack.start('up', '--yes', '--skip-preview', ...this.stack.configFlag);
    const end = finished(started);
    await new Promise<void>((resolve, reject) => {
      started.stdout!.on('data', () => { if (shown.test(started.text())) resolve(); });
      void end.then(({ text }) => reject(new Error(`it ended without showing ${shown}:\n${text}`)), reject);
    });
    await this.stack.kill(started);
    succeeded(await this.stack.cancel());
  }

  /**
   * `pulumi up`, and something that happens as soon as it has shown this so many times. Ends when both have ended.
   * @param times 1 for the first line that matches. @default 1
   */
  async upDuring(shown: RegExp, act: () => Promise<void>, times = 1): Promise<Outcome> {
    const started = this.stack.start('up', '--yes', '--skip-preview', ...this.stack.configFlag);
    const end = finished(started);
    let acting: Promise<void> | undefined;
    const every = new RegExp(shown, 'g');
    started.stdout!.on('data', () => {
      if (!acting && [...progressOf(started.text()).matchAll(every)].length >= times) acting = act();
    });
    const outcome = await end;
    if (!acting) throw new Error(`it ended without showing ${shown} ${times} times:\n${outcome.text}`);
    await acting;
    return outcome;
  }

  /** Applies the chart's manifests, as `kubectl apply` of `cdk8s synth` would. */
  async applyChart(): Promise<void> {
    const chart = new ClusterChart(new App(), 'prod', { kubernetesVersion: 'v1.34.4+k3s1', registrationAddress: this.host('m1').address });
    chart.addManagementPool('management', { machines: [this.machine('m1')] });
    await this.apply(chart.toJson());
  }

  async apply(objects: readonly unknown[]): Promise<void> {
    await applyObjects(await this.adminKubeconfig(), this.server, objects);
  }

  async deleteObject(object: unknown): Promise<void> {
    await deleteObjects(await this.adminKubeconfig(), this.server, [object]);
  }

  /** Asks the API server of the front. */
  async cluster<T>(ask: (api: ClusterApi) => Promise<T>): Promise<T> {
    const api = await connectKubernetes({ kubeconfig: await this.adminKubeconfig(), server: this.server });
    try {
      return await ask(api);
    } finally {
      await api.close();
    }
  }

  /** The administrator's kubeconfig as the front has it. */
  async adminKubeconfig(): Promise<string> {
    this.kubeconfig ??= await this.host(this.front).mustSsh('cat /etc/llmos/kubeconfig.yaml');
    return this.kubeconfig;
  }

  /** The cluster's Nodes: `m1 management Ready voter`. */
  nodes(): Promise<string[]> {
    return this.cluster(async api => (await api.nodes()).map(({ name, role, ready, etcdIsVoter }) => `${name} ${role}${ready ? ' Ready' : ''}${etcdIsVoter ? ' voter' : ''}`).sort());
  }

  /** Waits until the pod of the app is ready on one of these nodes. */
  appRunsOn(...names: string[]): Promise<void> {
    return this.cluster(api => waitUntil('the app', async () => {
      const pods = (await Promise.all(names.map(name => api.pods(name)))).flat();
      const runs = pods.some(pod => pod.name.startsWith('app-') && pod.ready && !pod.deleting);
      return runs ? { done: true } : { done: false, reason: `it does not run on ${names.join(', ')}` };
    }, new Deadline(60), () => undefined));
  }

  /** etcd's own list, asked with etcdctl on the front: `m1 voter`. */
  async members(): Promise<string[]> {
    return (await this.memberList()).map(line => `${line.split(', ')[2]!.replace(/-[0-9a-f]{8}$/, '')} ${line.split(', ')[5] === 'true' ? 'learner' : 'voter'}`).sort();
  }

  /** The lines of `etcdctl member list` on the front: id, status, name, peer URLs, client URLs, whether it is a learner. */
  async memberList(): Promise<string[]> {
    return (await this.etcdctl('member list')).trim().split('\n').sort();
  }

  /** The node whose member leads etcd. */
  async leader(): Promise<string> {
    const statuses = JSON.parse(await this.etcdctl('endpoint status --cluster -w json')) as { Status: { header: { member_id: number }; leader: number } }[];
    const { Endpoint } = statuses.find(({ Status: { header, leader } }) => header.member_id === leader) as unknown as { Endpoint: string };
    return (await this.memberList()).map(line => line.split(', ')).find(member => member[4] === Endpoint)![2]!.replace(/-[0-9a-f]{8}$/, '');
  }

  /** Lets this node's member lead etcd. */
  async lead(name: string): Promise<void> {
    const members = (await this.memberList()).map(line => line.split(', '));
    const id = members.find(member => member[2]!.startsWith(`${name}-`))![0]!;
    await this.etcdctl(`move-leader ${id} --endpoints=${members.map(member => member[4]).join(',')}`);
  }

  /** etcdctl on the front, with the certificates of k3s. */
  etcdctl(command: string): Promise<string> {
    const tls = '/var/lib/rancher/k3s/server/tls/etcd';
    return this.host(this.front).mustSsh(`/usr/local/lib/lab/etcdctl --endpoints=https://127.0.0.1:2379 --cacert=${tls}/server-ca.crt --cert=${tls}/client.crt --key=${tls}/client.key ${command}`);
  }

  /** Waits until every voter answers a linearizable read: after a member was killed and is back. */
  votersAnswer(): Promise<void> {
    return waitUntil('the voters', async () => {
      const urls = (await this.memberList()).map(line => line.split(', ')).filter(([, , , , , learner]) => learner === 'false').map(([, , , , url]) => url);
      await this.etcdctl(`endpoint health --endpoints=${urls.join(',')}`);
      return { done: true };
    }, new Deadline(90), () => undefined);
  }

  /** What of LLMOS, k3s and Kubernetes is on a host; empty where there is nothing. */
  async traces(name: string): Promise<string> {
    return this.host(name).mustSsh([
      'ls -d /etc/llmos /var/lib/llmos /etc/rancher /var/lib/rancher /usr/local/bin/llmos /usr/local/bin/k3s /etc/systemd/system/llmos* /etc/systemd/system/k3s* 2>/dev/null',
      'pgrep -l "llmos|k3s|etcd|kube|containerd-shim" || true',
    ].join('; ') + '; true');
  }

  /** The token machines join with. */
  async token(): Promise<string> {
    return (await this.host(this.front).mustSsh('cat /var/lib/llmos/token')).trim();
  }

  private get server(): string {
    return `https://${this.host(this.front).address}:6443`;
  }
}

/** A stack that works on real machines. @param project the folder that has the Pulumi.yaml. @default - the same program */
export async function realStack(project?: string): Promise<Stack> {
  const stack = await Stack.create(undefined, project);
  stack.set('llmos:rehearsal', undefined);
  return stack;
}

/** What was shown as it happened: the summary at the end says it all a second time. */
export function progressOf(text: string): string {
  return text.split('\nDiagnostics:')[0]!;
}

function succeeded({ code, text }: Outcome): string {
  if (code !== 0) throw new Error(text);
  return text;
}
