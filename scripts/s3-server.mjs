// An S3 server for the tests of a state that is kept in a bucket, built from its Go module: ten seconds, once.
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { Explained, root, whenStarted } from './main.mjs';
import { whileWorking } from './log.mjs';
import { withLock } from './lock.mjs';
import { mustRun } from './run.mjs';

const MODULE = 'github.com/johannesboyne/gofakes3';
const folder = join(root, 'scripts', 'go', 's3-server');

/**
 * Builds the server where it is missing.
 * @returns {Promise<string>} its path
 * @throws {Explained} where there is no Go, or no module proxy
 */
export async function s3Server() {
  const version = new RegExp(`${MODULE} v(\\S+)`).exec(await readFile(join(folder, 'go.mod'), 'utf8'))[1];
  const path = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'llmos-nodes', 's3-server', `gofakes3-${version}-${process.platform}-${process.arch}`);
  if (!existsSync(path)) await withLock(path, () => build(path));
  return path;
}

async function build(path) {
  // Whoever held the lock before may have made it in the meantime.
  if (existsSync(path)) return;
  await mustRun('go', ['version']).catch(() => { throw new Explained('the S3 server: Go is not installed; install Go 1.24 or newer, and it is built here'); });
  await mkdir(dirname(path), { recursive: true });
  await whileWorking('building the S3 server from its Go module', () =>
    mustRun('go', ['build', '-mod=readonly', '-trimpath', '-buildvcs=false', '-ldflags', '-s -w', '-o', `${path}.partial`, `${MODULE}/cmd/gofakes3`], {
      cwd: folder, env: { ...process.env, CGO_ENABLED: '0', GOWORK: 'off' },
    }));
  await rename(`${path}.partial`, path);
}

// `node scripts/s3-server.mjs` says where it is.
whenStarted(import.meta.url, async () => { console.log(await s3Server()); });
