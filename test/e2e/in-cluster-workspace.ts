import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

import { parse } from 'yaml';

import { endProcess } from '../end-process';
import { type Outcome, collecting, descendants, finished } from './stack';

const root = join(__dirname, '..', '..');
export const example = join(root, 'examples', 'in-cluster');
const operator = join(example, 'operator');

interface Named { readonly name: string }
interface Volume extends Named {
  readonly configMap?: Named;
  readonly secret?: { readonly secretName: string };
  readonly projected?: { readonly sources: readonly { readonly secret?: Named & { readonly items: readonly { readonly key: string; readonly path: string }[] }; readonly configMap?: Named }[] };
}

/** The fields of operator/stack.yaml that say how a workspace runs. */
export interface StackManifest {
  readonly spec: {
    readonly stack: string;
    readonly projectRepo: string;
    readonly branch: string;
    readonly repoDir: string;
    readonly backend: string;
    readonly secretsProvider: string;
    readonly destroyOnFinalize: boolean;
    readonly serviceAccountName: string;
    readonly workspaceTemplate: {
      readonly spec: {
        readonly env: readonly { readonly name: string; readonly value: string }[];
        readonly podTemplate: { readonly spec: {
          readonly containers: readonly (Named & { readonly volumeMounts: readonly (Named & { readonly mountPath: string })[] })[];
          readonly volumes: readonly Volume[];
        } };
      };
    };
  };
}

export function readManifest<T>(name: string): T {
  return parse(readFileSync(join(operator, name), 'utf8')) as T;
}

interface Kustomization { readonly configMapGenerator: readonly { readonly name: string; readonly files: readonly string[] }[] }

/** The files of a ConfigMap that kustomization.yaml makes: their names there, and where they are. */
export function configMapFiles(name: string): { readonly key: string; readonly path: string }[] {
  const { files } = readManifest<Kustomization>('kustomization.yaml').configMapGenerator.find(each => each.name === name)!;
  return files.map(file => {
    const [key, path = key] = file.split('=') as [string, string?];
    return { key, path: join(operator, path) };
  });
}

/** A program that was started in a pod. */
export type Run = ChildProcess & { text: () => string };

/** What a workspace of the test has in place of what is elsewhere. */
export interface Surroundings {
  /** Where its pods and what is mounted in them are. */
  readonly folder: string;
  /** In place of projectRepo. */
  readonly repository: string;
  /** In place of the endpoint in `backend`. */
  readonly endpoint: string;
  /** The keys of the Secret `llmos-nodes`. */
  readonly secrets: Readonly<Record<string, string>>;
}

/**
 * A workspace as operator/stack.yaml describes it, without a container around it: what is mounted stands in a folder, and each path
 * in the environment that begins with a mountPath leads there. Packages are linked and not installed.
 */
export class Workspace {
  private readonly manifest = readManifest<StackManifest>('stack.yaml').spec;
  private readonly environment: NodeJS.ProcessEnv;
  private pods = 0;

  constructor(private readonly surroundings: Surroundings) {
    this.mount();
    this.environment = this.makeEnvironment();
  }

  /** The folders that are searched for programs, in order. */
  get path(): readonly string[] {
    return this.environment.PATH!.split(delimiter);
  }

  /** The commit the branch is at. */
  head(): string {
    return execFileSync('git', ['ls-remote', this.surroundings.repository, `refs/heads/${this.manifest.branch}`], { encoding: 'utf8' }).split('\t')[0]!;
  }

  /** A new pod for the branch's commit: fetched, its packages there, its stack selected, or made where there is none. */
  async pod(): Promise<Pod> {
    const { folder, repository } = this.surroundings;
    this.pods += 1;
    const source = join(folder, `pod-${this.pods}`);
    execFileSync('git', ['clone', '--quiet', repository, source]);
    execFileSync('git', ['-C', source, 'checkout', '--quiet', '--detach', this.head()]);
    const project = join(source, this.manifest.repoDir);
    symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'));
    const pod = new Pod(project, { ...this.environment, PULUMI_HOME: join(source, 'home') }, this.manifest.stack);
    const selected = await pod.pulumi('stack', 'select', '--stack', this.manifest.stack);
    if (selected.code !== 0) await expectSuccess(pod.pulumi('stack', 'init', this.manifest.stack, '--secrets-provider', this.manifest.secretsProvider));
    return pod;
  }

  private mount(): void {
    for (const { from, files } of this.mounts()) {
      const folder = this.inside(from);
      mkdirSync(folder, { recursive: true });
      for (const { key, path, text } of files) {
        if (path === undefined) writeFileSync(join(folder, key), text!);
        else copyFileSync(path, join(folder, key));
        chmodSync(join(folder, key), 0o555);
      }
    }
  }

  private mounts() {
    const { containers, volumes } = this.manifest.workspaceTemplate.spec.podTemplate.spec;
    // Where machines are simulated nobody logs in, so ~/.ssh is left out.
    return containers.find(({ name }) => name === 'pulumi')!.volumeMounts.filter(({ name }) => name !== 'ssh').map(({ name, mountPath }) => {
      const volume = volumes.find(each => each.name === name)!;
      const files: readonly { readonly key: string; readonly path?: string; readonly text?: string }[] = volume.configMap
        ? configMapFiles(volume.configMap.name)
        : Object.entries(this.surroundings.secrets).map(([key, text]) => ({ key, text }));
      return { from: mountPath, files };
    });
  }

  private inside(mountPath: string): string {
    return join(this.surroundings.folder, 'mounted', mountPath);
  }

  private makeEnvironment(): NodeJS.ProcessEnv {
    const mountPaths = this.mounts().map(({ from }) => from);
    const here = (value: string) => mountPaths.reduce((text, path) => text.replaceAll(path, this.inside(path)), value);
    const declared = Object.fromEntries(this.manifest.workspaceTemplate.spec.env.map(({ name, value }) => [name, here(value)]));
    const backend = new URL(this.manifest.backend);
    backend.searchParams.set('endpoint', this.surroundings.endpoint);
    // Of the image's PATH only the folders that the manifest puts in front of it; the CLI and Node are where this machine has them.
    const own = declared.PATH!.split(delimiter).filter(folder => folder.startsWith(this.surroundings.folder));
    return {
      ...declared,
      HOME: this.surroundings.folder,
      PATH: [...own, dirname(process.env.LLMOS_NODES_PULUMI ?? ''), process.env.PATH].join(delimiter),
      PULUMI_BACKEND_URL: backend.href, PULUMI_SKIP_UPDATE_CHECK: 'true', NO_COLOR: '1',
    };
  }
}

/** One pod of a workspace, and what the operator's agent runs in it. */
export class Pod {
  constructor(private readonly project: string, private readonly environment: NodeJS.ProcessEnv, private readonly stack: string) {}

  /** As the operator runs a Stack that is not a preview. */
  up(): Promise<Outcome> {
    return finished(this.startUp());
  }

  startUp(environment?: NodeJS.ProcessEnv): Run {
    return this.start(['up', '--yes', '--skip-preview', '--stack', this.stack], environment);
  }

  pulumi(...args: string[]): Promise<Outcome> {
    return finished(this.start(args));
  }

  /** The node under the pod loses its power: everything in it ends at once. */
  async lose(run: Run): Promise<void> {
    const end = finished(run);
    for (const pid of [run.pid!, ...descendants(run.pid!).map(each => each.pid)]) endProcess(pid);
    await end;
  }

  private start(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Run {
    // The operator's flag comes before the command.
    return collecting(spawn('pulumi', ['--non-interactive', ...args], { cwd: this.project, stdio: ['ignore', 'pipe', 'pipe'], env: { ...this.environment, ...environment } }));
  }
}

async function expectSuccess(outcome: Promise<Outcome>): Promise<void> {
  const { code, text } = await outcome;
  if (code !== 0) throw new Error(text);
}
