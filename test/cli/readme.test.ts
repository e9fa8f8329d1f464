import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { App } from 'cdk8s';

import { ClusterChart, checkRemoval, failureTolerance, fromSynthesised, impact, majority, renderText } from '../../src';
import { PROJECT_TEMPLATE } from '../../src/cli/package-files';
import { gate } from '../../src/membership/gate';

// What the README shows is what the library does: these are the places where the two could drift apart.
const README = readFileSync(join(__dirname, '..', '..', 'README.md'), 'utf8');

const management = (...names: string[]) => names.map(name => ({ name, role: 'management' as const }));

test.each(['cluster.ts', 'index.ts'])('its complete example is the %s of a new project', file => {
  const written = readFileSync(join(PROJECT_TEMPLATE, file), 'utf8').replaceAll('{{name}}', 'prod').replaceAll('{{connection}}', "{ user: 'root' }");
  expect(README).toContain(`\`\`\`ts\n${written}\`\`\``);
});

test('its refusal of an even size is the real one', () => {
  const chart = new ClusterChart(new App(), 'prod', { kubernetesVersion: 'v1.34.4+k3s1', registrationAddress: '192.0.2.11' });
  chart.addManagementPool('management', { machines: [{ name: 'm1', address: '192.0.2.11' }, { name: 'm2', address: '192.0.2.12' }] });
  expect(() => chart.validate()).toThrow(shown('[prod/management]'));
});

test('its refusal of a removal nobody confirmed is the real one', () => {
  expect(gate('prod', management('m1', 'm2', 'm3'), management('m1'), [])).toEqual([shown('removal from cluster')]);
});

test('its refusal of a removal that would cost the quorum is the real one', () => {
  const members = [['m1', true], ['m2', false], ['m3', true]].map(([name, healthy]) => ({ name: String(name), healthy: healthy === true, voter: true }));
  const { reason, remedy } = checkRemoval(members, 'm3');
  expect(shown('removing')).toBe(`removing 'm3' from cluster 'prod': ${reason}; ${remedy}; then run the same command again`);
});

test('its impact report is that of the two definitions it names', () => {
  const definition = (name: string) => fromSynthesised(readFileSync(join(__dirname, '..', '..', 'examples', 'ci', name, 'dist', 'prod.k8s.yaml'), 'utf8'));
  expect(README).toContain(`--from examples/ci/base --to examples/ci/head\n${renderText(impact(definition('base'), definition('head'))).trim()}\n\`\`\``);
});

test('its table of failures has the right figures', () => {
  const rows = [...README.matchAll(/^\| (\d) \| (\d) \| (\d) \|/gm)].map(row => row.slice(1).map(Number));
  expect(rows).toEqual([1, 2, 3, 4, 5, 6, 7].map(size => [size, majority(size), failureTolerance(size)]));
});

test('it lists every key of the stack\'s configuration that is read', () => {
  const settings = readFileSync(join(__dirname, '..', '..', 'src', 'pulumi', 'settings.ts'), 'utf8');
  const keys = new Set([...settings.matchAll(/get\('(llmos:\w+)'\)/g)].map(([, key]) => key!));
  expect(keys.size).toBeGreaterThan(0);
  for (const key of keys) expect(README).toContain(`| \`${key}\` |`);
});

/** The line of the README that begins so. */
function shown(beginning: string): string {
  return README.split('\n').find(line => line.startsWith(beginning)) ?? '';
}
