import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';

import { parse } from 'yaml';

import type { MachineProps, WorkerPoolProps } from '../../src';
import { endProcess } from '../end-process';

/** `describe` where there is a Pulumi engine; skipped by name where there is none. */
export const describeWithEngine = process.env.LLMOS_NODES_ENGINE === 'unavailable' ? describe.skip : describe;

/** What the program in program/ declares. */
export interface Definition {
  /** Of the Cluster, as Pulumi knows it. @default 'prod' */
  readonly name?: string;
  readonly chart?: Record<string, unknown>;
  readonly management: { readonly machines: readonly MachineProps[]; readonly count?: number; readonly allowEven?: string };
  readonly workers?: readonly MachineProps[];
  /** Further worker pools by their names. */
  readonly pools?: Readonly<Record<string, WorkerPoolProps>>;
  readonly options?: Record<string, unknown>;
  readonly args?: Record<string, unknown>;
  /** Names of machines that are made in the same program, so that a preview does not know their addresses. */
  readonly deferred?: readonly string[];
}

export interface Outcome {
  readonly code: number | null;
  /** Everything the person at the terminal would see. */
  readonly text: string;
}

/** What Pulumi keeps of one resource. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly inputs?: Record<string, unknown>;
  readonly outputs?: Record<string, unknown>;
  readonly initErrors?: string[];
}

/** A stack of the program in program/ (or another project folder), with a backend, a home and a rehearsal of its own. */
export class Stack {
  readonly folder = mkdtempSync(join(tmpdir(), 'llmos-nodes-e2e-'));
  readonly rehearsal = join(this.folder, 'rehearsal');
  private readonly project = join(this.folder, 'project');
  private readonly config: Record<string, unknown> = { 'llmos:rehearsal': this.rehearsal };
  /** What the CLI runs with; further variables may be set. */
  readonly environment: NodeJS.ProcessEnv = {
    ...process.env, PULUMI_HOME: join(this.folder, 'home'), PULUMI_BACKEND_URL: `file://${this.folder}`, PULUMI_CONFIG_PASSPHRASE: 'test',
    PULUMI_SKIP_UPDATE_CHECK: 'true', NO_COLOR: '1',
  };
  /** What secrets of the configuration are encrypted with, once there is one. */
  private encryptionsalt?: string;

  /** @param project the folder that has the Pulumi.yaml */
  constructor(project = join(__dirname, 'program')) {
    // A project file of its own: `stack init` writes beside it.
    const { main = '.', ...settings } = parse(readFileSync(join(project, 'Pulumi.yaml'), 'utf8')) as { main?: string };
    mkdirSync(this.project);
    writeFileSync(join(this.project, 'Pulumi.yaml'), JSON.stringify({ ...settings, main: resolve(project, main) }));
    this.writeConfig();
  }

  static async create(definition?: Definition, project?: string): Promise<Stack> {
    const stack = new Stack(project);
    if (definition) stack.declare(definition);
    const { code, text } = await stack.pulumi('stack', 'init', 'test');
    if (code !== 0) throw new Error(text);
    return stack;
  }

  declare(definition: Definition): void {
    this.set('e2e:definition', definition);
  }

  /** Changes the program alone: where the configuration changes as well, a refresh before an `up` has another provider process than that. */
  declareInProgram(definition: Definition): void {
    this.environment.LLMOS_NODES_E2E_DEFINITION = JSON.stringify(definition);
  }

  /** Sets or, given undefined, deletes a key of the stack's configuration. */
  set(key: string, value: unknown): void {
    this.config[key] = value;
    this.writeConfig();
  }

  /** `pulumi config set --secret` */
  async setSecret(key: string, value: string): Promise<void> {
    const { code, text } = await this.pulumi('config', 'set', '--secret', key, value, ...this.configFlag);
    if (code !== 0) throw new Error(text);
    const { encryptionsalt, config } = parse(readFileSync(this.configFile, 'utf8')) as { encryptionsalt: string; config: Record<string, unknown> };
    this.encryptionsalt = encryptionsalt;
    this.set(key, config[key]);
  }

  up(...flags: string[]): Promise<Outcome> {
    return this.pulumi('up', '--yes', '--skip-preview', ...flags, ...this.configFlag);
  }

  preview(...flags: string[]): Promise<Outcome> {
    return this.pulumi('preview', ...flags, ...this.configFlag);
  }

  refresh(): Promise<Outcome> {
    return this.pulumi('refresh', '--yes', '--skip-preview', ...this.configFlag);
  }

  destroy(...flags: string[]): Promise<Outcome> {
    return this.pulumi('destroy', '--yes', '--skip-preview', '--run-program', ...flags, ...this.configFlag);
  }

  /** `pulumi cancel` clears the lock that a killed run left in the backend. */
  cancel(): Promise<Outcome> {
    return this.pulumi('cancel', '--yes');
  }

  async resources(): Promise<StateResource[]> {
    const { text } = await this.pulumi('stack', 'export');
    return (JSON.parse(text) as { deployment: { resources?: StateResource[] } }).deployment.resources ?? [];
  }

  /** The URN of a resource in the state, by its name. */
  async urn(name: string): Promise<string> {
    return (await this.resources()).find(({ urn }) => urn.endsWith(`::${name}`))!.urn;
  }

  /** Names of the nodes in the state. */
  async nodes(): Promise<string[]> {
    return (await this.resources()).filter(({ type }) => type.endsWith('llmos:Node')).map(({ outputs, inputs }) => String(outputs?.name ?? inputs?.name)).sort();
  }

  pulumi(...args: string[]): Promise<Outcome> {
    return finished(this.start(...args));
  }

  /** Writes a file into the folder of the project. */
  write(name: string, text: string): void {
    writeFileSync(join(this.project, name), text);
  }

  /** Our own command, in the folder of the project. */
  async llmosNodes(...args: string[]): Promise<Outcome> {
    copyFileSync(this.configFile, join(this.project, 'Pulumi.test.yaml'));
    // It calls the engine by its name.
    const path = `${dirname(process.env.LLMOS_NODES_PULUMI ?? '')}${delimiter}${process.env.PATH}`;
    const child = spawn(process.execPath, [join(__dirname, '..', '..', 'bin', 'llmos-nodes.js'), ...args], {
      cwd: this.project, stdio: ['ignore', 'pipe', 'pipe'], env: { ...this.environment, PATH: path },
    });
    return finished(collecting(child));
  }

  /** Starts the CLI in a process group of its own, so that it can be killed with everything it started. */
  start(...args: string[]): ChildProcess & { text: () => string } {
    const child = spawn(process.env.LLMOS_NODES_PULUMI ?? 'pulumi', [...args, '--non-interactive', ...(isInit(args) ? [] : ['--stack', 'test'])], {
      cwd: this.project,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: this.environment,
    });
    return collecting(child);
  }

  /**
   * Kills a started CLI with everything in its process group. Its language host would stay behind for ever and is ended too; the
   * provider is left to find out by itself that its engine is gone.
   */
  async kill(child: ChildProcess & { text: () => string }): Promise<void> {
    const end = finished(child);
    const others = descendants(child.pid!).filter(({ command }) => !command.includes('dynamic-provider') && !command.includes('pulumi-resource-'));
    process.kill(-child.pid!, 'SIGKILL');
    for (const { pid } of others) endProcess(pid);
    await end;
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  get configFlag(): string[] {
    return ['--config-file', this.configFile];
  }

  private writeConfig(): void {
    // JSON is YAML; a key whose value is undefined is left out.
    writeFileSync(this.configFile, JSON.stringify({ encryptionsalt: this.encryptionsalt, config: this.config }));
  }

  private get configFile(): string {
    return join(this.folder, 'stack.yaml');
  }
}

/** Keeps what a child prints. */
export function collecting(child: ChildProcess): ChildProcess & { text: () => string } {
  let text = '';
  child.stdout!.on('data', chunk => { text += chunk; });
  child.stderr!.on('data', chunk => { text += chunk; });
  return Object.assign(child, { text: () => text });
}

/** Waits for the end of a started CLI. */
export function finished(child: ChildProcess & { text: () => string }): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', code => resolve({ code, text: child.text() }));
  });
}

/** Processes that this one started, and those that they started. */
export function descendants(ancestor: number): { readonly pid: number; readonly command: string }[] {
  const all = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n')
    .flatMap(line => { const [, pid, parent, command] = /^ *(\d+) +(\d+) (.*)$/.exec(line) ?? []; return pid ? [{ pid: Number(pid), parent: Number(parent), command: command! }] : []; });
  const under = (parent: number): typeof all => all.filter(each => each.parent === parent).flatMap(each => [each, ...under(each.pid)]);
  return under(ancestor);
}

/** `stack init` takes the name as an argument and not as --stack. */
function isInit(args: readonly string[]): boolean {
  return args[0] === 'stack' && args[1] === 'init';
}
