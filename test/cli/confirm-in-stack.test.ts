import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

import { PulumiStack } from '../../src/cli/pulumi-stack';

const PATH = process.env.PATH;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'llmos-nodes-confirm-'));
  process.env.PATH = `${folder}${delimiter}${PATH}`;
});

afterEach(() => {
  process.env.PATH = PATH;
  rmSync(folder, { recursive: true, force: true });
});

/** The stack of a `pulumi` that shows this configuration and writes down what it is told to change. */
function stack(written?: string | readonly unknown[]) {
  const shown = typeof written === 'string' ? { value: written } : { value: JSON.stringify(written), objectValue: written };
  const [config, told, pulumi] = ['config.json', 'told', 'pulumi'].map(name => join(folder, name)) as [string, string, string];
  writeFileSync(config, JSON.stringify(written === undefined ? {} : { 'llmos:confirmRemoval': shown }));
  writeFileSync(told, '');
  writeFileSync(pulumi, `#!/bin/sh\nif [ "$2" = --json ]; then cat '${config}'; else echo "$*" >> '${told}'; fi\n`);
  chmodSync(pulumi, 0o755);
  return {
    prod: new PulumiStack(undefined, folder),
    told: () => readFileSync(told, 'utf8').split('\n').filter(line => line !== '').map(line => line.replace(' --non-interactive', '')),
  };
}

const set = (...values: readonly string[]) => ['config set-all --path', ...values.map(value => `--plaintext llmos:confirmRemoval${value}`)].join(' ');

test('the first confirmation begins the list', async () => {
  const { prod, told } = stack();
  await prod.confirm({ name: 'w2' });
  expect(told()).toEqual([set('[0]=w2')]);
});

test('a confirmation is added behind those that the list has', async () => {
  const { prod, told } = stack(['m5', { name: 'm2', removal: 'unreachable' }]);
  await prod.confirm({ name: 'w2', removal: 'reinstall' });
  expect(told()).toEqual([set('[2].name=w2', '[2].removal=reinstall')]);
});

test('a confirmation takes the place of one of the same node', async () => {
  const { prod, told } = stack(['m5', 'w2', 'm6']);
  await prod.confirm({ name: 'm5', drain: 'force' });
  expect(told()).toEqual(['config rm --path llmos:confirmRemoval[0]', set('[2].name=m5', '[2].drain=force')]);
});

test.each([
  ['one name', 'm5', ['[0]=m5', '[1]=w2']],
  ['names', 'm5, m6', ['[0]=m5', '[1]=m6', '[2]=w2']],
  ['a list as JSON', '["m5",{"name":"m2","removal":"unreachable"}]', ['[0]=m5', '[1].name=m2', '[1].removal=unreachable', '[2]=w2']],
  ['nothing', '', ['[0]=w2']],
])('of a text with %s nothing is lost: it is written again as a list', async (_, text, values) => {
  const { prod, told } = stack(text);
  await prod.confirm({ name: 'w2' });
  expect(told()).toEqual([set(...values)]);
});

test('in a text as well a confirmation takes the place of one of the same node', async () => {
  const { prod, told } = stack('w2, m5');
  await prod.confirm({ name: 'w2', removal: 'unreachable' });
  expect(told()).toEqual([set('[0]=m5', '[1].name=w2', '[1].removal=unreachable')]);
});

test('what is no list is refused, and nothing is written', async () => {
  const { prod, told } = stack('{"name":"m5"}');
  await expect(prod.confirm({ name: 'w2' })).rejects.toThrow('llmos:confirmRemoval ({"name":"m5"}): it is a list; write a name');
  expect(told()).toEqual([]);
});
