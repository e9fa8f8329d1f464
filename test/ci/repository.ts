import { spawn } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const root = join(__dirname, '..', '..');
const example = join(root, 'examples', 'ci');

/** The definitions of examples/ci. */
export type Definition = 'base' | 'head' | 'confirmed' | 'even';

export interface Outcome {
  readonly code: number | null;
  /** Everything a person reading the job's log would see. */
  readonly text: string;
}

/** A git repository with a project and the scripts of examples/ci in it, as somebody who copied them has. */
export class Repository {
  readonly folder = mkdtempSync(join(tmpdir(), 'llmos-nodes-ci-'));

  /** @param project the project's folder in it */
  constructor(private readonly project = '.') {}

  static async create(project?: string): Promise<Repository> {
    const repository = new Repository(project);
    mkdirSync(join(repository.folder, 'ci'));
    for (const script of ['impact.sh', 'comment.mjs']) cpSync(join(example, script), join(repository.folder, 'ci', script));
    repository.write('.gitignore', 'node_modules\ndist\nreport\n', '.');
    await repository.succeed('git init --quiet --initial-branch main && git config user.name test && git config user.email test@example.com');
    await repository.commit();
    return repository;
  }

  /** A project around one of the definitions. */
  declare(definition: Definition): void {
    const others = join(root, 'examples', 'high-availability');
    mkdirSync(join(this.folder, this.project), { recursive: true });
    for (const file of ['main.ts', 'cdk8s.yaml', 'tsconfig.json']) copyFileSync(join(others, file), join(this.folder, this.project, file));
    this.write('package.json', JSON.stringify({ name: 'project', private: true, scripts: { synth: 'cdk8s synth --check-upgrade=false' } }));
    this.write('cluster.ts', readFileSync(join(example, definition, 'cluster.ts'), 'utf8'));
  }

  /** Writes a file of the project. */
  write(path: string, text: string, folder = this.project): void {
    const file = join(this.folder, folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), 'utf8');
  }

  /** Commits everything that is there. */
  async commit(): Promise<void> {
    await this.succeed('git add --all && git commit --quiet --allow-empty --message change');
  }

  /** Main has the first definition, the branch `change` the second, and HEAD is what merging it makes. */
  async propose(from: Definition | undefined, to: Definition | (() => void)): Promise<void> {
    if (from !== undefined) this.declare(from);
    await this.commit();
    await this.succeed('git checkout --quiet -b change');
    if (typeof to === 'function') to();
    else this.declare(to);
    await this.commit();
    await this.succeed('git checkout --quiet --detach main && git merge --quiet --no-ff --message merge change');
  }

  /** Runs a line of a job, with the packages of this repository instead of installed ones. */
  run(line: string, env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
    const child = spawn('bash', ['-eo', 'pipefail', '-c', line], {
      cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, PROJECT: this.project, INSTALL: `ln -s ${join(root, 'node_modules')} node_modules`, NO_COLOR: '1', npm_config_loglevel: 'error', ...env },
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => { text += String(chunk); });
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, text }));
    });
  }

  /** @throws Error with what it printed, where it failed */
  async succeed(line: string): Promise<string> {
    const { code, text } = await this.run(line);
    if (code !== 0) throw new Error(text);
    return text;
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
