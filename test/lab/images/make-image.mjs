// Writes the archive `docker save` would write for an image that holds nothing but one static binary.
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';

const sha256 = (data) => createHash('sha256').update(data).digest('hex');

/**
 * Makes an image archive.
 * @param {{ binary: string, name?: string, reference: string, archive: string }} image path of the static binary that is the image's
 *   entry point, what it is called in the image, the image's name with tag, and the path to write to
 */
export async function makeImage({ binary, name = 'entrypoint', reference, archive }) {
  const layer = tar([{ name, mode: 0o755, data: await readFile(binary) }]);
  const config = Buffer.from(JSON.stringify({
    architecture: { x64: 'amd64' }[process.arch] ?? process.arch,
    os: 'linux',
    // A number, since the image has no /etc/passwd, and not root: Kubernetes can then hold pods to runAsNonRoot.
    config: { Entrypoint: [`/${name}`], User: '65534:65534' },
    rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(layer)}`] },
  }));
  const configName = `${sha256(config)}.json`;
  const manifest = Buffer.from(JSON.stringify([{ Config: configName, RepoTags: [reference], Layers: ['layer.tar'] }]));
  await writeFile(archive, tar([
    { name: 'manifest.json', mode: 0o644, data: manifest },
    { name: configName, mode: 0o644, data: config },
    { name: 'layer.tar', mode: 0o644, data: layer },
  ]));
}

// POSIX.1-1988 (ustar): a header of 512 bytes and the data, padded to 512; two empty blocks end the archive.
function tar(files) {
  const blocks = files.flatMap(({ name, mode, data }) => [header(name, mode, data.length), data, Buffer.alloc((512 - (data.length % 512)) % 512)]);
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

function header(name, mode, size) {
  const block = Buffer.alloc(512);
  const octal = (value, offset, digits) => block.write(value.toString(8).padStart(digits, '0'), offset, 'ascii');
  block.write(name, 0, 'ascii');
  octal(mode, 100, 7);
  octal(0, 108, 7); // owner
  octal(0, 116, 7); // group
  octal(size, 124, 11);
  octal(0, 136, 11); // modification time: fixed, so that the same binary makes the same image
  block.write('        ', 148, 'ascii'); // the checksum counts its own field as spaces
  block.write('0', 156, 'ascii');
  block.write('ustar\x0000', 257, 'ascii');
  octal(block.reduce((sum, byte) => sum + byte, 0), 148, 6);
  block.write('\0 ', 154, 'ascii');
  return block;
}
