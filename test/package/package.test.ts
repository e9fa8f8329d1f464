import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describeWithEngine } from '../e2e/stack';
import { Workshop, succeed, type Project } from './workshop';

jest.setTimeout(180_000);

const PUBLIC_NAMES = ['Cluster', 'ClusterChart', 'checkRemoval', 'failureTolerance', 'majority', 'planTransition'];

const workshop = new Workshop();

beforeAll(() => workshop.pack());
afterAll(() => workshop.dispose());

test('the tarball holds what is needed to use the library, and nothing else', async () => {
  const files = await workshop.packedFiles();
  const expected = /^(package\.json|README\.md|LICENSE|bin\/llmos-nodes\.js|lib\/.+\.(js|d\.ts)|policy\/(index\.js|package\.json|PulumiPolicy\.yaml)|schemas\/.+\.json|templates\/project\/.+)$/;
  expect(files.filter(file => !expected.test(file))).toEqual([]);
  expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'lib/index.js', 'lib/index.d.ts', 'templates/project/gitignore']));
});

test('the path that states of Pulumi refer to is in it', async () => {
  expect(await workshop.packedFiles()).toContain('lib/pulumi/handlers.js');
});

test('the command says what it can do', async () => {
  const text = await succeed(workshop.command('--help'));
  expect(text).toContain('write a new project');
  expect(text).toContain('show the nodes of a cluster and its quorum');
});

describe('a project that llmos-nodes init wrote', () => {
  let project: Project;

  beforeAll(async () => {
    project = await workshop.init('with-npm');
    await project.install();
  });

  test('finds the names other programs rely on', async () => {
    const script = `const library = require('llmos-nodes'); console.log(${JSON.stringify(PUBLIC_NAMES)}.filter(name => typeof library[name] === 'function').join())`;
    expect(await succeed(project.run(process.execPath, ['-e', script]))).toBe(`${PUBLIC_NAMES.join()}\n`);
  });

  test('finds them by name from an ES module as well', async () => {
    const script = `import { ${PUBLIC_NAMES.join(', ')} } from 'llmos-nodes'; console.log([${PUBLIC_NAMES.join(', ')}].every(each => typeof each === 'function'))`;
    expect(await succeed(project.run(process.execPath, ['--input-type=module', '-e', script]))).toBe('true\n');
  });

  test('does not wait for Pulumi where only a definition is wanted', async () => {
    const script = "require('llmos-nodes'); console.log(Object.keys(require.cache).filter(file => file.includes('@pulumi')).length)";
    expect(await succeed(project.run(process.execPath, ['-e', script]))).toBe('0\n');
  });

  test('compiles as it is', async () => {
    expect(await project.npx('tsc', '-p', '.')).toEqual({ code: 0, text: '' });
  });

  test('is rendered for review by cdk8s synth', async () => {
    expect(await project.npx('cdk8s', 'synth')).toMatchObject({ code: 0 });
    expect(await readFile(join(project.folder, 'dist', 'with-npm.k8s.yaml'), 'utf8')).toContain('m3: { zone: c, address: 192.0.2.13 }');
  });

  describeWithEngine('on its rehearsal stack', () => {
    beforeAll(() => project.initStack());

    test('pulumi up makes the cluster', async () => {
      expect(await project.pulumi('up', '--yes', '--skip-preview')).toMatchObject({ code: 0 });
    });

    test('llmos-nodes nodes shows it', async () => {
      const text = await succeed(project.npx('llmos-nodes', 'nodes', '--rehearsal', '.rehearsal'));
      expect(text).toMatch(/^m3 +management +c +Ready +yes /m);
      expect(text).toMatch(/^w2 +worker +b +Ready +- /m);
      expect(text).toContain('3 management nodes: majority 2, tolerates 1 failure or the loss of any zone');
    });

    test('a preview judges it by the policy pack that the library brings', async () => {
      await succeed(project.run('npm', ['install', '--save-dev', '--prefer-offline', '--no-audit', '--no-fund', '@pulumi/policy']));
      expect(await project.previewWithPolicy()).toMatchObject({ code: 0, text: expect.stringContaining('✅ llmos-nodes@v') });
    });

    test('pulumi destroy takes it away again, once the name of the cluster was typed', async () => {
      await succeed(project.pulumi('config', 'set', 'llmos:confirmDestroy', 'with-npm'));
      expect(await project.pulumi('destroy', '--yes', '--skip-preview', '--run-program')).toMatchObject({ code: 0 });
      expect(await project.npx('llmos-nodes', 'nodes', '--rehearsal', '.rehearsal')).toMatchObject({ code: 1 });
    });
  });
});

// pnpm links packages from elsewhere, and the state's reference to this library has to be found through the links.
describeWithEngine('a project whose packages pnpm installs', () => {
  test('is carried out by pulumi up as well', async () => {
    const project = await workshop.init('with-pnpm');
    await project.installWithPnpm();
    await project.initStack();
    expect(await project.pulumi('up', '--yes', '--skip-preview')).toMatchObject({ code: 0 });
    expect(await project.npx('llmos-nodes', 'nodes', '--rehearsal', '.rehearsal')).toMatchObject({ code: 0 });
    await succeed(project.run('npx', ['--yes', 'pnpm@10', 'add', '--save-dev', '--prefer-offline', '@pulumi/policy']));
    expect(await project.previewWithPolicy()).toMatchObject({ code: 0, text: expect.stringContaining('✅ llmos-nodes@v') });
  });
});
