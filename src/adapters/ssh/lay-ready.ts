import { basename } from 'node:path';
import { stringify } from 'yaml';
import { alsoAtScript, writeFileScript } from '../../llmos/host-scripts/files';
import { K3S, LLMOS_PATHS, RKE2 } from '../../llmos/paths';
import type { Installer } from '../../membership/ports/machine';
import { localFile } from './local-file';
import type { Shell } from './shell';
import { upload } from './upload';

/**
 * Lays ready on a host what its network does not give it: the LLMOS binary, archives of images, and where other images are had.
 * What lies there already is left as it is.
 * @throws Problem where a file cannot be read here or does not arrive there
 */
export async function layReady(shell: Shell, { binary, images = [], registries, distribution }: Installer, report: (line: string) => void): Promise<void> {
  const runtime = distribution === 'rke2' ? RKE2 : K3S;
  if (registries !== undefined) await shell.need(`writing ${runtime.registries}`, writeFileScript(runtime.registries), { input: stringify(registries) });
  for (const image of images) {
    const name = basename(image.path);
    const path = `${runtime.images}/${name}`;
    await upload(shell, await localFile('installer images', image), { path, mode: '0600' }, report);
    // The runtime looks in the first place, LLMOS's own bootstrap in the second; they may be gigabytes, so they are there once.
    await shell.need(`placing ${name}`, alsoAtScript(path, `${LLMOS_PATHS.images}/${name}`), { timeoutSeconds: 10 * 60 });
  }
  if (binary === undefined) return;
  await upload(shell, await localFile('installer binary', binary), { path: `${LLMOS_PATHS.binaryDirectories[0]}/llmos`, mode: '0755' }, report);
}
