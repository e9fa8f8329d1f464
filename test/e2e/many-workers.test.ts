import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { openRehearsal } from '../../src/adapters/rehearsal';
import { management } from './machines';
import { Stack, describeWithEngine } from './stack';

jest.setTimeout(180_000);

const WORKERS = 200;
const LIMIT = 20;
const INSTALL_SECONDS = 1;

/** How many were being installed at once, when each takes so long: by what the rehearsal's machines recorded. */
function mostAtOnce(rehearsal: string, seconds: number): number {
  const folder = join(rehearsal, 'machines');
  const began = readdirSync(folder).filter(name => name.startsWith('198.51.100.')).map(name =>
    (JSON.parse(readFileSync(join(folder, name), 'utf8')) as { bootstrap: { startedAt: number } }).bootstrap.startedAt);
  expect(began).toHaveLength(WORKERS);
  return Math.max(...began.map(at => began.filter(other => other <= at && at < other + seconds * 1000).length));
}

describeWithEngine('many workers, rehearsed', () => {
  test(`${WORKERS} workers join ${LIMIT} at a time, whatever the engine would let`, async () => {
    const workers = Array.from({ length: WORKERS }, (_, index) => ({ name: `w${index + 1}`, address: `198.51.100.${index + 1}` }));
    const stack = await Stack.create({ management: { machines: management(1) }, workers, args: { maxParallelJoins: LIMIT } });
    try {
      await openRehearsal(stack.rehearsal).setCluster({ installSeconds: INSTALL_SECONDS, bootSeconds: 0, promotionSeconds: 0, podSeconds: 0 });
      const { code, text } = await stack.up('--parallel', String(2 * WORKERS));
      expect({ code, text: code === 0 ? '' : text }).toEqual({ code: 0, text: '' });
      const nodes = await openRehearsal(stack.rehearsal).api().nodes();
      expect(nodes.filter(({ role, ready }) => role === 'worker' && ready)).toHaveLength(WORKERS);
      const most = mostAtOnce(stack.rehearsal, INSTALL_SECONDS);
      expect(most).toBeLessThanOrEqual(LIMIT);
      expect(most).toBeGreaterThan(LIMIT / 2);
    } finally {
      stack.dispose();
    }
  });

  test('a limit that is none is refused before anything is registered', async () => {
    const stack = await Stack.create({ management: { machines: management(1) }, args: { maxParallelJoins: 0, connection: { password: 'hunter2' } } });
    try {
      const { code, text } = await stack.preview();
      expect(code).not.toBe(0);
      expect(text).toContain('maxParallelJoins (0): so many workers join at once: a whole number, at least 1;');
      expect(text).toContain('password of the connection: machines are reached with keys alone');
      expect(text).not.toContain('hunter2');
    } finally {
      stack.dispose();
    }
  });
});
