// Compiles src/ to lib/.
import { readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { root, whenStarted } from './main.mjs';
import { whileWorking } from './log.mjs';
import { withLock } from './lock.mjs';
import { mustRun } from './run.mjs';
import { install } from './install.mjs';

const lib = join(root, 'lib');
const aside = join(root, '.llmos-nodes', 'lib');
const previous = join(root, '.llmos-nodes', 'lib.previous');
const CONFIGS = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];

/** Compiles when lib/ is missing or older than anything it is made from. */
export async function ensureBuilt() {
  await withLock(lib, async () => {
    const sources = [...(await everythingIn(join(root, 'src'))), ...CONFIGS.map((name) => join(root, name))];
    if (await isNewer(join(lib, 'index.js'), sources)) return;
    await whileWorking('compiling src/ to lib/', compile);
  });
}

/** Made aside and moved into place, so that nobody ever loads a half of it and deleted sources leave nothing behind. */
async function compile() {
  const began = new Date();
  await rm(aside, { recursive: true, force: true });
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  await mustRun(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--noEmitOnError', '--outDir', aside], { cwd: root });
  // As old as what it was made from: a source that changed meanwhile is newer.
  await utimes(join(aside, 'index.js'), began, began);
  await rm(previous, { recursive: true, force: true });
  await rename(lib, previous).catch((error) => { if (error.code !== 'ENOENT') throw error; });
  await rename(aside, lib);
  await rm(previous, { recursive: true, force: true });
}

/**
 * @param {string} output a file
 * @param {readonly string[]} sources files and folders; a folder changes when a file in it is made or deleted
 * @returns {Promise<boolean>} whether the output is there and newer than all sources
 */
export async function isNewer(output, sources) {
  const made = await stat(output).catch(() => undefined);
  if (!made) return false;
  const changed = await Promise.all(sources.map(async (path) => (await stat(path)).mtimeMs));
  return changed.every((time) => time < made.mtimeMs);
}

async function everythingIn(folder) {
  const entries = await readdir(folder, { withFileTypes: true });
  const inside = await Promise.all(entries.map((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? everythingIn(path) : [path];
  }));
  return [folder, ...inside.flat()];
}

whenStarted(import.meta.url, async () => {
  await install();
  await ensureBuilt();
});
