import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { main } from '../../src/cli/main';

const printed: string[] = [];

beforeEach(() => {
  printed.length = 0;
  jest.spyOn(console, 'error').mockImplementation((...words: unknown[]) => { printed.push(words.map(String).join(' ')); });
});
afterEach(() => {
  process.exitCode = undefined;
  jest.restoreAllMocks();
});

test('what a person can mend is one message without a stack trace, and ends with status 1', async () => {
  await main(['node', 'llmos-nodes', 'nodes', '--kubeconfig', 'not-there.yaml']);
  expect(process.exitCode).toBe(1);
  expect(printed).toEqual([expect.stringMatching(/^llmos-nodes: kubeconfig \(not-there\.yaml\): there is no such file; [^\n]*$/)]);
});

test('an API server that does not answer is one message as well', async () => {
  const kubeconfig = {
    clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }], users: [{ name: 'u', user: { token: 'not-shown' } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }], 'current-context': 'x',
  };
  const file = join(mkdtempSync(join(tmpdir(), 'llmos-nodes-cli-')), 'kubeconfig');
  writeFileSync(file, JSON.stringify(kubeconfig));
  await main(['node', 'llmos-nodes', 'nodes', '--kubeconfig', file]);
  expect(process.exitCode).toBe(1);
  expect(printed).toEqual([expect.stringMatching(/^llmos-nodes: API server \(https:\/\/127\.0\.0\.1:1\): cannot list nodes: connect ECONNREFUSED [^\n]*$/)]);
  rmSync(dirname(file), { recursive: true });
});
