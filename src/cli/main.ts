import { Command } from 'commander';

import { Problem } from '../problem';
import { initCommand } from './init-command';
import { nodesCommand } from './nodes-command';

/** Exit status of a command that was used wrongly or could not do its work. */
const FAILURE = 1;

/** The `llmos-nodes` command. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('llmos-nodes')
    .description('LLMOS cluster nodes as reviewed code')
    .version((require('../../package.json') as { version: string }).version)
    .addCommand(initCommand())
    .addCommand(nodesCommand());
  try {
    await program.parseAsync(argv);
  } catch (error) {
    // A Problem says what to do; anything else is a fault of ours and keeps its stack.
    console.error(error instanceof Problem ? `llmos-nodes: ${error.message}` : error);
    process.exitCode = FAILURE;
  }
}
