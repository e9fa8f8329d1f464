// `npm run bench`: what people wait for, each against what bounds it, measured side by side on this machine. Arguments choose
// benchmarks by a part of their name. Ends with 1 where a target is missed.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cpus, totalmem } from 'node:os';
import { whenStarted } from '../scripts/main.mjs';
import { log } from '../scripts/log.mjs';
import { install } from '../scripts/install.mjs';
import { ensureBuilt } from '../scripts/build.mjs';
import { engine } from '../scripts/engine.mjs';
import { BENCHMARKS } from './benchmarks/index.mjs';
import { line } from './line.mjs';
import { drawPicture } from './picture.mjs';

const here = import.meta.dirname;

whenStarted(import.meta.url, async (wanted) => {
  await install();
  await ensureBuilt();
  const { pulumi } = await engine();
  const results = [];
  for (const benchmark of BENCHMARKS.filter(({ names }) => wanted.length === 0 || names.some(name => wanted.some(part => name.includes(part))))) {
    log(`${benchmark.names.join(', ')} …`, { passing: true });
    for (const result of await benchmark.run({ pulumi })) {
      results.push(result);
      console.log(line(result));
    }
  }
  if (results.length === 0) {
    console.error(`bench (${wanted.join(', ')}): no benchmark has that in its name; there are ${BENCHMARKS.flatMap(({ names }) => names).join(', ')}`);
    return 1;
  }
  // A part of the benchmarks is for working on it: what is kept is always a whole run.
  if (wanted.length === 0) {
    const machine = { cores: cpus().length, processor: cpus()[0]?.model, memoryGiB: Math.round(totalmem() / 2 ** 30), node: process.version };
    await writeFile(join(here, 'results.json'), `${JSON.stringify({ machine, results }, null, 2)}\n`);
    await writeFile(join(here, 'results.svg'), drawPicture(results));
  }
  const over = results.filter(({ holds }) => !holds);
  const missed = over.filter(({ bound }) => bound === undefined);
  const held = `${results.length - over.length} of ${results.length} targets hold`;
  const named = (some, why) => (some.length === 0 ? '' : `; ${why}: ${some.map(({ name }) => name).join(', ')}`);
  console.log(`${held}${named(missed, 'missed')}${named(over.filter(({ bound }) => bound !== undefined), 'known to be out of reach')}`);
  return missed.length === 0 ? 0 : 1;
});
