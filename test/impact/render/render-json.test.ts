import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import Ajv from 'ajv/dist/2020';

import { EXIT_CODES, FINDING_KINDS, InputProblem, parseReport, renderJson } from '../../../src/impact';
import { REPORTS } from './reports';

const SCHEMA = JSON.parse(readFileSync(join(__dirname, '../../../schemas/impact-report.schema.json'), 'utf8'));

/** The schema lets fields be added; a test may not. */
function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inside = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, strict(value)]));
  return 'properties' in schema ? { ...inside, unevaluatedProperties: false } : inside;
}

/** `$defs` that others build on must not close the door behind themselves. */
function closed(): unknown {
  const schema = strict(SCHEMA) as { $defs: Record<string, { unevaluatedProperties?: boolean }> };
  for (const name of ['node', 'figures']) delete schema.$defs[name]!.unevaluatedProperties;
  return schema;
}

const validate = new Ajv({ strictTypes: false, allErrors: true }).compile(closed() as object);

test.each(Object.entries(REPORTS))('the report keeps to the published schema, which describes every field: %s', (_, report) => {
  validate(JSON.parse(renderJson(report)));
  expect(validate.errors ?? []).toEqual([]);
});

test('the schema refuses what is no report', () => {
  expect(validate({ schemaVersion: 1 })).toBe(false);
  expect(validate({ ...REPORTS.grow, verdict: 'fine' })).toBe(false);
  expect(validate({ ...REPORTS.grow, before: { voters: -1 } })).toBe(false);
});

test('the schema knows the kinds that have an exit code', () => {
  expect(SCHEMA.$defs.finding.properties.kind.enum).toEqual([...FINDING_KINDS]);
  expect(Object.keys(EXIT_CODES)).toEqual([...FINDING_KINDS]);
});

test.each(Object.entries(REPORTS))('what was written is read back: %s', (_, report) => {
  expect(parseReport(renderJson(report))).toEqual(JSON.parse(JSON.stringify(report)));
});

test.each([
  ['cut short', renderJson(REPORTS.grow!).slice(0, 100), 'it is no JSON, or cut short'],
  ['foreign', '{"steps":[]}', 'it is JSON, but no report'],
  ['no object', '3', 'it is JSON, but no report'],
  ['an older form', JSON.stringify({ ...REPORTS.grow, schemaVersion: 0 }), 'its form is that of version 0, and this llmos-nodes reads version 1; make it again with this llmos-nodes'],
  ['a newer form', JSON.stringify({ ...REPORTS.grow, schemaVersion: 2 }), 'its form is that of version 2, and this llmos-nodes reads version 1; use the llmos-nodes that made it'],
])('what is no report of this version is refused: %s', (_, json, message) => {
  expect(() => parseReport(json)).toThrow(InputProblem);
  expect(() => parseReport(json)).toThrow(message);
});
