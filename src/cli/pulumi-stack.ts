import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { readConfirmations, type ConfirmedRemoval } from '../llmos/removal';
import { Problem } from '../problem';
import { REPORT_ONLY } from '../pulumi/report-only';
import { writtenRemovals } from '../pulumi/settings';

/** The key of the stack's configuration that names the nodes whose removal is meant. */
export const CONFIRM_REMOVAL = 'llmos:confirmRemoval';

/** A node as the stack knows it. */
export interface StackNode {
  readonly name: string;
  readonly role: string;
  readonly cluster: string;
}

/** A resource in the state, reduced to what is read of it. */
export interface StackResource {
  readonly type: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
  /** It goes once its replacement is there. */
  readonly delete?: boolean;
}

/** What the engine keeps of a stack. */
export interface Deployment {
  readonly resources?: readonly StackResource[];
  /** What is being done right now, or was when the engine was killed. */
  readonly pending_operations?: readonly { readonly type: string; readonly resource: StackResource }[];
}

/** The stack of the Pulumi project in a folder, through Pulumi's own command line. */
export class PulumiStack {
  /** @param stack its name. @default - the one that is selected */
  constructor(private readonly stack?: string, private readonly folder = process.cwd()) {}

  /** The state, as it is in the middle of a run too. @param secrets in the clear. @throws Problem with what Pulumi says */
  async deployment(secrets = false): Promise<Deployment> {
    const { deployment } = JSON.parse(await this.pulumi('stack', 'export', ...(secrets ? ['--show-secrets'] : []))) as { deployment?: Deployment };
    return deployment ?? {};
  }

  /** The configuration, secrets in the clear. @throws Problem with what Pulumi says */
  async config(): Promise<Readonly<Record<string, string | undefined>>> {
    const config = JSON.parse(await this.pulumi('config', '--json', '--show-secrets')) as Record<string, { readonly value?: string }>;
    return Object.fromEntries(Object.entries(config).map(([key, { value }]) => [key, value]));
  }

  /** The nodes in the state. @throws Problem with what Pulumi says */
  async nodes(): Promise<StackNode[]> {
    const { resources = [] } = await this.deployment();
    return resources.filter(({ type }) => type.endsWith('/llmos:Node')).flatMap(({ outputs }) => {
      const { name, role, cluster } = (outputs ?? {}) as Partial<StackNode>;
      return name === undefined || role === undefined || cluster === undefined ? [] : [{ name, role, cluster }];
    });
  }

  /** The removals confirmed so far. */
  async confirmed(): Promise<readonly ConfirmedRemoval[]> {
    return readConfirmations((await this.entries()).entries, CONFIRM_REMOVAL).removals;
  }

  /** Adds one to the confirmed removals, in place of one of the same node, as `pulumi config` would. */
  async confirm({ name, ...choices }: ConfirmedRemoval): Promise<void> {
    const { entries, isText } = await this.entries();
    const known = entries.findIndex(entry => readConfirmations([entry], CONFIRM_REMOVAL).removals.some(each => each.name === name));
    const kept = entries.filter((_, index) => index !== known);
    if (known >= 0 && !isText) await this.pulumi('config', 'rm', '--path', `${CONFIRM_REMOVAL}[${known}]`);
    // A text is replaced by the first path that is set into it, so that what it says is written again, as a list.
    const first = isText ? 0 : kept.length;
    const added = [...kept, Object.keys(choices).length === 0 ? name : { name, ...choices }].slice(first);
    await this.pulumi('config', 'set-all', '--path', ...added.flatMap((entry, index) => assignments(`${CONFIRM_REMOVAL}[${first + index}]`, entry)));
  }

  /** What the stack's list has. A text, which is written by hand, holds entries as well, and no path leads into it. */
  private async entries(): Promise<{ readonly entries: readonly unknown[]; readonly isText: boolean }> {
    const config = JSON.parse(await this.pulumi('config', '--json')) as Record<string, { readonly objectValue?: unknown; readonly value?: string }>;
    const { objectValue, value } = config[CONFIRM_REMOVAL] ?? {};
    const { list } = writtenRemovals(value);
    if (!Array.isArray(list)) throw new Problem(readConfirmations(list, CONFIRM_REMOVAL).problems[0]!);
    return { entries: list, isText: objectValue === undefined };
  }

  /**
   * The output of `pulumi preview --json`, with the gate reporting instead of refusing.
   * @throws Problem where Pulumi made none
   */
  async preview(): Promise<string> {
    const { stdout, problem } = await this.run(['preview', '--json', '--show-sames'], { [REPORT_ONLY]: 'true' });
    // A preview that failed says why in its JSON, where it came so far.
    if (problem && !stdout.trimStart().startsWith('{')) throw problem;
    return stdout;
  }

  private async pulumi(...args: string[]): Promise<string> {
    const { stdout, problem } = await this.run(args);
    if (problem) throw problem;
    return stdout;
  }

  private async run(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<{ readonly stdout: string; readonly problem?: Problem }> {
    const named = this.stack === undefined ? [] : ['--stack', this.stack];
    try {
      return await promisify(execFile)('pulumi', [...args, ...named, '--non-interactive'], { cwd: this.folder, maxBuffer: 2 ** 30, env: { ...process.env, ...environment } });
    } catch (error) {
      const { code, stdout = '', stderr = '' } = error as { code?: unknown; stdout?: string; stderr?: string };
      return {
        stdout,
        problem: new Problem({
          subject: `pulumi ${args.slice(0, 2).join(' ')}`,
          rule: code === 'ENOENT' ? 'the Pulumi CLI is not on PATH' : stderr.trim().replace(/^error: /, '').split('\n')[0] || 'it failed',
          remedy: code === 'ENOENT' ? 'install it: https://www.pulumi.com/docs/install/' : 'run this in the folder of the Pulumi project, and name the stack with --stack',
        }),
      };
    }
  }
}

/** What `pulumi config set-all --path` is told for one entry. */
function assignments(place: string, entry: unknown): string[] {
  const values = typeof entry === 'object' && entry !== null ? Object.entries(entry).map(([key, value]) => `${place}.${key}=${value}`) : [`${place}=${entry}`];
  return values.flatMap(value => ['--plaintext', value]);
}
