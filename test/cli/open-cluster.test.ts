import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openCluster } from '../../src/cli/open-cluster';

let folder: string;

beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'llmos-nodes-cli-')); });
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  jest.restoreAllMocks();
});

test('a rehearsal that does not exist is refused and not made', async () => {
  const path = join(folder, 'rehearsal');
  await expect(openCluster({ rehearsal: path })).rejects.toThrow(`rehearsal (${path}): there is no such folder`);
  expect(existsSync(path)).toBe(false);
});

test('a kubeconfig that does not exist is named, with where to get one', async () => {
  const path = join(folder, 'kubeconfig');
  await expect(openCluster({ kubeconfig: path })).rejects.toThrow(`kubeconfig (${path}): there is no such file; name one with --kubeconfig`);
});

test('a folder is no kubeconfig', async () => {
  await expect(openCluster({ kubeconfig: folder })).rejects.toThrow(`kubeconfig (${folder}): it cannot be read (EISDIR)`);
});

test('KUBECONFIG is taken where none is named; a list of several is not', async () => {
  const path = join(folder, 'kubeconfig');
  writeFileSync(path, 'clusters: []');
  jest.replaceProperty(process, 'env', { ...process.env, KUBECONFIG: path });
  await expect(openCluster({})).rejects.toThrow('its current context names no cluster and user of it');
  jest.replaceProperty(process, 'env', { ...process.env, KUBECONFIG: `${path}:${path}.other` });
  await expect(openCluster({})).rejects.toThrow(`KUBECONFIG (${path}, ${path}.other): it lists several files, and one of them is wanted; name it with --kubeconfig`);
});
