import { Command } from 'commander';

import { recover } from '../membership/recover/recover';
import { Problem } from '../problem';
import { reportProgress } from '../pulumi/report-progress';
import { askAtTerminal, type Ask } from './ask-at-terminal';
import { openStackSession } from './open-cluster';
import { PulumiStack } from './pulumi-stack';
import { describePlan, describeRecovered } from './recover-report';
import { readStackCluster } from './stack-cluster';

interface RecoverFlags {
  readonly stack?: string;
  readonly cluster?: string;
  readonly lost?: readonly string[];
  readonly confirm?: string;
}

/** `llmos-nodes recover`: a cluster that has lost its quorum, made whole again from the newest data that is left. */
export function recoverCommand(): Command {
  return new Command('recover')
    .summary('recover a cluster that has lost its quorum')
    .description('Recover a cluster whose etcd has lost its quorum for good, from the newest data that is left. It says what it sees and what it will do, and changes nothing before the cluster\'s name was typed.')
    .option('--stack <name>', 'the stack (default: the selected one)')
    .option('--cluster <name>', 'which of the stack\'s clusters, where it has several')
    .option('--lost <nodes...>', 'management nodes whose machines are off for good, or whose etcd data is gone')
    .option('--confirm <cluster>', 'the cluster\'s name, for scripts; otherwise it is asked for')
    .action(async ({ stack, cluster, lost = [], confirm }: RecoverFlags) => {
      const recorded = await readStackCluster(new PulumiStack(stack), cluster);
      const session = openStackSession(recorded);
      try {
        const plan = await recover({
          session, lost: lost.flatMap(names => names.split(',')), progress: reportProgress,
          machineIds: Object.fromEntries(recorded.declared.nodes.flatMap(({ name, machineId }) => (machineId === undefined ? [] : [[name, machineId]]))),
          async confirm(proposed) {
            console.log(`${describePlan(proposed)}\n`);
            await confirmRecovery(proposed.cluster, confirm, askAtTerminal('read this plan, then give the cluster\'s name with --confirm; nothing was changed'));
          },
        });
        console.log(`\n${describeRecovered(plan)}`);
      } finally {
        await session.close();
      }
    });
}

/** @throws Problem where anything but the cluster's name was given or typed */
export async function confirmRecovery(cluster: string, given: string | undefined, ask: Ask): Promise<void> {
  const name = given ?? (await ask('Type the name of the cluster that is to be recovered:')).trim();
  if (name === cluster) return;
  throw new Problem({
    subject: given === undefined ? 'typed name' : '--confirm', value: name,
    rule: `it is not '${cluster}', so nothing was changed`, remedy: 'run the command again',
  });
}
