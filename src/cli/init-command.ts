import { basename, relative, resolve } from 'node:path';

import { Command } from 'commander';

import { isProjectName, requireProjectName } from './project-name';
import { writeProject } from './write-project';

/** `llmos-nodes init`: a new project that works at once. */
export function initCommand(): Command {
  return new Command('init')
    .summary('write a new project')
    .description('Write a new project: the definition of the nodes, the Pulumi program, a rehearsal stack and a CI workflow. Files that are there already are never overwritten.')
    .argument('[folder]', 'where to write it; made if it is not there', '.')
    .option('--name <name>', 'name of the cluster and the project (default: the folder\'s name)')
    .action(async (folder: string, options: { readonly name?: string }) => {
      const target = resolve(folder);
      const name = requireProjectName(options.name ?? (await nameFor(target)));
      const files = await writeProject(target, name);
      console.log(report(relative(process.cwd(), target), name, files));
    });
}

/** The folder's name, where it can be one; else whoever sits at the terminal is asked. */
async function nameFor(target: string): Promise<string> {
  const name = basename(target);
  if (isProjectName(name) || !process.stdin.isTTY) return name;
  const { input } = require('@inquirer/prompts') as typeof import('@inquirer/prompts');
  return input({ message: 'Name of the cluster (lower-case letters, digits and dashes):', validate: text => isProjectName(text) });
}

function report(folder: string, name: string, files: readonly string[]): string {
  return `Wrote ${files.length} files${folder === '' ? '' : ` to ${folder}`}:
  ${files.join('\n  ')}

Next${folder === '' ? '' : `, in ${folder}`}:
  npm install
  npx cdk8s synth               checks cluster.ts and renders it to dist/ for review
  pulumi stack init rehearsal   a stack whose machines are simulated
  pulumi up                     builds the cluster of that rehearsal
  npx llmos-nodes nodes --rehearsal .rehearsal

Then put your own machines into cluster.ts and carry it out on a stack without a rehearsal:
  pulumi stack init ${name === 'rehearsal' ? 'real' : 'prod'} && pulumi up`;
}
