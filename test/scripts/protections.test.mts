import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { protections } from '../mutations/protections.mjs';

const root = join(__dirname, '..', '..');

test.each(protections.map(each => [each.name, each] as const))('the protection "%s" can be taken out', (_, { file, from, test: noticing }) => {
  expect(readFileSync(join(root, file), 'utf8').split(from)).toHaveLength(2);
  expect(existsSync(join(root, noticing))).toBe(true);
});
