import fc from 'fast-check';
import { Document, parse } from 'yaml';

import { LineWriter, type LineValue } from '../../src/definition/yaml-line';

const text = fc.oneof(
  fc.constantFrom('a', 'rack-1', 'gpu=true:NoSchedule', '10.0.0.1', '2001:db8::1', 'true', 'null', 'yes', 'n', '007', '1.5', '1e3', '0x1f', '.inf', '~', '', ' ', '- x', 'a: b', 'x,y', 'a]', '#c', '@x', 'it\'s', 'a/b', '2020-01-01', '<known after apply>'),
  fc.string({ maxLength: 12 }),
);
const line: fc.Arbitrary<LineValue> = fc.dictionary(text, fc.oneof(text, fc.array(text, { maxLength: 3 }), fc.dictionary(text, text, { maxKeys: 3 })), { maxKeys: 4 });

test('what is written in a line is read back as it was', () => {
  fc.assert(fc.property(line, (value) => {
    const written = new LineWriter().write(value);
    expect(written).not.toContain('\n');
    expect(parse(written)).toEqual(value);
  }), { numRuns: 1000 });
});

test('a line looks as the yaml package would have written it', () => {
  const plain = line.filter(value => !/[\p{Cc}]/u.test(Object.values(value).flat().map(each => JSON.stringify(each)).join()) && !JSON.stringify(value).includes('\\'));
  fc.assert(fc.property(plain, (value) => {
    const document = new Document();
    document.contents = document.createNode(value, { flow: true });
    expect(`${new LineWriter().write(value)}\n`).toBe(document.toString({ lineWidth: 0 }));
  }), { numRuns: 1000 });
});
