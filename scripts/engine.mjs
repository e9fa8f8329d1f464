// The one place that finds a Pulumi engine: tests, `npm start` and the examples all ask here.
import { mkdir, rename, rm } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { Explained, whenStarted } from './main.mjs';
import { log as printLine } from './log.mjs';
import { withLock } from './lock.mjs';
import { run } from './run.mjs';
import { OLDEST, cacheFolder, engineIn, pathFolders, pinnedVersion } from './engine-files.mjs';
import { downloadEngine } from './engine-download.mjs';
import { buildEngine } from './engine-build.mjs';

/** No engine could be had. The message lists what was tried, why it failed, and what to install. */
export class EngineUnavailable extends Explained {
  name = 'EngineUnavailable';

  /** @param {readonly string[]} tried */
  constructor(tried) {
    super([
      `No Pulumi engine (${OLDEST} or newer, with its Node language host) could be had:`,
      ...tried.map((line) => `  - ${line}`),
      'Install the Pulumi CLI (https://www.pulumi.com/docs/install/) and run this again;',
      'where only a Go module proxy can be reached, install Go 1.24 or newer, and it is built here.',
    ].join('\n'));
    this.tried = tried;
  }
}

/**
 * A way to an engine.
 * @typedef {{ source: 'path' | 'cache' | 'download' | 'built', name: string, find: (log: typeof printLine) => Promise<{ pulumi: string, version: string }> }} Way
 */

/** @type {{ ready: Way[], made: Way[] }} in the order they are tried */
const WAYS = {
  ready: [
    { source: 'path', name: 'on PATH', find: () => engineIn(pathFolders(process.env.PATH)) },
    { source: 'cache', name: `in ${cacheFolder()}`, find: () => inCache() },
  ],
  made: [
    { source: 'download', name: 'official download', find: (log) => intoCache(downloadEngine, log) },
    { source: 'built', name: 'built from Go modules', find: (log) => intoCache(buildEngine, log) },
  ],
};

/**
 * Finds a Pulumi engine, or gets one: on PATH, in this project's cache, by the official download, built from Go modules.
 * @param {{ log?: typeof printLine, ways?: typeof WAYS, lock?: typeof withLock }} [options]
 * @returns {Promise<{ pulumi: string, version: string, source: Way['source'], env: NodeJS.ProcessEnv }>}
 *   the CLI's absolute path, its version, where it is from, and an environment whose PATH holds the CLI and its companions
 * @throws {EngineUnavailable}
 */
export async function engine({ log = printLine, ways = WAYS, lock = withLock } = {}) {
  const tried = [];
  const first = async (list) => {
    for (const { source, name, find } of list) {
      try {
        const found = await find(log);
        const env = { ...process.env, PATH: [dirname(found.pulumi), ...pathFolders(process.env.PATH)].join(delimiter) };
        return { ...found, source, env };
      } catch (error) {
        // A cache that cannot be written to is a reason like any other; a mistake of ours is not.
        if (!(error instanceof Explained || error.syscall)) throw error;
        tried.push(`${name}: ${error.message.replaceAll('\n', '\n    ')}`);
      }
    }
    return undefined;
  };
  const found = (await first(ways.ready))
    ?? (await lock(cacheFolder(), async () => {
      // Whoever held the lock before may have made it in the meantime; that it was missing before has been said already.
      const reasons = tried.length;
      const made = await first(ways.ready);
      tried.length = reasons;
      return made ?? first(ways.made);
    }, { log }));
  if (!found) throw new EngineUnavailable(tried);
  return found;
}

const inCache = () => engineIn([join(cacheFolder(), 'bin')]);

/** Makes the engine aside and moves it into place when it has been seen to run, so an interrupted one leaves no half cache. */
async function intoCache(make, log) {
  const folder = `${cacheFolder()}.partial`;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  try {
    await make({ version: pinnedVersion(), folder, log });
    await engineIn([join(folder, 'bin')]);
    await rm(cacheFolder(), { recursive: true, force: true });
    await rename(folder, cacheFolder());
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return inCache();
}

// `node scripts/engine.mjs` says where the engine is; `node scripts/engine.mjs -- ARGS` runs it.
whenStarted(import.meta.url, async (args) => {
  const { pulumi, version, source, env } = await engine();
  if (args[0] === '--') return (await run(pulumi, args.slice(1), { env, interactive: true })).status;
  console.log(`${pulumi}  (version ${version}, ${source})`);
});
