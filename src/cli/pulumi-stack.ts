import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { Problem } from '../problem';

/** The key of the stack's configuration that names the nodes whose removal is meant. */
export const CONFIRM_REMOVAL = 'llmos:confirmRemoval';

/** A node as the stack knows it. */
export interface StackNode {
  readonly name: string;
  readonly role: string;
  readonly cluster: string;
}

/** The stack of the Pulumi project in a folder, through Pulumi's own command line. */
export class PulumiStack {
  /** @param stack its name. @default - the one that is selected */
  constructor(private readonly stack?: string, private readonly folder = process.cwd()) {}

  /** The nodes in the state. @throws Problem with what Pulumi says */
  async nodes(): Promise<StackNode[]> {
    const { deployment } = JSON.parse(await this.pulumi('stack', 'export')) as { deployment?: { resources?: readonly { type: string; outputs?: Partial<StackNode> }[] } };
    return (deployment?.resources ?? []).filter(({ type }) => type.endsWith('/llmos:Node')).flatMap(({ outputs }) => {
      const { name, role, cluster } = outputs ?? {};
      return name === undefined || role === undefined || cluster === undefined ? [] : [{ name, role, cluster }];
    });
  }

  /** The names confirmed so far. */
  async confirmed(): Promise<string[]> {
    const config = JSON.parse(await this.pulumi('config', '--json')) as Record<string, { readonly objectValue?: unknown; readonly value?: string }>;
    const { objectValue, value } = config[CONFIRM_REMOVAL] ?? {};
    if (Array.isArray(objectValue)) return objectValue.map(String);
    return value === undefined ? [] : value.split(',').map(name => name.trim());
  }

  /** Adds a name to the confirmed ones, as `pulumi config set` would. */
  async confirm(name: string): Promise<void> {
    const index = (await this.confirmed()).length;
    await this.pulumi('config', 'set', '--path', `${CONFIRM_REMOVAL}[${index}]`, name);
  }

  private async pulumi(...args: string[]): Promise<string> {
    const named = this.stack === undefined ? [] : ['--stack', this.stack];
    try {
      return (await promisify(execFile)('pulumi', [...args, ...named, '--non-interactive'], { cwd: this.folder, maxBuffer: 2 ** 30 })).stdout;
    } catch (error) {
      const { code, stderr } = error as { code?: unknown; stderr?: string };
      throw new Problem({
        subject: `pulumi ${args.slice(0, 2).join(' ')}`,
        rule: code === 'ENOENT' ? 'the Pulumi CLI is not on PATH' : (stderr ?? '').trim().replace(/^error: /, '').split('\n')[0] || 'it failed',
        remedy: code === 'ENOENT' ? 'install it: https://www.pulumi.com/docs/install/' : 'run this in the folder of the Pulumi project, and name the stack with --stack',
      });
    }
  }
}
