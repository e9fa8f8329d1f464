// Many workers join at once: as long as the slowest of them takes, whatever their number. The engine has its own share in that: it
// writes the whole state at each step, and so as many resources that only sleep are the floor.
import { createRequire } from 'node:module';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { result } from '../measure.mjs';
import { Stack } from '../stack.mjs';

const { installSeconds } = createRequire(import.meta.url)('../programs/workers.cjs');

const WORKERS = 200;
const REPETITIONS = 5;

export const names = ['join-200', 'join-200-slowest'];

/** @param {{ pulumi: string }} tools */
export async function run({ pulumi }) {
  const [sleeping, alone] = [[], []];
  for (let turn = 0; turn < REPETITIONS; turn += 1) {
    const ours = await joining(pulumi, 'cluster', WORKERS);
    sleeping.push({ ours, floor: await joining(pulumi, 'sleeping', WORKERS) });
    alone.push({ ours, floor: await joining(pulumi, 'cluster', 1) });
  }
  const what = `pulumi up that lets ${WORKERS} workers join, each installing for 5 s ± 2 s`;
  return [
    result({ name: names[0], what: `${what}; floor: as many dynamic resources that only sleep as long`, unit: 's', target: 1.15 }, sleeping),
    result({ name: names[1], what: `${what}; floor: one that lets the slowest join`, unit: 's', target: 1.15, bound: 'the engine writes the whole state at each step: docs/performance.md' }, alone),
  ];
}

/** How long it takes until so many workers, the slowest first, have joined a cluster that stands. */
async function joining(pulumi, program, workers) {
  const stack = await Stack.create(pulumi, program, { workers: 0 });
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
