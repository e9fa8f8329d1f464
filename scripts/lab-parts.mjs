#!/usr/bin/env node
// Makes what the lab needs and this machine lacks: Debian packages, the hosts' disk, Kubernetes, etcd, images, the stand-in.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kubernetesAndEtcd, standIn } from './lab-parts/go-binaries.mjs';
import { images } from './lab-parts/images.mjs';
import { prepareMachine } from './lab-parts/machine.mjs';
import { rootfs } from './lab-parts/rootfs.mjs';
import { LabPartsError, discardInterrupted, labCache, publish } from './lab-parts/store.mjs';

const repository = resolve(fileURLToPath(import.meta.url), '../..');

/**
 * Makes every part of the lab that is missing; does nothing (in less than a second) when all are there. The first run on a
 * machine takes about eight minutes. Throws LabPartsError, with what to install, where a part cannot be had.
 * @param {{ log: (line: string) => void }} options receives one line when something slow begins or ends
 * @returns {Promise<{ rootfs: string, files: string }>} the hosts' root file system, and the folder they see as /usr/local/lib/lab
 */
export async function labParts({ log }) {
  await prepareMachine({ log });
  await discardInterrupted();
  const files = join(labCache, 'files');
  const offer = (parts) => Object.entries(parts).forEach(([name, path]) => publish(path, join(files, name)));

  const parts = { rootfs: await rootfs({ log, repository }), files };
  offer(await kubernetesAndEtcd({ log, repository }));
  offer(await images({ log, repository }));
  record(parts);
  offer(await standIn({ log, repository }));
  return parts;
}

// test/lab/hosts reads this: tests run in another module system and must not start a build of minutes by themselves.
function record(parts) {
  mkdirSync(labCache, { recursive: true });
  const path = join(labCache, 'parts.json');
  writeFileSync(`${path}.${process.pid}`, `${JSON.stringify(parts, undefined, 2)}\n`);
  renameSync(`${path}.${process.pid}`, path);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const parts = await labParts({ log: (line) => console.log(line) });
    console.log(`the lab's parts are in ${parts.files}`);
  } catch (error) {
    if (!(error instanceof LabPartsError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
