// `npm run test:mutations`: takes each protection out in turn, in a copy, and shows the test that notices. Further arguments
// choose protections by a part of their name.
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { protections } from '../test/mutations/protections.mjs';
import { Explained, root, whenStarted } from './main.mjs';
import { log } from './log.mjs';
import { install } from './install.mjs';
import { run } from './run.mjs';

/** What the unit tests read; the installed packages are linked. */
const COPIED = ['src', 'test', 'package.json', 'jest.config.js', 'tsconfig.json'];

whenStarted(import.meta.url, async (args) => {
  await install();
  const chosen = protections.filter(({ name }) => args.length === 0 || args.some((part) => name.includes(part)));
  if (chosen.length === 0) throw new Explained(`protection (${args.join(' ')}): none has that in its name; see test/mutations/protections.mjs`);
  const copy = await mkdtemp(join(tmpdir(), 'llmos-nodes-mutations-'));
  try {
    for (const name of COPIED) await cp(join(root, name), join(copy, name), { recursive: true });
    await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
    await mustPassWithAll(copy, [...new Set(chosen.map(({ test }) => test))]);
    let missed = 0;
    for (const protection of chosen) missed += (await isNoticed(copy, protection)) ? 0 : 1;
    console.log(`${chosen.length - missed} passed, ${missed} failed`);
    return missed === 0 ? 0 : 1;
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
});

/** A test that fails anyway would notice everything. */
async function mustPassWithAll(copy, tests) {
  const { failed, text } = await jest(copy, tests);
  if (failed.length > 0) throw new Explained(`these tests fail with every protection in place:\n  ${failed.join('\n  ') || text}`);
}

async function isNoticed(copy, { name, file, from, to, test }) {
  const path = join(copy, file);
  const source = await readFile(path, 'utf8');
  if (source.split(from).length !== 2) {
    throw new Explained(`protection '${name}': its code stands ${source.split(from).length - 1} times in ${file}, and once is expected; bring test/mutations/protections.mjs up to date`);
  }
  await writeFile(path, source.replace(from, () => to));
  const { failed } = await jest(copy, [test]);
  await writeFile(path, source);
  log(failed.length > 0 ? `noticed  ${name}: "${failed[0]}"${failed.length > 1 ? ` and ${failed.length - 1} more` : ''}` : `MISSED   ${name}: ${test} passes without it`);
  return failed.length > 0;
}

/**
 * A broken protection may leave something that never ends, so jest does not wait for it.
 * @returns the names of the tests that failed; a file that cannot even be loaded has none, and that is an error here
 */
async function jest(copy, tests) {
  const output = join(copy, 'results.json');
  await rm(output, { force: true });
  const bin = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const { stderr } = await run(process.execPath, [bin, '--selectProjects', 'unit', '--runInBand', '--forceExit', '--json', `--outputFile=${output}`, '--runTestsByPath', ...tests], { cwd: copy });
  const results = JSON.parse(await readFile(output, 'utf8').catch(() => { throw new Explained(`jest wrote no results:\n${stderr}`); }));
  if (results.numRuntimeErrorTestSuites > 0) throw new Explained(`the code does not load:\n${stderr}`);
  return { failed: results.testResults.flatMap(({ assertionResults }) => assertionResults).filter(({ status }) => status === 'failed').map(({ fullName }) => fullName), text: stderr };
}
