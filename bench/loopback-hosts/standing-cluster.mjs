// A cluster that stands, of one management node, and hosts that may join it. Runs in a yard (yard.mjs).
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun } from '../../scripts/run.mjs';
import { ControlPlane } from './control-plane.mjs';
import { Host } from './host.mjs';

const MANAGEMENT = { name: 'm1', address: '10.0.0.1' };
const workerAddress = index => `10.0.1.${index + 1}`;

export class StandingCluster {
  token = randomBytes(16).toString('hex');

  /** @param {{ folder: string, workers: number, installSeconds: number }} props `installSeconds`: what LLMOS takes on each host */
  static async create({ folder, workers, installSeconds }) {
    const cluster = new StandingCluster();
    cluster.privateKeyPath = join(folder, 'key');
    cluster.knownHostsPath = join(folder, 'known_hosts');
    await mustRun('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', cluster.privateKeyPath]);
    const network = await connectNetwork(workers);
    cluster.management = new Host({ ...MANAGEMENT, folder: join(folder, MANAGEMENT.name) });
    cluster.workers = Array.from({ length: workers }, (_, index) => new Host({ name: `w${index + 1}`, address: workerAddress(index), folder: join(folder, `w${index + 1}`), network, installSeconds }));
    const hosts = [cluster.management, ...cluster.workers];
    for (const host of hosts) await host.create(`${cluster.privateKeyPath}.pub`);
    await writeFile(cluster.knownHostsPath, hosts.map(({ address, hostKey }) => `${address} ${hostKey}\n`).join(''));
    cluster.controlPlane = await ControlPlane.start({ ...MANAGEMENT, token: cluster.token, folder });
    cluster.kubeconfigPath = join(folder, 'kubeconfig');
    await writeFile(cluster.kubeconfigPath, cluster.controlPlane.api.kubeconfig);
    await cluster.#setUpManagement();
    return cluster;
  }

  /** All workers as freshly installed machines, of which the cluster knows nothing. */
  async renewWorkers() {
    await Promise.all(this.workers.map(host => host.stop()));
    await this.controlPlane.forgetWorkers();
    // A few at a time: it is not the start that is measured.
    for (let first = 0; first < this.workers.length; first += 10) await Promise.all(this.workers.slice(first, first + 10).map(host => host.start()));
  }

  async stop() {
    await Promise.all([this.management, ...this.workers].map(host => host.stop()));
    await this.controlPlane.stop();
  }

  /** As LLMOS leaves a first node. */
  async #setUpManagement() {
    const config = `role: cluster-init\nnodeName: ${MANAGEMENT.name}\ntoken: ${this.token}\n`;
    const files = {
      'etc/machine-id': `${'0'.repeat(32)}\n`,
      'etc/llmos/config.yaml': config, 'var/lib/llmos/bootstrapped': config, 'var/lib/llmos/token': this.token,
      'etc/llmos/kubeconfig.yaml': this.controlPlane.kubeconfig, 'var/lib/rancher/k3s/server/token': this.token,
      'usr/local/bin/llmos': await readFile(join(import.meta.dirname, 'base/usr/local/lib/standin/llmos')),
    };
    for (const [path, content] of Object.entries(files)) await this.management.give(path, content);
    await mustRun('chmod', ['755', join(this.management.folder, 'base/usr/local/bin/llmos')]);
    await this.management.start();
  }
}

/** Workers share a network: what listens here does not take their ports. @returns {Promise<number>} a process that is in it */
async function connectNetwork(workers) {
  const holder = spawn('unshare', ['--net', 'sh', '-c', 'echo; exec sleep infinity'], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve, reject) => holder.once('error', reject).stdout.once('data', resolve));
  await mustRun('ip', ['link', 'add', 'yard0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(holder.pid)]);
  const here = [`address add ${MANAGEMENT.address}/16 dev yard0`, 'link set yard0 up', 'route add default dev yard0'];
  const there = ['link set lo up', ...Array.from({ length: workers }, (_, index) => `address add ${workerAddress(index)}/16 dev eth0`), 'link set eth0 up'];
  for (const command of here) await mustRun('ip', command.split(' '));
  for (const command of there) await mustRun('nsenter', [`--net=/proc/${holder.pid}/ns/net`, 'ip', ...command.split(' ')]);
  return holder.pid;
}
