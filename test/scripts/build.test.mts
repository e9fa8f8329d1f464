import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isNewer } from '../../scripts/build.mjs';

let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'llmos-nodes-build-')); });
afterEach(() => rmSync(folder, { recursive: true }));

const file = (name: string, seconds: number) => {
  const path = join(folder, name);
  writeFileSync(path, '');
  utimesSync(path, seconds, seconds);
  return path;
};

test('an output newer than all its sources need not be made again', async () => {
  await expect(isNewer(file('output', 300), [file('a', 100), file('b', 200)])).resolves.toBe(true);
});

test('an output older than one of its sources, as old as it, or missing has to be made', async () => {
  const sources = [file('a', 100), file('b', 200)];
  await expect(isNewer(file('older', 150), sources)).resolves.toBe(false);
  await expect(isNewer(file('as old', 200), sources)).resolves.toBe(false);
  await expect(isNewer(join(folder, 'missing'), sources)).resolves.toBe(false);
});
