// What a usable Pulumi engine consists of, and which version of it this project pins.
import { accessSync, constants, readFileSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { Explained, root } from './main.mjs';
import { mustRun } from './run.mjs';

/** Older ones lack what the dynamic resources of this library were tried with. */
export const OLDEST = '3.150.0';

/** Started by the CLI, found on PATH: the Node language host, the host of dynamic providers and the one of policy packs. */
export const COMPANIONS = ['pulumi-language-nodejs', 'pulumi-resource-pulumi-nodejs', 'pulumi-analyzer-policy'];

/** The Go module that pins the CLI; the download takes the same version, so that every machine runs the same engine. */
export const cliModule = join(root, 'scripts', 'go', 'pulumi');

/** The pinned version, such as `3.200.0`. */
export function pinnedVersion() {
  return /\bgithub\.com\/pulumi\/pulumi\/pkg\/v3 v(\S+)/.exec(readFileSync(join(cliModule, 'go.mod'), 'utf8'))[1];
}

/** Where the engine is kept between runs and between clones. */
export function cacheFolder(env = process.env) {
  const cache = env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(cache, 'llmos-nodes', 'engine', `${pinnedVersion()}-${process.platform}-${process.arch}`);
}

/**
 * @param {string} version
 * @param {string} floor
 * @returns {boolean} whether `version` is `floor` or newer
 */
export function atLeast(version, floor) {
  const [a, b] = [version, floor].map((text) => text.replace(/^v/, '').split(/[.+-]/).slice(0, 3).map(Number));
  const i = a.findIndex((part, at) => part !== b[at]);
  return i === -1 || a[i] > b[i];
}

/**
 * The first executable file of that name.
 * @param {string} name
 * @param {readonly string[]} folders
 * @returns {string | undefined}
 */
export function findExecutable(name, folders) {
  return folders.map((folder) => join(folder, name)).find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** The folders of a PATH. */
export const pathFolders = (path) => (path ?? '').split(delimiter).filter(Boolean);

/**
 * Finds the engine in some folders and runs it, because a file that is there may still be for another machine.
 * @param {readonly string[]} folders
 * @returns {Promise<{ pulumi: string, version: string }>}
 * @throws {Explained} with the reason why it cannot be used
 */
export async function engineIn(folders) {
  const pulumi = findExecutable('pulumi', folders);
  if (!pulumi) throw new Explained('no pulumi there');
  const version = (await mustRun(pulumi, ['version'], { env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: 'true' } })).trim().replace(/^v/, '');
  if (!/^\d+\.\d+\.\d+/.test(version)) throw new Explained(`${pulumi} does not say its version`);
  if (!atLeast(version, OLDEST)) throw new Explained(`${pulumi} is version ${version}, and ${OLDEST} or newer is needed`);
  // The CLI looks next to its real file too, which matters where a package manager only links it.
  const missing = COMPANIONS.filter((name) => !findExecutable(name, [dirname(realpathSync(pulumi)), ...folders]));
  if (missing.length > 0) throw new Explained(`${pulumi} comes without ${missing.join(', ')}`);
  return { pulumi, version };
}
