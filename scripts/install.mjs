// Makes node_modules what package-lock.json says, and costs nothing when it is already.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Explained, root, whenStarted } from './main.mjs';
import { log, whileWorking } from './log.mjs';
import { withLock } from './lock.mjs';
import { mustRun } from './run.mjs';

const OLDEST_NODE = 20;

/** Installs the dependencies when node_modules is missing, incomplete or of another lock file. */
export async function install() {
  const node = process.versions.node;
  if (Number(node.split('.')[0]) < OLDEST_NODE) throw new Explained(`Node ${node}: this project needs Node ${OLDEST_NODE} or newer; see https://nodejs.org`);
  if (await isCurrent()) return;
  await withLock(join(root, 'node_modules'), async () => {
    if (await isCurrent()) return;
    try {
      await whileWorking('installing dependencies (npm ci)', () => mustRun('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root }));
    } catch (error) {
      throw new Explained(`The dependencies could not be installed: check that npm reaches its registry, then run this again.\n${error.message}`);
    }
  });
}

async function isCurrent() {
  const [wanted, present] = await Promise.all(['package-lock.json', join('node_modules', '.package-lock.json')].map(packages));
  return present !== undefined && matches(wanted, present);
}

/** npm writes what it installed into node_modules at the very end, so an interrupted installation has no such file. */
async function packages(file) {
  try {
    return JSON.parse(await readFile(join(root, file), 'utf8')).packages;
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * @typedef {Record<string, { version?: string, integrity?: string, link?: boolean, optional?: boolean }>} Packages
 * @param {Packages} wanted the packages of package-lock.json
 * @param {Packages} present the packages npm noted in node_modules
 * @returns {boolean} whether all is there; optional packages may be missing, because most of them are for other platforms
 */
export function matches(wanted, present) {
  return Object.entries(wanted).every(([path, entry]) => {
    const there = present[path];
    if (path === '' || (!there && entry.optional)) return true;
    return there !== undefined && ['version', 'integrity', 'link'].every((field) => there[field] === entry[field]);
  });
}

whenStarted(import.meta.url, install);
