// Writes the tables of docs/fault-tolerance.md anew from src/quorum; needs `npm run build` before.
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root, whenStarted } from './main.mjs';

whenStarted(import.meta.url, async () => {
  const { withFaultToleranceTables } = createRequire(import.meta.url)('../lib/impact/fault-tolerance-table');
  const page = join(root, 'docs', 'fault-tolerance.md');
  await writeFile(page, withFaultToleranceTables(await readFile(page, 'utf8')));
});
