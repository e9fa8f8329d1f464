import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { FAULT_TOLERANCE_TABLES, faultToleranceTable, withFaultToleranceTables, zoneToleranceTable } from '../../src/impact/fault-tolerance-table';

const page = readFileSync(join(__dirname, '../../docs/fault-tolerance.md'), 'utf8');

test('the tables of the page are those of src/quorum; if not: npm run build && node scripts/fault-tolerance.mjs', () => {
  expect(page).toBe(withFaultToleranceTables(page));
});

test('the page has a place for each table', () => {
  expect([...page.matchAll(/<!-- table: (\w+) -->/g)].map(([, name]) => name)).toEqual(Object.keys(FAULT_TOLERANCE_TABLES));
});

test('one to seven: the figures everybody knows', () => {
  const rows = faultToleranceTable().split('\n').slice(2).map(line => line.split('|').slice(1, 4).map(cell => Number(cell)));
  expect(rows).toEqual([[1, 1, 0], [2, 2, 0], [3, 2, 1], [4, 3, 1], [5, 3, 2], [6, 4, 2], [7, 4, 3]]);
});

test('one zone may be lost with three zones, two with five or, for seven nodes, six, and three with seven', () => {
  expect(zoneToleranceTable()).toMatch(/\| 7 \| 0 \| 0 \| 1 \| 1 \| 1 \| 2 \| 3 \|$/);
  expect(zoneToleranceTable()).toContain('| 3 | 0 | 0 | 1 |  |  |  |  |');
});
