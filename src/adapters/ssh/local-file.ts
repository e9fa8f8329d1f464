import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Installer, InstallerFile } from '../../membership/ports/machine';
import { Problem, type ProblemProps } from '../../problem';
import { expandHome } from './credentials';

/** What a file on this machine holds. */
export interface LocalFile {
  readonly path: string;
  readonly bytes: number;
  /** In lower-case hex. */
  readonly sha256: string;
}

/** Archives of images are large and go to every machine: each is read for its checksum once, as long as it does not change. */
const digests = new Map<string, Promise<string>>();

/**
 * Reads a file that is to be uploaded.
 * @param what for the message: `installer binary`
 * @throws Problem where it cannot be read, is empty, or is another one than its sha256 says
 */
export async function localFile(what: string, { path: given, sha256: expected }: InstallerFile): Promise<LocalFile> {
  const path = expandHome(given);
  const { size, mtimeMs } = await existing(what, given, path);
  const key = `${path} ${size} ${mtimeMs}`;
  const digest = digests.get(key) ?? sha256Of(path);
  digests.set(key, digest);
  const sha256 = await digest;
  if (expected !== undefined && expected.toLowerCase() !== sha256) {
    throw new Problem({
      subject: what, value: given,
      rule: `its sha256 is ${sha256} where ${expected} is expected, so it is not uploaded`, remedy: 'fetch the file again, or correct `sha256` if the file was meant to change',
    });
  }
  return { path, bytes: size, sha256 };
}

/** Everything that is wrong with the files an installer takes from this machine. */
export async function installerFileProblems({ script, sha256, binary, images = [] }: Installer): Promise<ProblemProps[]> {
  const files = [
    ...(script === undefined ? [] : [localFile('installer script', { path: script, sha256 })]),
    ...(binary === undefined ? [] : [localFile('installer binary', binary)]),
    ...images.map(image => localFile('installer images', image)),
  ];
  const results = await Promise.allSettled(files);
  return results.flatMap(result => {
    if (result.status === 'fulfilled') return [];
    if (result.reason instanceof Problem) return [result.reason.props];
    throw result.reason;
  });
}

async function existing(what: string, given: string, path: string): Promise<{ readonly size: number; readonly mtimeMs: number }> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => error.code ?? error.message);
  const reason = typeof found === 'string' ? found : found.isFile() ? found.size === 0 && 'it is empty' : 'it is no file';
  if (reason === false) return found as Exclude<typeof found, string>;
  throw new Problem({ subject: what, value: given, rule: `it cannot be read (${reason})`, remedy: 'correct its path: it is looked for from where the program runs' });
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
