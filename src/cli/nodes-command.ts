import { Command, InvalidArgumentError, Option } from 'commander';

import type { NodeRole } from '../llmos/node';
import { Problem } from '../problem';
import type { LiveCluster } from './live-cluster';
import { ChangesTable, NodesChanges, type NodeChange } from './nodes-changes';
import { declaredInDefinition, type DeclaredCluster } from './nodes-declared';
import type { NodeReport } from './nodes-node';
import { inOrder, SORT_KEYS, type SortKey } from './nodes-order';
import { nodesReport, type NodesReport } from './nodes-report';
import { NodesScreen } from './nodes-screen';
import { parseSelector, type Selector } from './nodes-selector';
import { nodesTable } from './nodes-table';
import { watchCluster } from './nodes-watch';
import { hasDefaultKubeconfig, openLiveCluster } from './open-cluster';
import { PulumiStack } from './pulumi-stack';
import { isInProject, readDeclared, readStackCluster, type StackCluster } from './stack-cluster';
import { readSynthesised } from './synthesised-file';

interface NodesFlags {
  readonly kubeconfig?: string;
  readonly rehearsal?: string;
  readonly stack?: string;
  readonly cluster?: string;
  readonly definition?: string;
  readonly output?: 'wide' | 'json' | 'name';
  readonly json?: boolean;
  readonly sortBy?: SortKey;
  readonly selector?: Selector;
  readonly role?: NodeRole;
  readonly headers: boolean;
  readonly watch?: boolean;
}

/** `llmos-nodes nodes`: what LLMOS's Nodes page shows, what of it was declared, and the quorum. */
export function nodesCommand(): Command {
  return new Command('nodes')
    .summary('show the nodes of a cluster and its quorum')
    .description('Show the nodes of a cluster, in what they are not as declared, and how many management nodes may fail now.')
    .option('--stack <name>', 'the stack of the Pulumi project here (default: the selected one)')
    .option('--cluster <name>', 'the cluster that is meant, where the stack has several')
    .option('--kubeconfig <file>', 'reach the cluster with this kubeconfig (default: as the stack does; without a stack KUBECONFIG, then ~/.kube/config)')
    .addOption(new Option('--rehearsal <folder>', 'the simulated cluster in this folder').conflicts('kubeconfig'))
    .addOption(new Option('--definition <path>', 'compare with what cdk8s synth wrote, and not with the stack').conflicts('stack'))
    .addOption(new Option('-o, --output <form>', 'more columns, JSON for other programs, or names alone').choices(['wide', 'json', 'name']))
    .option('--json', 'the same as -o json')
    .addOption(new Option('--sort-by <key>', 'the order of the nodes (default: management nodes first, then by name)').choices(SORT_KEYS))
    .option('-l, --selector <labels>', 'only nodes with these labels: key=value, key!=value, key in (a, b), key, !key', selector)
    .addOption(new Option('--role <role>', 'only nodes of this role').choices(['management', 'worker']))
    .option('--no-headers', 'rows alone, for scripts')
    .option('-w, --watch', 'go on and show every change; Ctrl-C ends it')
    .addHelpText('after', `
Exit status: 0 the nodes were shown, 1 they could not be.`)
    .action(async (flags: NodesFlags) => {
      const { live, declared, title } = await open(flags);
      try {
        await (flags.watch ? watch(live, declared, title, flags) : once(live, declared, flags));
      } finally {
        await live.close();
      }
    });
}

interface Opened {
  readonly live: LiveCluster;
  /** Reads what is declared by now. @default - nothing is known of it */
  readonly declared?: () => Promise<DeclaredCluster>;
  readonly title: string;
}

/** A stack that is named has to be there; the selected one may. */
async function open({ stack: name, cluster, definition, ...place }: NodesFlags): Promise<Opened> {
  const stack = new PulumiStack(name);
  const isNamed = place.kubeconfig !== undefined || place.rehearsal !== undefined;
  const record = name === undefined && !isInProject() ? undefined : await readStackCluster(stack, cluster).catch((error: unknown) => {
    if (name === undefined && error instanceof Problem && (isNamed || hasDefaultKubeconfig())) return undefined;
    throw error;
  });
  const used = name === undefined && isNamed && record !== undefined ? await matching(place, record) : record;
  const live = await openLiveCluster(place, used);
  const title = [used?.declared.name, place.rehearsal ?? used?.rehearsal ? 'rehearsal' : undefined].filter(each => each !== undefined).join(', ') || 'cluster';
  if (definition !== undefined) {
    const written = declaredInDefinition(await readSynthesised(definition));
    return { live, declared: async () => written, title };
  }
  return { live, declared: used && (() => readDeclared(stack, cluster)), title };
}

/** A selected stack may have nothing to do with the cluster that was named. */
async function matching(place: Pick<NodesFlags, 'kubeconfig' | 'rehearsal'>, record: StackCluster): Promise<StackCluster | undefined> {
  const live = await openLiveCluster(place);
  try {
    return await live.is(record.declared.identity) ? record : undefined;
  } finally {
    await live.close();
  }
}

async function once(live: LiveCluster, declared: Opened['declared'], flags: NodesFlags): Promise<void> {
  const [look, wanted] = await Promise.all([live.look(), declared?.()]);
  const report = nodesReport(look, wanted);
  const nodes = shown(report, flags);
  const { isTTY, columns } = process.stdout;
  const form = formOf(flags);
  if (form === 'json') console.log(JSON.stringify({ ...report, nodes }, null, 2));
  else if (form === 'name') nodes.forEach(({ name }) => console.log(`node/${name}`));
  else console.log(nodesTable(report, { color: inColor(), width: isTTY ? columns : undefined, wide: form === 'wide', noHeaders: !flags.headers }, nodes));
}

async function watch(cluster: LiveCluster, declared: Opened['declared'], title: string, flags: NodesFlags): Promise<void> {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  const form = formOf(flags);
  const onTerminal = process.stdout.isTTY === true && form !== 'json' && form !== 'name';
  const view = onTerminal ? new NodesScreen(process.stdout, title, { color: inColor(), wide: form === 'wide', noHeaders: !flags.headers }) : undefined;
  const print = printer(flags);
  process.on('SIGINT', end).on('SIGTERM', end);
  // Whoever reads a pipe may have seen enough.
  process.stdout.on('error', end);
  try {
    await watchCluster({
      cluster, declared, signal: ending.signal,
      show: (report, trouble) => (view ? view.show(report, shown(report, flags), trouble) : print(report, trouble)),
    });
  } finally {
    process.off('SIGINT', end).off('SIGTERM', end);
    view?.close();
  }
}

/** Changed rows, one after the other. */
function printer(flags: NodesFlags): (report: NodesReport, trouble?: string) => void {
  const changes = new NodesChanges();
  const form = formOf(flags);
  const table = new ChangesTable(form === 'wide', !flags.headers);
  let told: string | undefined;
  return (report, trouble) => {
    if (trouble !== told && trouble !== undefined) console.error(`llmos-nodes: ${trouble}`);
    told = trouble;
    const changed = changes.next(report, shown(report, flags));
    const lines = form === 'json' ? changed.map(change => JSON.stringify(change)) : form === 'name' ? names(changed) : table.lines(changed, report);
    if (lines.length > 0) console.log(lines.join('\n'));
  };
}

function names(changes: readonly NodeChange[]): string[] {
  return changes.flatMap(({ type, object }) => (type === 'QUORUM' ? [] : [`node/${object.name}`]));
}

/** The nodes that are wanted, in the order they are wanted. */
function shown({ nodes }: NodesReport, { selector: isMeant, role, sortBy }: NodesFlags): readonly NodeReport[] {
  const meant = nodes.filter(node => (role === undefined || node.role === role) && (isMeant === undefined || isMeant(node.labels)));
  return sortBy === undefined ? meant : inOrder(meant, sortBy);
}

function formOf({ output, json }: NodesFlags): NodesFlags['output'] {
  return json ? 'json' : output;
}

/** Source: https://no-color.org: set and not empty. */
function inColor(): boolean {
  return process.stdout.isTTY === true && !process.env.NO_COLOR;
}

function selector(text: string): Selector {
  try {
    return parseSelector(text);
  } catch (error) {
    throw error instanceof Problem ? new InvalidArgumentError(error.message) : error;
  }
}
