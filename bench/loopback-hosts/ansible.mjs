// What many people would use instead: Ansible, as PyPI has it, in an environment of its own in our cache.
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Explained } from '../../scripts/main.mjs';
import { whileWorking } from '../../scripts/log.mjs';
import { mustRun } from '../../scripts/run.mjs';
import { hasCommand, labCache } from '../../scripts/lab-parts/store.mjs';

const VERSION = '2.18.19';
const programs = join(import.meta.dirname, '..', 'programs', 'ansible');
const INSTALLER = join(import.meta.dirname, 'install.sh');

/**
 * Makes the environment where it is missing.
 * @returns {Promise<string>} its folder
 * @throws {Explained} where Python or the package cannot be had
 */
export async function ansible() {
  if (!hasCommand('kubectl')) throw new Explained('kubectl (not on PATH): the playbook waits with it until the nodes are Ready; install kubectl 1.30 or newer');
  const folder = join(dirname(labCache), 'ansible', VERSION);
  if (existsSync(folder)) return folder;
  await whileWorking(`installing ansible-core ${VERSION} from PyPI`, async () => {
    await mkdir(dirname(folder), { recursive: true });
    // A virtual environment knows its own path, so it is made where it stays and is only there when its mark is.
    const python = join(`${folder}.partial`, 'bin', 'python');
    await rm(`${folder}.partial`, { recursive: true, force: true });
    try {
      await mustRun('python3', ['-m', 'venv', `${folder}.partial`]);
      await mustRun(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `ansible-core==${VERSION}`]);
    } catch (error) {
      throw new Explained(`ansible-core ${VERSION} cannot be had here: it takes Python 3.11 to 3.13 with venv (python3-venv) and PyPI; ${error.message}`);
    }
    await rename(`${folder}.partial`, folder);
  });
  return folder;
}

export class Playbook {
  /** @param {string} environment as `ansible()` returns it @param {import('./standing-cluster.mjs').StandingCluster} cluster */
  static async create(environment, cluster) {
    const playbook = Object.assign(new Playbook(), { environment, folder: await mkdtemp(join(tmpdir(), 'ansible-')) });
    playbook.python = join(environment, 'bin', 'python');
    const base = (await mustRun(playbook.python, ['-c', 'import os, sys; print(os.path.realpath(sys.executable))'])).trim();
    const host = ({ name, address }) => [name, { ansible_host: address }];
    await writeFile(join(playbook.folder, 'inventory.json'), JSON.stringify({ all: {
      vars: {
        ansible_user: 'root', ansible_ssh_private_key_file: cluster.privateKeyPath, ansible_ssh_common_args: `-o UserKnownHostsFile=${cluster.knownHostsPath}`,
        // Said, so that it is not looked for on each host.
        ansible_python_interpreter: base,
        server: `https://${cluster.management.address}:6443`, kubeconfig: cluster.kubeconfigPath, installer: INSTALLER,
      },
      children: {
        management: { hosts: Object.fromEntries([host(cluster.management)]) },
        workers: { hosts: Object.fromEntries(cluster.workers.map(host)) },
      },
    } }));
    return playbook;
  }

  /** @returns {Promise<number>} how long it took, in seconds */
  async run() {
    const started = process.hrtime.bigint();
    // By way of Python, because a script of an environment that was moved names the folder it was made in.
    this.said = await mustRun(this.python, ['-m', 'ansible', 'playbook', '-i', join(this.folder, 'inventory.json'), join(programs, 'join.yml')], {
      env: { ...process.env, ANSIBLE_CONFIG: join(programs, 'ansible.cfg'), ANSIBLE_HOME: this.folder, ANSIBLE_SSH_CONTROL_PATH_DIR: join(this.folder, 'cp'), ANSIBLE_NOCOLOR: '1' },
    });
    return Number(process.hrtime.bigint() - started) / 1e9;
  }
}
