// The official release of the Pulumi CLI, checked against the release's own checksums.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Explained } from './main.mjs';
import { whileWorking } from './log.mjs';
import { mustRun, run } from './run.mjs';

const RELEASES = 'https://get.pulumi.com/releases/sdk';
// curl, because it knows the proxy of the place. Five seconds to connect, so that a closed network costs no more than that;
// a transfer that stands still for twenty seconds is given up.
const CURL = ['--fail', '--silent', '--show-error', '--location', '--proto', '=https', '--connect-timeout', '5', '--speed-limit', '1000', '--speed-time', '20'];

/**
 * Downloads the engine of a version into a folder that exists.
 * @param {{ version: string, folder: string, log: typeof import('./log.mjs').log }} what
 */
export async function downloadEngine({ version, folder, log }) {
  const archive = join(folder, archiveName(version));
  const checksums = join(folder, 'checksums.txt');
  await download(`${RELEASES}/pulumi-${version}-checksums.txt`, checksums);
  await whileWorking(`downloading the Pulumi CLI ${version}`, () => download(`${RELEASES}/${basename(archive)}`, archive), log);
  const expected = checksumOf(basename(archive), await readFile(checksums, 'utf8'));
  if (!expected) throw new Explained(`${RELEASES} lists no checksum for ${basename(archive)}`);
  if ((await sha256(archive)) !== expected) throw new Explained(`${basename(archive)} does not have the checksum the release lists: not used`);
  // The archive holds everything in one folder, pulumi/.
  await mustRun('tar', ['-xzf', archive, '-C', folder]);
  await rm(archive);
  await rm(checksums);
  await rename(join(folder, 'pulumi'), join(folder, 'bin'));
}

/** @returns the file name of the release for a platform, such as pulumi-v3.200.0-linux-x64.tar.gz */
export const archiveName = (version, platform = process.platform, arch = process.arch) => `pulumi-v${version}-${platform}-${arch}.tar.gz`;

/**
 * @param {string} name
 * @param {string} list lines of a digest, blanks and a file name
 * @returns {string | undefined}
 */
export const checksumOf = (name, list) =>
  list.split('\n').map((line) => line.trim().split(/\s+\*?/)).find(([, file]) => file === name)?.[0]?.toLowerCase();

async function download(url, path) {
  const { status, stderr } = await run('curl', [...CURL, '--output', path, url]).catch(() => { throw new Explained('curl is not installed'); });
  if (status !== 0) throw new Explained(`${url}: ${stderr.trim()}`);
}

async function sha256(path) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
