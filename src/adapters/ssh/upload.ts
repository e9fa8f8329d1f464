import { createReadStream } from 'node:fs';
import { ARRIVED_DAMAGED, lookForFileScript, receiveFileScript, type PlacedFile } from '../../llmos/host-scripts/files';
import { Problem } from '../../problem';
import type { LocalFile } from './local-file';
import { lastLine, type Shell } from './shell';

/** Gigabytes over a slow line. A line that breaks is noticed long before. */
const UPLOAD_SECONDS = 2 * 60 * 60;
/** Reading gigabytes from a slow disk, to compare them. */
const COMPARE_SECONDS = 10 * 60;

/**
 * Puts a file of this machine onto a host, unless the same lies there. It goes through in small pieces, as fast as the host takes
 * them, so that its size costs no memory here.
 * @returns whether it had to be sent
 */
export async function upload(shell: Shell, file: LocalFile, { path, mode }: Pick<PlacedFile, 'path' | 'mode'>, report: (line: string) => void): Promise<boolean> {
  const placed = { path, mode, bytes: file.bytes, sha256: file.sha256 };
  const looked = await shell.need(`looking for ${path}`, lookForFileScript(placed), { timeoutSeconds: COMPARE_SECONDS });
  if (looked.trim() === 'there') return false;
  report(`uploading ${file.path} (${Math.ceil(file.bytes / 2 ** 20)} MiB)`);
  const { code, signal, stderr } = await shell.runAsRoot(receiveFileScript(placed), { input: createReadStream(file.path), timeoutSeconds: UPLOAD_SECONDS });
  if (code === 0) return true;
  throw new Problem({
    subject: `host ${shell.label}`, value: path,
    rule: code === ARRIVED_DAMAGED
      ? `what arrived is not what ${file.path} held when it was read for its checksum`
      : `${file.path} cannot be uploaded: status ${code ?? signal} (${lastLine(stderr) || 'it said nothing'})`,
    remedy: code === ARRIVED_DAMAGED ? 'leave the file alone while it is uploaded, then run the same command again' : 'mend that on the host, then run the same command again',
  });
}
