import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const docs = join(__dirname, '..', '..', 'docs');
const page = readFileSync(join(docs, 'quorum-safety.md'), 'utf8');
/** The rows of what people suffer from, and what keeps it from happening. */
const rows = page.split('## What people suffer from')[1]!.split('\n').filter(line => line.startsWith('| ') && !line.startsWith('| what happens'));

test('every pain of the table names at least one test, and each of them exists', () => {
  expect(rows).toHaveLength(15);
  for (const row of rows) {
    const named = [...row.matchAll(/\]\((\.\.\/test\/[^)]+)\)(?: "([^"]+)")?/g)];
    expect(`${row}: ${named.length} tests`).not.toMatch(/: 0 tests$/);
    for (const [, file, title] of named) {
      expect(`${file} ${existsSync(join(docs, file!)) ? 'exists' : 'is missing'}`).toBe(`${file} exists`);
      if (title !== undefined) expect(readFileSync(join(docs, file!), 'utf8').replaceAll("\\'", "'")).toContain(title);
    }
  }
});
