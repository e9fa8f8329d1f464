import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openRehearsal, type Rehearsal } from '../../src/adapters/rehearsal';
import { main } from '../../src/cli/main';

let folder: string;
let rehearsal: Rehearsal;
const printed: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'llmos-nodes-cli-'));
  rehearsal = openRehearsal(folder);
  printed.length = 0;
  jest.spyOn(console, 'log').mockImplementation((...words: unknown[]) => { printed.push(words.map(String).join(' ')); });
  jest.spyOn(console, 'error').mockImplementation((...words: unknown[]) => { printed.push(words.map(String).join(' ')); });
  // A folder without a Pulumi project: nothing is declared.
  jest.spyOn(process, 'cwd').mockReturnValue(folder);
});
afterEach(() => {
  process.exitCode = undefined;
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

const nodes = (...flags: string[]) => main(['node', 'llmos-nodes', 'nodes', '--rehearsal', folder, ...flags]);

test('a rehearsal without a cluster is one message and status 1', async () => {
  await nodes();
  expect(process.exitCode).toBe(1);
  expect(printed).toEqual(['llmos-nodes: API server: this rehearsal has no cluster yet; bring the management nodes back, then run the same command again']);
});

test('a stack that is named has to be there', async () => {
  await nodes('--stack', 'no-such-stack');
  expect(process.exitCode).toBe(1);
  expect(printed).toEqual([expect.stringMatching(/^llmos-nodes: pulumi [^\n]*$/)]);
});

test('a definition that cannot be read is one message', async () => {
  await nodes('--definition', join(folder, 'dist'));
  expect(process.exitCode).toBe(1);
  expect(printed).toEqual([expect.stringMatching(/^llmos-nodes: synthesised definition [^\n]*$/)]);
});

test('a look at a rehearsal makes no machine', async () => {
  await nodes('-o', 'json');
  await expect(rehearsal.reboot('m1')).rejects.toThrow("has none of that name or address");
});
