// Many workers join at once: as long as the slowest of them takes alone, whatever their number.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { result } from '../measure.mjs';
import { Stack } from '../stack.mjs';

const WORKERS = 200;
const REPETITIONS = 5;
/** 5 s ± 2 s, the same for every run: the slowest takes 7 s. */
const installSeconds = index => 5 + 2 * Math.cos(index * 2.4);

export const names = ['join-200'];

/** @param {{ pulumi: string }} tools */
export async function run({ pulumi }) {
  const pairs = [];
  for (let turn = 0; turn < REPETITIONS; turn += 1) pairs.push({ ours: await joining(pulumi, WORKERS), floor: await joining(pulumi, 1) });
  return [result({ name: names[0], what: `pulumi up that lets ${WORKERS} workers join, each installing for 5 s ± 2 s; floor: one that lets the slowest join`, unit: 's', target: 1.15 }, pairs)];
}

/** How long it takes until so many workers, the slowest first, have joined a cluster that stands. */
async function joining(pulumi, workers) {
  const stack = await Stack.create(pulumi, 'cluster', { workers: 0 });
  try {
    await stack.up();
    const slow = Array.from({ length: workers }, (_, index) => `w${index + 1}: { installSeconds: ${installSeconds(index).toFixed(2)} }`);
    await writeFile(join(stack.rehearsal, 'faults.yaml'), `Cluster: { bootSeconds: 0, promotionSeconds: 0, podSeconds: 0 }\n${slow.join('\n')}\n`);
    await stack.declare(workers);
    return await stack.up('--parallel', String(WORKERS + 50));
  } finally {
    await stack.dispose();
  }
}
