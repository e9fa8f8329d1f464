// The report on a change among 10,000 workers against reading the same two definitions and sorting the names in them.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inTurn, result } from '../measure.mjs';
import { runNode } from '../processes.mjs';

const root = join(import.meta.dirname, '..', '..');
const programs = join(root, 'bench', 'programs');

export const names = ['impact-10000'];

export async function run() {
  const folder = await mkdtemp(join(tmpdir(), 'llmos-nodes-bench-'));
  try {
    const [before, after] = await Promise.all([9_900, 10_000].map(async (nodes) => {
      const out = join(folder, String(nodes));
      await runNode([join(programs, 'synth-ours.cjs'), String(nodes), out]);
      return join(out, (await readdir(out))[0]);
    }));
    const ours = async () => (await runNode([join(root, 'bin', 'llmos-nodes.js'), 'impact', '--from', before, '--to', after])).cpuMs;
    const floor = async () => (await runNode([join(programs, 'impact-floor.cjs'), before, after])).cpuMs;
    return [result({ name: names[0], what: 'llmos-nodes impact, 100 of 10,000 workers join; floor: reading and sorting the same names', unit: 'ms CPU', target: 5 }, await inTurn(ours, floor))];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
