// Definition, validations and synth of 10,000 nodes against cdk8s writing the same objects; and how that grows from 1,000.
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { inTurn, result } from '../measure.mjs';
import { runNode } from '../processes.mjs';

const programs = join(import.meta.dirname, '..', 'programs');

export const names = ['synth-10000', 'synth-growth-time', 'synth-growth-memory'];

export async function run() {
  const folder = await mkdtemp(join(tmpdir(), 'llmos-nodes-bench-'));
  try {
    const ours = nodes => runNode([join(programs, 'synth-ours.cjs'), String(nodes), join(folder, String(nodes))]);
    await ours(10_000);
    const manifests = join(folder, 'manifests.json');
    const [chart] = await readdir(join(folder, '10000'));
    await writeFile(manifests, JSON.stringify(parseAllDocuments(await readFile(join(folder, '10000', chart), 'utf8')).map(document => document.toJS())));
    const floor = () => runNode([join(programs, 'synth-floor.cjs'), manifests, join(folder, 'floor')]);

    const cpu = async usage => (await usage).cpuMs;
    const against = await inTurn(() => cpu(ours(10_000)), () => cpu(floor()));
    const growth = await inTurn(() => ours(10_000), () => ours(1_000));
    const of = key => growth.map(pair => ({ ours: pair.ours[key], floor: pair.floor[key] }));
    return [
      result({ name: names[0], what: 'definition, validations and synth of 10,000 nodes; floor: cdk8s writing the same objects', unit: 'ms CPU', target: 1.5 }, against),
      result({ name: names[1], what: 'the same, 10,000 nodes to 1,000', unit: 'ms CPU', target: 11 }, of('cpuMs')),
      result({ name: names[2], what: 'the same, 10,000 nodes to 1,000', unit: 'MiB', target: 11 }, of('peakMiB')),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
