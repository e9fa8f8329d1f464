// A stack of the library's on the hosts of a standing cluster.
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stack } from '../stack.mjs';

const programs = join(import.meta.dirname, '..', 'programs');
const INSTALLER = join(import.meta.dirname, 'install.sh');

export class SshStack extends Stack {
  /** A stack that has the management node alone, adopted. @param {import('./standing-cluster.mjs').StandingCluster} cluster */
  static async create(pulumi, cluster) {
    const stack = new SshStack(pulumi, join(programs, 'ssh-cluster'), await mkdtemp(join(tmpdir(), 'stack-')));
    stack.cluster = cluster;
    await stack.declare([]);
    await stack.run('stack', 'init', 'bench', '--no-select');
    await stack.up();
    await cp(join(stack.folder, '.pulumi'), join(stack.folder, 'adopted'), { recursive: true });
    return stack;
  }

  /** Declares these of the hosts as workers. @param {readonly string[]} [removed] whose removal is confirmed */
  async declare(workers, removed = []) {
    const { management, privateKeyPath, knownHostsPath } = this.cluster;
    const machine = ({ name, address }) => ({ name, address });
    await writeFile(this.config, JSON.stringify({ config: {
      'bench:hosts': JSON.stringify({
        management: [machine(management)], workers: workers.map(machine), connection: { privateKeyPath, knownHostsPath }, installer: { script: INSTALLER },
      }),
      'llmos:confirmRemoval': JSON.stringify(removed),
    } }));
  }

  /** `pulumi up` in which that node is created. @returns {Promise<number>} when the engine said so, in milliseconds as Date.now() has them */
  async upUntilCreated(name) {
    let at;
    const created = new RegExp(`"resOutputsEvent":.*"urn":"[^"]*::prod-${name}"`);
    this.see = (out) => {
      if (at === undefined && created.test(out)) at = Date.now();
    };
    try {
      await this.up('--json');
    } finally {
      this.see = undefined;
    }
    return at;
  }

  /** Forgets whatever joined. */
  async reset() {
    await rm(join(this.folder, '.pulumi'), { recursive: true });
    await cp(join(this.folder, 'adopted'), join(this.folder, '.pulumi'), { recursive: true });
  }
}
