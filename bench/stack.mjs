// A stack of one of the programs here, with a backend, a home and a rehearsal of its own.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Machines that take no time, so that what is measured is ours and the engine's. */
const AT_ONCE = 'Cluster: { installSeconds: 0, bootSeconds: 0, promotionSeconds: 0, retrySeconds: 0.01, notReadySeconds: 0, podSeconds: 0 }\n';

export class Stack {
  /**
   * @param {string} pulumi path of the engine
   * @param {'cluster' | 'plain'} program
   * @param {{ workers: number, faults?: string }} options `faults`: the rehearsal's faults.yaml
   */
  static async create(pulumi, program, { workers, faults = AT_ONCE }) {
    const folder = await mkdtemp(join(tmpdir(), 'llmos-nodes-bench-'));
    const stack = new Stack(pulumi, join(import.meta.dirname, 'programs', program), folder);
    await mkdir(stack.rehearsal);
    await writeFile(join(stack.rehearsal, 'faults.yaml'), faults);
    await stack.declare(workers);
    await stack.run('stack', 'init', 'bench', '--no-select');
    return stack;
  }

  constructor(pulumi, program, folder) {
    Object.assign(this, { pulumi, program, folder, rehearsal: join(folder, 'rehearsal'), config: join(folder, 'stack.yaml'), environment: {} });
  }

  /** Brings a large stack about: its state is written at the end and not, ever larger, at each step. Nothing that is measured. */
  async setUp() {
    Object.assign(this.environment, { PULUMI_EXPERIMENTAL: 'true', PULUMI_SKIP_CHECKPOINTS: 'true' });
    await this.up();
    this.environment = {};
  }

  /** Declares so many workers besides the three management nodes. */
  async declare(workers) {
    await writeFile(this.config, JSON.stringify({ config: { 'bench:workers': String(workers), 'llmos:rehearsal': this.rehearsal } }));
  }

  /** @returns {Promise<number>} how long it took, in seconds */
  up(...flags) {
    return this.timed('up', '--yes', '--skip-preview', ...flags);
  }

  /** @returns {Promise<number>} how long it took, in seconds */
  preview() {
    return this.timed('preview');
  }

  async timed(command, ...flags) {
    const started = process.hrtime.bigint();
    await this.run(command, ...flags, '--stack', 'bench', '--config-file', this.config);
    return Number(process.hrtime.bigint() - started) / 1e9;
  }

  /** The resources of the state, as the engine keeps them. */
  async resources() {
    return JSON.parse(await this.run('stack', 'export', '--stack', 'bench')).deployment.resources;
  }

  run(...args) {
    return new Promise((resolve, reject) => {
      const child = spawn(this.pulumi, [...args, '--non-interactive'], {
        cwd: this.program,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, PULUMI_HOME: join(this.folder, 'home'), PULUMI_BACKEND_URL: `file://${this.folder}`, PULUMI_CONFIG_PASSPHRASE: 'bench', PULUMI_SKIP_UPDATE_CHECK: 'true', NO_COLOR: '1', ...this.environment },
      });
      let [out, text] = ['', ''];
      child.stdout.on('data', (chunk) => {
        out += chunk;
        text += chunk;
        this.see?.(out);
      });
      child.stderr.on('data', chunk => { text += chunk; });
      child.on('error', reject);
      child.on('close', code => (code === 0 ? resolve(out) : reject(new Error(`pulumi ${args.join(' ')} ended with ${code}:\n${text}`))));
    });
  }

  async dispose() {
    await rm(this.folder, { recursive: true, force: true });
  }
}
