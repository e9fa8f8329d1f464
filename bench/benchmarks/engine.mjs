// With the real engine, against as many plain dynamic resources: a preview that finds nothing to do, what the state keeps of a node, and
// the memory of the process that does the work.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inTurn, result } from '../measure.mjs';
import { Stack } from '../stack.mjs';

const WORKERS = 997;
const STATE_BYTES = 2_000;
const PROVIDER_MIB = 150;

export const names = ['preview-1000', 'state-per-node', 'state-bytes', 'provider-memory'];

/** @param {{ pulumi: string }} tools */
export async function run({ pulumi }) {
  const stacks = await Promise.all([Stack.create(pulumi, 'cluster', { workers: WORKERS }), Stack.create(pulumi, 'plain', { workers: WORKERS }), Stack.create(pulumi, 'plain', { workers: 0 })]);
  const [ours, plain, empty] = stacks;
  try {
    const [ourMemory, , emptyMemory] = [await providerMemory(ours), await plain.setUp(), await providerMemory(empty)];
    const previews = await inTurn(() => ours.preview(), () => plain.preview());
    const [ourBytes, plainBytes] = [await bytesPerNode(ours), await bytesPerNode(plain)];
    return [
      result({ name: names[0], what: 'a pulumi preview of 1,000 nodes that finds nothing to do; floor: as many plain dynamic resources', unit: 's', target: 0.8 }, previews),
      result({ name: names[1], what: 'what the state keeps of a node; floor: a plain dynamic resource with the same inputs', unit: 'bytes', target: 0.5 }, [{ ours: ourBytes, floor: plainBytes }]),
      result({ name: names[2], what: `the same; floor: ${STATE_BYTES} bytes`, unit: 'bytes', target: 1 }, [{ ours: ourBytes, floor: STATE_BYTES }]),
      result({ name: names[3], what: 'the most memory that the provider needs while 1,000 nodes are created, beyond that of an empty one; floor: 150 MiB', unit: 'MiB', target: 1 }, [{ ours: ourMemory - emptyMemory, floor: PROVIDER_MIB }]),
    ];
  } finally {
    await Promise.all(stacks.map(stack => stack.dispose()));
  }
}

async function bytesPerNode(stack) {
  const nodes = (await stack.resources()).filter(({ urn }) => /::prod-[mw]\d+$/.test(urn));
  return nodes.reduce((sum, node) => sum + Buffer.byteLength(JSON.stringify(node)), 0) / nodes.length;
}

/** Brings the stack about. @returns {Promise<number>} the most memory the provider needed meanwhile, in MiB */
async function providerMemory(stack) {
  const file = join(stack.folder, 'provider-memory');
  Object.assign(stack.environment, { NODE_OPTIONS: `--require ${join(import.meta.dirname, '..', 'programs', 'watch-provider.cjs')}`, LLMOS_NODES_PROVIDER_MEMORY: file });
  await stack.setUp();
  return Number(await readFile(file, 'utf8')) / 2 ** 20;
}
