import { Command } from 'commander';

import { Problem } from '../problem';
import { confirmCommand } from './confirm-command';
import { impactCommand } from './impact-command';
import { importCommand } from './import-command';
import { initCommand } from './init-command';
import { maintainCommand } from './maintain-command';
import { nodesCommand } from './nodes-command';
import { version } from './package-files';
import { recoverCommand } from './recover-command';

/** Exit status of a command that could not do its work. Commander ends with the same one where it was used wrongly. */
const FAILURE = 1;

/** The `llmos-nodes` command. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('llmos-nodes')
    .description('The nodes of an LLMOS cluster as reviewed code, carried out with Pulumi.')
    .version(version())
    .addCommand(initCommand())
    .addCommand(importCommand())
    .addCommand(impactCommand())
    .addCommand(nodesCommand())
    .addCommand(confirmCommand())
    .addCommand(maintainCommand())
    .addCommand(recoverCommand())
    .showHelpAfterError('(llmos-nodes --help lists what it can do)')
    .addHelpText('after', `
Examples:
  llmos-nodes init my-cluster               a new project in the folder my-cluster
  llmos-nodes import --ssh ops@10.0.0.11    the project of a cluster that is there
  llmos-nodes impact --stack prod           what the next pulumi up does to the quorum
  llmos-nodes nodes --rehearsal .rehearsal  the simulated cluster of a rehearsal
  llmos-nodes nodes --kubeconfig prod.yaml  a real one
  llmos-nodes confirm m3 --stack prod       say that the removal of m3 is meant
  llmos-nodes maintain m2 --reboot          restart a machine without losing the quorum
  llmos-nodes recover --lost m2 m3          bring a cluster back that has lost its quorum`);
  try {
    await program.parseAsync(argv);
  } catch (error) {
    // A Problem says what to do; anything else is a fault of ours and keeps its stack.
    console.error(error instanceof Problem ? `llmos-nodes: ${error.message}` : error);
    process.exitCode = FAILURE;
  }
}
