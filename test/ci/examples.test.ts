import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

jest.setTimeout(120_000);

const root = join(__dirname, '..', '..');
const example = join(root, 'examples', 'ci');
const run = promisify(execFile);

test('the definitions that are compared in a fresh clone are as cdk8s synth renders them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'llmos-nodes-ci-'));
  try {
    cpSync(example, folder, { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    await run('npm', ['run', 'synth'], { cwd: folder });
    for (const definition of ['base', 'head', 'confirmed', 'even']) {
      const manifest = join(definition, 'dist', 'prod.k8s.yaml');
      expect(readFileSync(join(folder, manifest), 'utf8')).toBe(readFileSync(join(example, manifest), 'utf8'));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test.each([
  ['base', 'head', 0, '3 → 5 management nodes'], ['head', 'base', 5, '5 → 3 management nodes'],
  ['head', 'confirmed', 6, '5 → 3 management nodes'], ['head', 'even', 6, 'the host of m5 is repaired this week'],
])('impact from %s to %s ends with its code', async (from, to, status, words) => {
  const { code, stdout } = await run(process.execPath, [join(root, 'bin', 'llmos-nodes.js'), 'impact', '--from', join(example, from), '--to', join(example, to)])
    .then(({ stdout: text }) => ({ code: 0, stdout: text }), (error: { code: number; stdout: string }) => error);
  expect({ code, stdout }).toEqual({ code: status, stdout: expect.stringContaining(words) });
});
