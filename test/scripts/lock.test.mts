import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { withLock } from '../../scripts/lock.mjs';

let name: string;
const said: string[] = [];
const log = (line: string) => { said.push(line); };
beforeEach(() => {
  said.length = 0;
  name = mkdtempSync(join(tmpdir(), 'llmos-nodes-lock-'));
});
afterEach(() => rmSync(name, { recursive: true }));

test('two who want the same lock go one after the other, and the second says what it waits for', async () => {
  const order: string[] = [];
  const turn = (who: string) => withLock(name, async () => {
    order.push(`${who} in`);
    await new Promise(setImmediate);
    order.push(`${who} out`);
  }, { log });
  await Promise.all([turn('first'), turn('second')]);
  expect(order).toEqual(['first in', 'first out', 'second in', 'second out']);
  expect(said).toEqual([`another process is preparing ${name}: waiting for it`]);
});

test('the lock is given back when the work fails', async () => {
  await expect(withLock(name, async () => { throw new Error('disk full'); }, { log })).rejects.toThrow('disk full');
  await expect(withLock(name, async () => 'mine', { log })).resolves.toBe('mine');
});

test('the lock of a process that was killed is free, also for whoever was waiting for it', async () => {
  const lockModule = pathToFileURL(join(__dirname, '../../scripts/lock.mjs')).href;
  const program = `import { withLock } from ${JSON.stringify(lockModule)};
    await withLock(${JSON.stringify(name)}, () => new Promise((never) => { console.log('held'); setInterval(() => {}, 1000); }));`;
  const owner = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(owner.stdout, 'data');
  const waiting = withLock(name, async () => 'mine', { log: (line) => { log(line); owner.kill('SIGKILL'); } });
  await expect(waiting).resolves.toBe('mine');
  await expect(withLock(name, async () => 'mine again', { log })).resolves.toBe('mine again');
});
