import { Yaml } from 'cdk8s';
import fc from 'fast-check';
import { parse } from 'yaml';

import { yamlList, yamlMap, yamlText } from '../../src/definition/yaml-line';

const text = fc.oneof(
  fc.constantFrom('a', 'rack-1', 'gpu=true:NoSchedule', '10.0.0.1', '2001:db8::1', 'true', 'null', 'yes', 'n', '007', '1.5', '1e3', '0x1f', '.inf', '~', '', ' ', '- x', 'a: b', 'a:', 'x,y', 'a]', '#c', '@x', 'it\'s', 'a/b', '2020-01-01', '<known after apply>', 'a\u2028b'),
  fc.string({ maxLength: 12, unit: 'binary' }),
);

test('what is written in a line is read back as it was, by readers of YAML 1.2 and of 1.1', () => {
  fc.assert(fc.property(fc.dictionary(text, text), fc.array(text), (map, list) => {
    const written = yamlMap([`list: ${yamlList(list.map(yamlText))}`, ...Object.entries(map).map(([key, value]) => `${yamlText(`x${key}`)}: ${yamlText(value)}`)]);
    const value = { list, ...Object.fromEntries(Object.entries(map).map(([key, each]) => [`x${key}`, each])) };
    expect(written).not.toContain('\n');
    expect(parse(written)).toEqual(value);
    expect(parse(written, { version: '1.1' })).toEqual(value);
  }), { numRuns: 1000 });
});

test.each(['rack-1', 'w12.example.com', '10.0.0.1', 'nvidia.com/gpu=present:NoSchedule', 'topology.kubernetes.io/region', 'h200_x'])('%s needs no quotes', (plain) => {
  expect(yamlText(plain)).toBe(plain);
  expect(Yaml.stringify(plain)).toBe(`${plain}\n`);
});

test.each(['true', 'No', 'n', '12', '1.5', '0x1f', '2001:db8::1', '', 'a b', 'a,b', 'a: b', '- a', '#a', 'a\nb'])('%j is quoted', (odd) => {
  expect(yamlText(odd)).toBe(JSON.stringify(odd));
});
