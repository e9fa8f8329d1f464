import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { line, round } from '../../bench/line.mjs';
import { figures, inTurn, missed, result } from '../../bench/measure.mjs';
import { drawPicture } from '../../bench/picture.mjs';

const root = join(__dirname, '..', '..');
const about = { name: 'synth', what: 'a synth', unit: 'ms', target: 1.5 };

test('a figure is the median, and says how far the values lay apart', () => {
  expect(figures([3, 1, 9])).toEqual({ median: 3, min: 1, max: 9 });
  expect(figures([4, 1, 2, 9])).toEqual({ median: 3, min: 1, max: 9 });
});

test('the two are measured in turn, each as often first, and the warm-up does not count', async () => {
  const asked: string[] = [];
  let time = 0;
  const measured = (name: string) => async () => {
    asked.push(name);
    time += 1;
    return time;
  };
  const pairs = await inTurn(measured('ours'), measured('floor'), 2);
  expect(asked).toEqual(['floor', 'ours', 'ours', 'floor', 'floor', 'ours']);
  expect(pairs).toEqual([{ ours: 3, floor: 4 }, { ours: 6, floor: 5 }]);
});

test('the ratio is that of each pair, so that noise which met both counts in neither', () => {
  const { ratio, holds } = result(about, [{ ours: 10, floor: 10 }, { ours: 120, floor: 100 }, { ours: 28, floor: 20 }]);
  expect(ratio!.median).toBe(1.2);
  expect(holds).toBe(true);
  expect(result(about, [{ ours: 16, floor: 10 }]).holds).toBe(false);
});

test('a line has the name, the ratio, the target, the floor and the spread, and what could not be measured says why', () => {
  expect(line(result(about, [{ ours: 160, floor: 100 }]))).toMatch(/^synth +1\.6 × +OVER 1\.5 × +floor 100 ms +spread 1\.6 to 1\.6$/);
  expect(line(result({ ...about, bound: 'the engine' }, [{ ours: 160, floor: 100 }]))).toMatch(/bounded: the engine$/);
  expect(line(missed(about, 'run it as root'))).toMatch(/^synth +missed: run it as root$/);
  expect(round(1234.5)).toBe('1235');
});

test('the picture shows every result, those without a figure too', () => {
  const svg = drawPicture([result(about, [{ ours: 1, floor: 1 }]), missed({ ...about, name: 'scaling' }, 'no root')]);
  expect(svg).toContain('1 × of 1.5 ×');
  expect(svg).toContain('>scaling</text>');
});

test('every benchmark is explained on the page about performance', () => {
  const page = readFileSync(join(root, 'docs', 'performance.md'), 'utf8');
  const sources = readFileSync(join(root, 'bench', 'benchmarks', 'index.mjs'), 'utf8').matchAll(/from '\.\/([\w-]+)\.mjs'/g);
  const written = [...sources].map(([, name]) => readFileSync(join(root, 'bench', 'benchmarks', `${name}.mjs`), 'utf8')).join('\n');
  const names = [...written.matchAll(/(?:names = \[|name: )('[a-z0-9-]+'(?:, '[a-z0-9-]+')*)/g)].flatMap(([, list]) => list!.replaceAll("'", '').split(', '));
  expect(names.length).toBeGreaterThan(10);
  expect(names.filter(name => !page.includes(`\`${name}\``))).toEqual([]);
});
