// Definition, validations and synth of 10,000 nodes against cdk8s writing as much from the same machines; and how that grows from 1,000.
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inTurn, result } from '../measure.mjs';
import { runNode } from '../processes.mjs';

const programs = join(import.meta.dirname, '..', 'programs');
// A fifth of a second each, and near its target: the median of many.
const REPETITIONS = 21;

export const names = ['synth-10000', 'synth-growth-time', 'synth-growth-memory'];

export async function run() {
  const folder = await mkdtemp(join(tmpdir(), 'llmos-nodes-bench-'));
  try {
    const ours = nodes => runNode([join(programs, 'synth-ours.cjs'), String(nodes), join(folder, String(nodes))]);
    await ours(10_000);
    const [chart] = await readdir(join(folder, '10000'));
    const objects = (await readFile(join(folder, '10000', chart), 'utf8')).split(/^---$/m).length;
    const bare = () => runNode([join(programs, 'synth-bare.cjs'), '10000', String(objects), join(folder, 'bare')]);

    const time = async usage => (await usage).wallMs;
    const against = await inTurn(() => time(ours(10_000)), () => time(bare()), REPETITIONS);
    const growth = await inTurn(() => ours(10_000), () => ours(1_000));
    const of = key => growth.map(pair => ({ ours: pair.ours[key], floor: pair.floor[key] }));
    return [
      result({ name: names[0], what: 'definition, validations and synth of 10,000 nodes; floor: cdk8s writing as many objects, their text put together from the same machines without a look at them', unit: 'ms', target: 1.5 }, against),
      result({ name: names[1], what: 'the same, 10,000 nodes to 1,000', unit: 'ms CPU', target: 11 }, of('cpuMs')),
      result({ name: names[2], what: 'the same, 10,000 nodes to 1,000', unit: 'MiB', target: 11 }, of('peakMiB')),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
