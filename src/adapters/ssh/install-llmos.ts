import { readFile } from 'node:fs/promises';
import { INSTALL_EXIT, INSTALL_URL, installCommand } from '../../llmos/install';
import type { Installer } from '../../membership/ports/machine';
import { Problem } from '../../problem';
import { lastLine, type Shell } from './shell';

/** The installer fetches a binary of some 100 MB, perhaps over a slow line. */
const INSTALL_SECONDS = 20 * 60;

/**
 * Runs LLMOS's install script on a host: one from this machine, or one the host downloads.
 * @throws Problem that tells a script that cannot be had, one with another checksum and one that failed apart
 */
export async function installLlmos(shell: Shell, { version, script, url = INSTALL_URL, sha256, environment, binary }: Installer): Promise<void> {
  const source = script === undefined ? { url } : 'upload';
  const command = installCommand({ version, source, sha256, environment, hasBinary: binary !== undefined });
  const input = script === undefined ? undefined : await readScript(script);
  const { code, signal, stdout, stderr } = await shell.runAsRoot(command, { input, timeoutSeconds: INSTALL_SECONDS });
  if (code !== 0) throw installProblem(shell.label, script ?? url, code ?? signal, lastLine(stderr) || lastLine(stdout), sha256);
}

async function readScript(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new Problem({
      subject: 'installer script', value: path,
      rule: `it cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`, remedy: 'correct the path of the installer',
    });
  }
}

function installProblem(label: string, source: string, ended: number | string | undefined, said: string, sha256?: string): Problem {
  const subject = `host ${label}`;
  switch (ended) {
    case INSTALL_EXIT.noDownloader:
      return new Problem({ subject, rule: 'it has neither curl nor wget, so it cannot download the installer', remedy: 'install one of them there' });
    case INSTALL_EXIT.downloadFailed:
      return new Problem({
        subject, value: source, rule: `it cannot download the installer (${said})`,
        remedy: 'check the address and the way out of its network; in a closed network give the installer as `script`, which is uploaded',
      });
    case INSTALL_EXIT.checksumDiffers:
      return new Problem({
        subject, value: source, rule: `the installer's sha256 is ${said} where ${sha256 ?? ''} is expected, so it was not run`,
        remedy: 'read what changed in the script, then correct `sha256`',
      });
    default:
      return new Problem({
        subject, value: source, rule: `the installer ended with status ${ended} (${said || 'it said nothing'})`,
        remedy: 'mend what it names, on the host or where it downloads from, then run the same command again',
      });
  }
}
