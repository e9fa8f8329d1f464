import { lstat, mkdir, open, readFile, readdir, rm } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';

import { Problem } from '../problem';
import { PROJECT_TEMPLATE, version } from './package-files';

/** npm leaves files with a leading dot out of packages or renames them, so the template has them without. */
const DOTTED = new Map([['gitignore', '.gitignore'], ['github', '.github']]);

interface ProjectFile {
  /** Where it goes, in the new project. */
  readonly path: string;
  readonly text: string;
}

/** What of a project is not as the template has it. */
export interface ProjectOptions {
  /** Texts of files, by their path. @default - all are the template's */
  readonly files?: Readonly<Record<string, string>>;
  /** How machines are reached, as it is written in TypeScript. @default - as root */
  readonly connection?: string;
}

/**
 * Writes a new project, all of it or nothing.
 * @returns its files, relative to the folder
 * @throws Problem where a file of it is there already, or the folder cannot be written
 */
export async function writeProject(folder: string, name: string, { files: own = {}, connection = "{ user: 'root' }" }: ProjectOptions = {}): Promise<string[]> {
  const files = (await projectFiles({ name, version: version(), connection })).map(file => ({ ...file, text: own[file.path] ?? file.text }));
  await requireFree(folder, files);
  const made: string[] = [];
  try {
    for (const { path, text } of files) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      const file = await open(join(folder, path), 'wx');
      made.push(path);
      await file.writeFile(text).finally(() => file.close());
    }
  } catch (error) {
    // Half a project would be in the way of the next try.
    await Promise.all(made.map(path => rm(join(folder, path), { force: true })));
    throw unwritable(folder, error);
  }
  return made;
}

async function projectFiles(values: Readonly<Record<string, string>>): Promise<ProjectFile[]> {
  const entries = await readdir(PROJECT_TEMPLATE, { recursive: true, withFileTypes: true });
  const paths = entries.filter(entry => entry.isFile()).map(entry => relative(PROJECT_TEMPLATE, join(entry.parentPath, entry.name)));
  const files = await Promise.all(paths.map(async path => ({
    path: path.split(sep).map(part => DOTTED.get(part) ?? part).join(sep),
    text: (await readFile(join(PROJECT_TEMPLATE, path), 'utf8')).replaceAll(/\{\{(\w+)\}\}/g, (written, key: string) => values[key] ?? written),
  })));
  return files.sort((a, b) => a.path.localeCompare(b.path, 'en'));
}

async function requireFree(folder: string, files: readonly ProjectFile[]): Promise<void> {
  const present = await Promise.all(files.map(({ path }) => isThere(folder, path)));
  const taken = files.filter((_, index) => present[index]).map(({ path }) => path);
  if (taken.length === 0) return;
  throw new Problem({
    subject: 'folder', value: folder,
    rule: `it already holds ${taken.join(', ')}, and nothing is overwritten`, remedy: 'name a new folder, or move those files away',
  });
}

/** A link that leads nowhere is there as well. */
async function isThere(folder: string, path: string): Promise<boolean> {
  return lstat(join(folder, path)).then(() => true, (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return false;
    throw unwritable(folder, error);
  });
}

function unwritable(folder: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) return error;
  const rule = code === 'ENOTDIR' ? 'a file is where a folder should be' : `it cannot be written (${code})`;
  return new Problem({ subject: 'folder', value: folder, rule, remedy: 'name another folder; nothing was written' });
}
