// Container images without a registry: one static binary each, as an archive that `ctr images import` takes.
import { join } from 'node:path';
import { rm } from 'node:fs/promises';
import { makeImage } from '../../test/lab/images/make-image.mjs';
import { goBuild } from './go-binaries.mjs';
import { digest, filesBelow, stored } from './store.mjs';

/** Makes the archives pause.tar (lab.local/pause:1) and app.tar (lab.local/app:1). Returns the path of each. */
export async function images({ log, repository }) {
  const folder = join(repository, 'test/lab/images');
  const version = digest({ files: filesBelow(folder) });
  const archives = {};
  for (const name of ['pause', 'app']) {
    archives[`${name}.tar`] = await stored(`image-${name}-${version}.tar`, async (path) => {
      const binary = `${path}.binary`;
      try {
        await goBuild({ log, path: binary, what: `image ${name}`, takes: 'a few seconds', cwd: folder, target: `./${name}` });
        await makeImage({ binary, reference: `lab.local/${name}:1`, archive: path });
      } finally {
        await rm(binary, { force: true });
      }
    });
  }
  return archives;
}
