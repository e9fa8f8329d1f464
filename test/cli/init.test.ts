import { mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import promises from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { parse } from 'yaml';

import { requireProjectName } from '../../src/cli/project-name';
import { writeProject } from '../../src/cli/write-project';

let folder: string;

beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'llmos-nodes-init-')); });
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

const allFiles = () => readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => !entry.isDirectory()).map(({ name }) => name).sort();

test('a new project is whole, with the names of dot files put back', async () => {
  expect(await writeProject(join(folder, 'prod'), 'prod')).toEqual([
    '.github/workflows/preview.yml', '.gitignore', 'cdk8s.yaml', 'cluster.ts', 'index.ts', 'main.ts', 'package.json',
    'Pulumi.rehearsal.yaml', 'Pulumi.yaml', 'tsconfig.json',
  ]);
});

test('its name is the cluster\'s and the Pulumi project\'s, and nothing is left to fill in', async () => {
  const files = await writeProject(folder, 'prod');
  const text = (path: string) => readFileSync(join(folder, path), 'utf8');
  expect(text('cluster.ts')).toContain("new ClusterChart(app, 'prod', {");
  expect(parse(text('Pulumi.yaml'))).toMatchObject({ name: 'prod' });
  for (const path of files) expect(text(path)).not.toMatch(/\{\{\w/);
});

test('a project may be called like a package, although npm installs none under its own name', async () => {
  await writeProject(folder, 'cdk8s');
  const { name, dependencies, devDependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  expect(Object.keys({ ...dependencies, ...devDependencies })).not.toContain(name);
});

test('a file that is there already is named, and then nothing is written', async () => {
  writeFileSync(join(folder, 'index.ts'), 'mine');
  await expect(writeProject(folder, 'prod')).rejects.toThrow(`folder (${folder}): it already holds index.ts, and nothing is overwritten; name a new folder, or move those files away`);
  expect(allFiles()).toEqual(['index.ts']);
  expect(readFileSync(join(folder, 'index.ts'), 'utf8')).toBe('mine');
});

test('a link that leads nowhere is not written through', async () => {
  symlinkSync(join(folder, 'elsewhere'), join(folder, 'cluster.ts'));
  await expect(writeProject(folder, 'prod')).rejects.toThrow('it already holds cluster.ts');
  expect(allFiles()).toEqual(['cluster.ts']);
});

test('a file where the folder should be is said, and it stays', async () => {
  const target = join(folder, 'prod');
  writeFileSync(target, 'mine');
  await expect(writeProject(target, 'prod')).rejects.toThrow(`folder (${target}): a file is where a folder should be; name another folder`);
  expect(readFileSync(target, 'utf8')).toBe('mine');
});

test('what was written before a failure is taken back', async () => {
  const { open } = promises;
  jest.spyOn(promises, 'open').mockImplementation(async (...args) => {
    const file = await open(...args);
    if (String(args[0]).endsWith('main.ts')) file.writeFile = () => Promise.reject(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }));
    return file;
  });
  await expect(writeProject(folder, 'prod')).rejects.toThrow(`folder (${folder}): it cannot be written (ENOSPC); name another folder; nothing was written`);
  expect(allFiles()).toEqual([]);
});

test.each(['Prod', '1prod', 'prod-', 'my cluster', '', 'a'.repeat(41)])('%j is no name of a project', name => {
  expect(() => requireProjectName(name)).toThrow(/^project name \(.*\): it is also the cluster's name.*; choose one with --name/);
});

test.each(['a', 'prod', 'prod-eu-1', 'a'.repeat(40)])('%j is a name of a project', name => {
  expect(requireProjectName(name)).toBe(name);
});
