import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Folder } from '../../../src/adapters/rehearsal/folder';
import { randomHex, type World } from '../../../src/adapters/rehearsal/world';
import { freshHost } from '../../../src/adapters/rehearsal/host';

const path = mkdtempSync(join(tmpdir(), 'llmos-folder-'));
const folder = Folder.at(path);
const KEY = '192.0.2.1';

afterAll(() => rmSync(path, { recursive: true }));

function snapshots(world: World): string[] {
  return (world.host(KEY) ?? world.putHost(freshHost(KEY, 'm1', KEY))).snapshots;
}

test('of those who share a moment one that fails leaves nothing behind, and the others lose nothing by it', async () => {
  const [first, failed, last] = await Promise.allSettled([
    folder.transact(world => snapshots(world).push('first')),
    folder.transact((world) => {
      snapshots(world).push('failed');
      throw new Error('refused');
    }),
    folder.transact(world => snapshots(world).push('last')),
  ]);
  expect([first, failed, last].map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(await folder.transact(world => [...snapshots(world)])).toEqual(['first', 'last']);
});

test('who is answered finds what he changed in the folder', async () => {
  const name = randomHex(8);
  await Promise.all(['a', 'b', 'c'].map(async (each) => {
    await folder.transact(world => snapshots(world).push(`${name}-${each}`));
    expect(readFileSync(join(path, 'machines', `${KEY}.json`), 'utf8')).toContain(`${name}-${each}`);
  }));
});
