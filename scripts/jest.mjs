// Runs one jest project and leaves its results as JSON.
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { root } from './main.mjs';
import { run } from './run.mjs';
import { resultsFile } from './results.mjs';

/**
 * @param {string} project a `displayName` of jest.config.js
 * @param {readonly string[]} args passed on to jest
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<number>} jest's exit status
 */
export async function jest(project, args, env) {
  const output = resultsFile(project);
  await mkdir(dirname(output), { recursive: true });
  // An earlier run's results must not be taken for this one's.
  await rm(output, { force: true });
  const bin = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const { status } = await run(process.execPath, [bin, '--selectProjects', project, '--json', `--outputFile=${output}`, ...args], { cwd: root, env, show: true });
  return status;
}
