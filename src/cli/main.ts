import { Command } from 'commander';

import { Problem } from '../problem';
import { confirmCommand } from './confirm-command';
import { impactCommand } from './impact-command';
import { initCommand } from './init-command';
import { nodesCommand } from './nodes-command';
import { version } from './package-files';

/** Exit status of a command that could not do its work. Commander ends with the same one where it was used wrongly. */
const FAILURE = 1;

/** The `llmos-nodes` command. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('llmos-nodes')
    .description('The nodes of an LLMOS cluster as reviewed code, carried out with Pulumi.')
    .version(version())
    .addCommand(initCommand())
    .addCommand(impactCommand())
    .addCommand(nodesCommand())
    .addCommand(confirmCommand())
    .showHelpAfterError('(llmos-nodes --help lists what it can do)')
    .addHelpText('after', `
Examples:
  llmos-nodes init my-cluster               a new project in the folder my-cluster
  llmos-nodes impact --stack prod           what the next pulumi up does to the quorum
  llmos-nodes nodes --rehearsal .rehearsal  the simulated cluster of a rehearsal
  llmos-nodes nodes --kubeconfig prod.yaml  a real one
  llmos-nodes confirm m3 --stack prod       say that the removal of m3 is meant`);
  try {
    await program.parseAsync(argv);
  } catch (error) {
    // A Problem says what to do; anything else is a fault of ours and keeps its stack.
    console.error(error instanceof Problem ? `llmos-nodes: ${error.message}` : error);
    process.exitCode = FAILURE;
  }
}
