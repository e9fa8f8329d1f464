import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { version } from '../../src/cli/package-files';

const REPOSITORY = join(__dirname, '..', '..');

/** What is in npm's cache already is not asked for again. */
const NPM_INSTALL = ['install', '--prefer-offline', '--no-audit', '--no-fund'];

export interface Outcome {
  readonly code: number | null;
  /** Everything the person at the terminal would see. */
  readonly text: string;
}

/** A folder far from the repository, in which the packed tarball is all there is of this library. */
export class Workshop {
  readonly folder = mkdtempSync(join(tmpdir(), 'llmos-nodes-package-'));

  /** Packs the library as a release would, and unpacks it to package/. */
  async pack(): Promise<void> {
    await succeed(run(REPOSITORY, 'npm', ['pack', '--pack-destination', this.folder]));
    await succeed(run(this.folder, 'tar', ['-xzf', this.tarball]));
  }

  /** The files of the tarball. */
  async packedFiles(): Promise<string[]> {
    const list = await succeed(run(this.folder, 'tar', ['-tzf', this.tarball]));
    return list.split('\n').filter(line => line !== '').map(path => path.replace(/^package\//, '')).sort();
  }

  /**
   * `llmos-nodes`, run from the unpacked tarball. Its dependencies come from the repository, because installing them takes
   * long and the projects do it anyway: what is missing among them shows when the command runs there.
   */
  command(...args: string[]): Promise<Outcome> {
    return run(this.folder, process.execPath, [join('package', 'bin', 'llmos-nodes.js'), ...args], { NODE_PATH: join(REPOSITORY, 'node_modules') });
  }

  /** A project that `llmos-nodes init` wrote, which takes this library from the tarball instead of from a registry. */
  async init(name: string): Promise<Project> {
    await succeed(this.command('init', name));
    const project = new Project(join(this.folder, name));
    const path = join(project.folder, 'package.json');
    const manifest = JSON.parse(await readFile(path, 'utf8')) as { dependencies: Record<string, string> };
    manifest.dependencies['llmos-nodes'] = `file:${this.tarball}`;
    await writeFile(path, JSON.stringify(manifest, null, 2));
    return project;
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private get tarball(): string {
    return join(this.folder, `llmos-nodes-${version()}.tgz`);
  }
}

/** A project made by `llmos-nodes init`, with a Pulumi backend of its own. */
export class Project {
  constructor(readonly folder: string) {}

  async install(): Promise<void> {
    await succeed(this.run('npm', NPM_INSTALL));
  }

  async installWithPnpm(): Promise<void> {
    await succeed(this.run('npx', ['--yes', 'pnpm@10', 'install', '--prefer-offline']));
  }

  run(command: string, args: readonly string[]): Promise<Outcome> {
    return run(this.folder, command, args);
  }

  /** A command of the project's own packages. */
  npx(...args: string[]): Promise<Outcome> {
    return this.run('npx', ['--no-install', ...args]);
  }

  pulumi(...args: string[]): Promise<Outcome> {
    return this.run(process.env.LLMOS_NODES_PULUMI ?? 'pulumi', [...args, '--non-interactive']);
  }

  /** `pulumi preview` with the policy pack that lies in the installed library. */
  previewWithPolicy(): Promise<Outcome> {
    return this.pulumi('preview', '--policy-pack', join('node_modules', 'llmos-nodes', 'policy'));
  }

  /** Makes the stack whose settings the template brings. */
  async initStack(): Promise<void> {
    await mkdir(join(this.folder, '.backend'));
    await succeed(this.pulumi('stack', 'init', 'rehearsal'));
  }
}

export function run(folder: string, command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env, PULUMI_HOME: join(folder, '.pulumi-home'), PULUMI_BACKEND_URL: `file://${join(folder, '.backend')}`,
        PULUMI_CONFIG_PASSPHRASE: 'test', PULUMI_SKIP_UPDATE_CHECK: 'true', CDK8S_CHECK_UPGRADE: 'false', NO_COLOR: '1', npm_config_loglevel: 'error', ...env,
      },
    });
    let text = '';
    child.stdout.on('data', chunk => { text += chunk; });
    child.stderr.on('data', chunk => { text += chunk; });
    child.on('error', reject);
    child.on('close', code => resolve({ code, text }));
  });
}

/** What it printed. @throws Error with it, where it failed */
export async function succeed(running: Promise<Outcome>): Promise<string> {
  const { code, text } = await running;
  if (code !== 0) throw new Error(text);
  return text;
}
