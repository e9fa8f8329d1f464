import { Command, InvalidArgumentError, Option } from 'commander';
import { Deadline } from '../membership/deadline';
import { bringBack, setAside } from '../membership/maintain/maintain';
import type { MaintainRequest } from '../membership/maintain/maintain-context';
import type { NodeTarget } from '../membership/node-target';
import { Problem } from '../problem';
import { reportProgress } from '../pulumi/report-progress';
import { openStackSession } from './open-cluster';
import { PulumiStack } from './pulumi-stack';
import { readStackCluster, type StackCluster } from './stack-cluster';

const DEFAULT_MINUTES = 20;

interface MaintainFlags {
  readonly stack?: string;
  readonly cluster?: string;
  readonly reboot?: boolean;
  readonly end?: boolean;
  readonly allowDowntime?: boolean;
  readonly timeout: number;
}

/** `llmos-nodes maintain`: one node out of service for a reboot or a repair, and back. */
export function maintainCommand(): Command {
  return new Command('maintain')
    .summary('take one node out of service, and bring it back')
    .description('Take one node out of service for a reboot or a repair: cordon it, drain it, let another lead etcd. A management node only where the others keep the quorum without it, and one at a time. The node stays a member of the cluster.')
    .argument('<node>', 'name of the node')
    .addOption(new Option('--reboot', 'restart its machine over SSH, and bring the node back when it is up').conflicts('end'))
    .addOption(new Option('--end', 'bring it back: wait until it is well, then let pods onto it'))
    .addOption(new Option('--allow-downtime', 'also where it is the only management node, so that nothing answers meanwhile').conflicts('end'))
    .option('--stack <name>', 'the stack (default: the selected one)')
    .option('--cluster <name>', 'which of the stack\'s clusters, where it has several')
    .option('--timeout <minutes>', 'how long draining, and coming back, may each take', minutes, DEFAULT_MINUTES)
    .action(async (name: string, { stack, cluster, ...flags }: MaintainFlags) => {
      const recorded = await readStackCluster(new PulumiStack(stack), cluster);
      const node = nodeOf(recorded, name);
      const session = openStackSession(recorded);
      const request = (remedy: string): MaintainRequest => ({
        session, node, allowDowntime: flags.allowDowntime ?? false, deadline: new Deadline(flags.timeout * 60, { remedy }), progress: reportProgress,
      });
      try {
        console.log(await maintain(node, flags, request));
      } finally {
        await session.close();
      }
    });
}

/** @returns what to say at the end */
async function maintain(node: NodeTarget, { reboot, end }: MaintainFlags, request: (remedy: string) => MaintainRequest): Promise<string> {
  const isBack = `\n'${node.name}' is back in service.`;
  const toLeave = () => request('mend that, then run the same command again; a longer wait is set with --timeout');
  const toComeBack = () => request(`look at the console of its machine and at its Kubernetes service; \`llmos-nodes maintain ${node.name} --end\` goes on waiting`);
  if (end) {
    await bringBack(toComeBack());
    return isBack;
  }
  if (reboot) {
    await setAside(toLeave(), async () => {
      const { session, deadline } = toComeBack();
      let last: string | undefined;
      const tell = (line: string): void => { if (line !== last) console.log(`${node.name} restarts: ${last = line}`); };
      console.log(`${node.name} restarts`);
      await session.machine(node).reboot(tell, deadline);
      await bringBack(toComeBack());
    });
    return isBack;
  }
  const meanwhile = await setAside(toLeave());
  return [
    '',
    `'${node.name}' is out of service${meanwhile === undefined ? '' : `. While it is away ${meanwhile}`}.`,
    ...(node.role === 'management' ? ['It is still a member. Until it is back no other management node joins, leaves, restarts or is upgraded by llmos-nodes.'] : []),
    `Do what has to be done. Then: llmos-nodes maintain ${node.name} --end`,
  ].join('\n');
}

function nodeOf({ machines, declared }: StackCluster, name: string): NodeTarget {
  const node = machines.find(each => each.name === name);
  if (node) return node;
  throw new Problem({
    subject: 'node', value: name, rule: `cluster '${declared.name}' has no node of that name in the stack (it has ${machines.map(each => each.name).join(', ')})`,
    remedy: 'check the name, and the stack with --stack',
  });
}

function minutes(text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('it is a number of minutes, more than 0');
}
