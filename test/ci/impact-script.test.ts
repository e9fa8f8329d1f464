import { readdirSync } from 'node:fs';

import { MARKDOWN_MARKER } from '../../src';
import { Repository, type Definition } from './repository';

jest.setTimeout(120_000);

let repository: Repository;
afterEach(() => repository.dispose());

const changes: readonly (readonly [string, Definition | undefined, Definition, number])[] = [
  ['3 → 5 loses nothing', 'base', 'head', 0],
  ['5 → 3 is not confirmed', 'head', 'base', 5],
  ['a confirmed 5 → 3 tolerates less', 'head', 'confirmed', 6],
  ['5 → 4 with a reason tolerates less', 'head', 'even', 6],
  ['a first definition loses nothing', undefined, 'base', 0],
];

test.each(changes)('%s', async (_, from, to, status) => {
  repository = await Repository.create();
  await repository.propose(from, to);
  const { code, text } = await repository.run('ci/impact.sh main change report');
  expect({ code, text }).toMatchObject({ code: status });
  expect(repository.read('report/impact.md').startsWith(MARKDOWN_MARKER)).toBe(true);
  expect(JSON.parse(repository.read('report/impact.json'))).toMatchObject({ cluster: 'prod' });
  expect(await repository.succeed('git worktree list')).toMatch(/^.*\n$/);
});

test('a project in a folder of the repository, and a milder --fail-on', async () => {
  repository = await Repository.create('clusters/prod');
  await repository.propose('head', 'confirmed');
  expect(await repository.run('ci/impact.sh main change report', { FAIL_ON: 'unconfirmed' })).toMatchObject({ code: 0 });
});

test('a definition that is refused is a report as well, and its text is shown as it is', async () => {
  repository = await Repository.create();
  await repository.propose('base', () => repository.write('cluster.ts', repository.read('cluster.ts').replace(/.*'m3'.*\n/, '')));
  const { code } = await repository.run('ci/impact.sh main change report');
  expect(code).toBe(3);
  const report = repository.read('report/impact.md');
  expect(report.split('\n').slice(0, 3)).toEqual([MARKDOWN_MARKER, '### Quorum impact: the definition of this change cannot be synthesised', '']);
  expect(report.split('\n').slice(3).filter((line) => line !== '').every((line) => line.startsWith('    '))).toBe(true);
  expect(report).toContain("management pool 'management' (2 nodes)");
});

test('a base that cannot be synthesised cannot be told from', async () => {
  repository = await Repository.create();
  repository.declare('base');
  repository.write('cluster.ts', 'throw new Error("broken before");');
  await repository.propose(undefined, 'head');
  const { code } = await repository.run('ci/impact.sh main change report');
  expect(code).toBe(2);
  expect(repository.read('report/impact.md')).toContain('broken before');
});

test('a report of an earlier run does not stay', async () => {
  repository = await Repository.create();
  await repository.propose('base', () => repository.write('cluster.ts', 'broken('));
  repository.write('impact.json', '{}', 'report');
  await repository.run('ci/impact.sh main change report');
  expect(readdirSync(`${repository.folder}/report`)).toEqual(['impact.md']);
});
