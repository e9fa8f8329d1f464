// On real hosts: the longest wait of a client's write while management nodes join and leave, against its wait while etcd elects a
// leader after a crash of the one it had. One client, the same hosts, in turn; bench/lab measures, this judges.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { labParts } from '../../scripts/lab-parts.mjs';
import { LabPartsError } from '../../scripts/lab-parts/store.mjs';
import { log } from '../../scripts/log.mjs';
import { root } from '../../scripts/main.mjs';
import { run as runProgram } from '../../scripts/run.mjs';
import { figures, missed, result } from '../measure.mjs';

const ABOUT = { name: 'scaling-wait', what: 'longest wait of a write while management nodes go 1, 3, 5, 3, 1; floor: while etcd elects a leader after a crash', unit: 's', target: 2 };

export const names = [ABOUT.name];

/** @param {{ pulumi: string }} tools */
export async function run({ pulumi }) {
  const folder = await mkdtemp(join(tmpdir(), 'llmos-nodes-bench-'));
  try {
    await labParts({ log });
    return [judge(await measure(pulumi, folder))];
  } catch (error) {
    // Real hosts take Linux, root and network namespaces, which not every machine gives.
    if (error instanceof LabPartsError) return [missed(ABOUT, inOneLine(error.message))];
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * @typedef {{ what: string, seconds: number, since: string, tries: string[] }} Wait
 * @returns {Promise<{ scalings: Wait[][], elections: Wait[], acknowledged: number, lost: string[] }>}
 */
async function measure(pulumi, folder) {
  const [waits, report] = [join(folder, 'waits.json'), join(folder, 'jest.json')];
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const env = { ...process.env, PATH: [dirname(pulumi), process.env.PATH].join(delimiter), LLMOS_NODES_PULUMI: pulumi, LLMOS_NODES_WAITS: waits };
  const { status, stderr } = await runProgram(process.execPath, [jest, '--selectProjects', 'bench', '--json', `--outputFile=${report}`], { cwd: root, env });
  if (status === 0) return JSON.parse(await readFile(waits, 'utf8'));
  log(stderr);
  const { testResults: [{ message, assertionResults }] } = JSON.parse(await readFile(report, 'utf8'));
  throw new LabPartsError(`the lab did not run to its end: ${stripVTControlCharacters(assertionResults[0]?.failureMessages[0] ?? message).split('\n')[0].replace('Error: ', '')}`);
}

/** The worst of all scalings has to keep the target, and no figure makes up for a write that was acknowledged and is lost. */
function judge({ scalings, elections, acknowledged, lost }) {
  for (const waits of [...scalings, elections]) log(waits.map(({ what, seconds }) => `${what} ${seconds.toFixed(2)} s`).join(', '));
  const worst = scalings.flat().reduce((longest, wait) => (wait.seconds > longest.seconds ? wait : longest));
  log(`the longest while scaling: since ${worst.since}, ${[...worst.tries, 'then acknowledged'].join(', ')}; ${acknowledged} writes acknowledged, ${lost.length} lost`);
  if (lost.length > 0) return missed(ABOUT, `${lost.length} of ${acknowledged} acknowledged writes were lost: ${lost.join(', ')}`);
  const floor = figures(elections.map(({ seconds }) => seconds));
  const judged = result(ABOUT, scalings.map(waits => ({ ours: Math.max(...waits.map(({ seconds }) => seconds)), floor: floor.median })));
  return { ...judged, floor, holds: judged.ratio.max <= ABOUT.target };
}

const inOneLine = text => text.replace(/\s*\n[\s-]*/g, ' ');
