import { readFile } from 'node:fs/promises';

import { Command, Option } from 'commander';

import { EXIT_CODES, FAIL_ON, InputProblem, exitCode, fromPreview, impact, type FailOn, type ImpactReport, type LiveMember, type MembershipSnapshot } from '../impact';
import { Problem } from '../problem';
import { openLiveCluster } from './open-cluster';
import { PulumiStack } from './pulumi-stack';
import { checkOutputs, parseOutput, writeReport, type ReportOutput } from './report-output';
import { readStackCluster } from './stack-cluster';
import { readSynthesised } from './synthesised-file';

interface ImpactFlags {
  readonly from?: string;
  readonly to?: string;
  readonly stack?: string;
  readonly cluster?: string;
  readonly output: readonly ReportOutput[];
  readonly failOn: FailOn;
}

/** `llmos-nodes impact`: what a change does to the quorum, before it happens. */
export function impactCommand(): Command {
  return new Command('impact')
    .summary('say what a change does to the quorum, before it happens')
    .description([
      'Say what a change does to the quorum, before it happens: every step, its majority and failure tolerance, what is confirmed and what is not.',
      'The change is a stack\'s next preview (--stack), a preview\'s JSON (a file, or - for standard input), or two synthesised definitions (--from, --to).',
    ].join('\n'))
    .argument('[preview]', 'output of pulumi preview --json --show-sames; - reads standard input')
    .option('--stack <name>', 'run the preview of this stack, in the folder of its project, and ask the cluster how its members are')
    .option('--from <path>', 'the definition now: what cdk8s synth wrote, or a folder that has it in dist/ (default: there is no cluster yet)')
    .option('--to <path>', 'the definition wanted (default: the cluster is destroyed)')
    .option('--cluster <name>', 'the cluster that is meant, where a stack has several')
    .option('-o, --output <format[=file]>', 'text, markdown, html or json; to a file with =file; may be given several times', collect, [])
    .addOption(new Option('--fail-on <finding>', 'the mildest finding that fails').choices([...FAIL_ON]).default('lowered'))
    .addHelpText('after', `
Exit status: 0 nothing is lost, ${Object.entries(EXIT_CODES).map(([kind, code]) => `${code} ${WORDS[kind as keyof typeof WORDS]}`).join(', ')}; 1 the command could not do its work.`)
    .action(async (preview: string | undefined, flags: ImpactFlags) => {
      const outputs: readonly ReportOutput[] = flags.output.length === 0 ? [{ format: 'text' }] : flags.output;
      checkOutputs(outputs);
      checkChange(preview, flags);
      let report: ImpactReport;
      try {
        report = await reportOf(preview, flags);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        // No report: whoever waits for one must not take that for a change that loses nothing.
        console.error(`llmos-nodes: ${error.message}`);
        process.exitCode = EXIT_CODES[error instanceof InputProblem ? error.kind : 'unknown'];
        return;
      }
      await writeReport(report, outputs, process.stdout);
      process.exitCode = exitCode(report, flags.failOn);
    });
}

const WORDS = {
  unknown: 'it cannot be told', invalid: 'the definition is invalid', unsafe: 'unsafe', unconfirmed: 'a removal is not confirmed', lowered: 'less is tolerated afterwards',
} as const satisfies Record<keyof typeof EXIT_CODES, string>;

function collect(written: string, before: readonly ReportOutput[]): ReportOutput[] {
  return [...before, parseOutput(written)];
}

function checkChange(preview: string | undefined, { from, to, stack }: ImpactFlags): void {
  const ways = [preview !== undefined, stack !== undefined, from !== undefined || to !== undefined].filter(given => given).length;
  if (ways === 1) return;
  throw new Problem({
    subject: 'impact', rule: 'it takes one change: a preview, --stack, or --from and --to',
    remedy: 'for example: llmos-nodes impact --stack prod',
  });
}

async function reportOf(preview: string | undefined, { from, to, stack, cluster }: ImpactFlags): Promise<ImpactReport> {
  if (preview === undefined && stack === undefined) return impact(await optional(from), await optional(to));
  const json = stack === undefined ? await readPreview(preview!) : await new PulumiStack(stack).preview();
  const { before, after, ...more } = fromPreview(json, { cluster });
  const live = stack === undefined || before === undefined ? undefined : await membersOf(stack, before.cluster);
  return impact(before, after, { ...more, live });
}

/** The members as they are now. Where they cannot be asked that is said, and the report rests on what is declared. */
async function membersOf(stack: string, name: string): Promise<readonly LiveMember[] | undefined> {
  try {
    const cluster = await openLiveCluster({}, await readStackCluster(new PulumiStack(stack), name));
    try {
      const { members, from, reason } = (await cluster.look()).members;
      if (from === 'members') return members;
      console.error(`llmos-nodes: the health of the members is not known, so they are taken to be well: ${reason}`);
    } finally {
      await cluster.close();
    }
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    console.error(`llmos-nodes: the health of the members is not known, so they are taken to be well: ${error.message}`);
  }
  return undefined;
}

async function optional(path: string | undefined): Promise<MembershipSnapshot | undefined> {
  return path === undefined ? undefined : readSynthesised(path);
}

async function readPreview(path: string): Promise<string> {
  if (path === '-') return text(process.stdin);
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new InputProblem('unknown', { subject: 'preview', value: path, rule: `it cannot be read (${error.code})`, remedy: 'write it with `pulumi preview --json --show-sames`' });
  });
}

async function text(stream: NodeJS.ReadableStream): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString('utf8');
}
