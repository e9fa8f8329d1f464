import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { InputProblem, fromSynthesised, type MembershipSnapshot } from '../impact';

/** How cdk8s names what it writes. */
const MANIFEST = /\.ya?ml$/;

/**
 * Reads a membership from what `cdk8s synth` wrote.
 * @param path a manifest, a folder of them, or the folder of a project with a dist/ in it
 * @throws InputProblem where it cannot be read, or holds no membership or several
 */
export async function readSynthesised(path: string): Promise<MembershipSnapshot> {
  const files = await manifests(path);
  const texts = await Promise.all(files.map(file => readFile(file, 'utf8')));
  return fromSynthesised(texts.join('\n---\n'), path);
}

async function manifests(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw unreadable(path, 'there is no such file or folder');
  if (!found.isDirectory()) return [path];
  const below = async (folder: string): Promise<string[]> => {
    const names = await readdir(folder).catch((): string[] => []);
    return names.filter(name => MANIFEST.test(name)).sort().map(name => join(folder, name));
  };
  // A project has manifests of other kinds beside its source: cdk8s.yaml, Pulumi.yaml. What was synthesised is in dist/.
  const synthesised = await below(join(path, 'dist'));
  const files = synthesised.length > 0 ? synthesised : await below(path);
  if (files.length === 0) throw unreadable(path, 'there is no manifest in it');
  return files;
}

function unreadable(path: string, rule: string): InputProblem {
  return new InputProblem('unknown', { subject: 'synthesised definition', value: path, rule, remedy: 'run `cdk8s synth`, and name its output: dist/, or the folder that has it' });
}
