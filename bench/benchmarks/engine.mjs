// With the real engine, against as many plain dynamic resources: a preview that finds nothing to do, and what the state keeps of a node.
import { inTurn, result } from '../measure.mjs';
import { Stack } from '../stack.mjs';

const WORKERS = 997;
const STATE_BYTES = 2_000;

export const names = ['preview-1000', 'state-per-node', 'state-bytes'];

/** @param {{ pulumi: string }} tools */
export async function run({ pulumi }) {
  const [ours, plain] = [await Stack.create(pulumi, 'cluster', { workers: WORKERS }), await Stack.create(pulumi, 'plain', { workers: WORKERS })];
  try {
    await ours.up();
    await plain.up();
    const previews = await inTurn(() => ours.preview(), () => plain.preview());
    const [ourBytes, plainBytes] = [await bytesPerNode(ours), await bytesPerNode(plain)];
    return [
      result({ name: names[0], what: 'a pulumi preview of 1,000 nodes that finds nothing to do; floor: as many plain dynamic resources', unit: 's', target: 0.8 }, previews),
      result({ name: names[1], what: 'what the state keeps of a node; floor: a plain dynamic resource with the same inputs', unit: 'bytes', target: 0.5 }, [{ ours: ourBytes, floor: plainBytes }]),
      result({ name: names[2], what: `the same; floor: ${STATE_BYTES} bytes`, unit: 'bytes', target: 1 }, [{ ours: ourBytes, floor: STATE_BYTES }]),
    ];
  } finally {
    await ours.dispose();
    await plain.dispose();
  }
}

async function bytesPerNode(stack) {
  const nodes = (await stack.resources()).filter(({ urn }) => /::prod-[mw]\d+$/.test(urn));
  return nodes.reduce((sum, node) => sum + Buffer.byteLength(JSON.stringify(node)), 0) / nodes.length;
}
