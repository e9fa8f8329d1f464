import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';

import { Command } from 'commander';

import { Problem } from '../problem';

const TEMPLATE = join(__dirname, '..', '..', 'templates', 'project');

/** npm leaves files with a leading dot out of packages or renames them, so the template has them without. */
const DOTTED = new Map([['gitignore', '.gitignore'], ['github', '.github']]);

/** `llmos-nodes init`: a new project that works at once. */
export function initCommand(): Command {
  return new Command('init')
    .description('write a new project: definition, Pulumi program and CI workflow')
    .argument('[folder]', 'where to write it; made if it is not there', '.')
    .option('--name <name>', 'name of the project and its cluster (default: the folder\'s name)')
    .action(async (folder: string, { name }: { readonly name?: string }) => {
      const target = resolve(folder);
      const files = await writeProject(target, name ?? basename(target));
      console.log(nextSteps(relative(process.cwd(), target) || '.', files));
    });
}

/**
 * Writes the project and returns its files.
 * @throws Problem where the name cannot be one, or a file is there already: nothing is overwritten
 */
export async function writeProject(target: string, name: string): Promise<string[]> {
  if (!/^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/.test(name)) {
    throw new Problem({
      subject: 'project name', value: name,
      rule: 'it becomes the cluster\'s name: 1 to 40 lower-case letters, digits and dashes, beginning with a letter', remedy: 'choose another with --name',
    });
  }
  const files = (await readdir(TEMPLATE, { recursive: true, withFileTypes: true }))
    .filter(entry => entry.isFile()).map(entry => relative(TEMPLATE, join(entry.parentPath, entry.name))).map(path => ({ path, written: dotted(path) }));
  const taken = files.filter(({ written }) => existsSync(join(target, written))).map(({ written }) => written);
  if (taken.length > 0) {
    throw new Problem({ subject: 'folder', value: target, rule: `${taken.join(', ')} is there already and is not overwritten`, remedy: 'name an empty folder' });
  }
  const { version } = require('../../package.json') as { version: string };
  for (const { path, written } of files) {
    const text = (await readFile(join(TEMPLATE, path), 'utf8')).replaceAll('{{name}}', name).replaceAll('{{version}}', version);
    await mkdir(dirname(join(target, written)), { recursive: true });
    await writeFile(join(target, written), text, { flag: 'wx' });
  }
  return files.map(({ written }) => written).sort();
}

function dotted(path: string): string {
  return path.split('/').map(part => DOTTED.get(part) ?? part).join('/');
}

function nextSteps(folder: string, files: readonly string[]): string {
  return `Wrote ${files.length} files to ${folder}: ${files.join(', ')}

Next:${folder === '.' ? '' : `\n  cd ${folder}`}
  npm install
  npx cdk8s synth                       # checks the definition in cluster.ts and renders it for review
  pulumi stack init rehearsal           # a stack whose machines are simulated (Pulumi.rehearsal.yaml)
  pulumi up                             # the whole way, on the rehearsal

Then put your machines into cluster.ts and run it on a stack of its own: pulumi stack init prod && pulumi preview`;
}
