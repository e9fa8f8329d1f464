import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { EngineUnavailable, engine } from '../../scripts/engine.mjs';
import { COMPANIONS, atLeast, cacheFolder, engineIn, pinnedVersion } from '../../scripts/engine-files.mjs';
import { archiveName, checksumOf } from '../../scripts/engine-download.mjs';
import { Explained } from '../../scripts/main.mjs';

type Way = NonNullable<NonNullable<Parameters<typeof engine>[0]>['ways']>['ready'][number];

const log = () => {};
const lock = <T,>(_name: string, work: () => Promise<T>) => work();
const found = (source: Way['source']): Way => ({ source, name: source, find: async () => ({ pulumi: `/opt/${source}/pulumi`, version: '3.200.0' }) });
const absent = (source: Way['source'], reason: string): Way => ({ source, name: source, find: async () => { throw new Explained(reason); } });

test('an engine on PATH is taken before the cache, and nothing is made', async () => {
  const made: Way = { source: 'built', name: 'built', find: () => { throw new Error('must not be asked'); } };
  const { pulumi, source, env } = await engine({ log, lock, ways: { ready: [found('path'), found('cache')], made: [made] } });
  expect({ pulumi, source }).toEqual({ pulumi: '/opt/path/pulumi', source: 'path' });
  expect(env.PATH?.split(delimiter)[0]).toBe('/opt/path');
});

test('the official download is tried before a build, and a build when the download fails', async () => {
  const ready = [absent('path', 'too old'), absent('cache', 'empty')];
  await expect(engine({ log, lock, ways: { ready, made: [found('download'), found('built')] } })).resolves.toMatchObject({ source: 'download' });
  await expect(engine({ log, lock, ways: { ready, made: [absent('download', 'no route'), found('built')] } })).resolves.toMatchObject({ source: 'built' });
});

test('an engine that another process made while we waited for the lock is used', async () => {
  let asked = 0;
  const cache: Way = { ...found('cache'), find: async () => { if (asked++ === 0) throw new Explained('empty'); return { pulumi: '/opt/cache/pulumi', version: '3.200.0' }; } };
  const { source } = await engine({ log, lock, ways: { ready: [cache], made: [found('built')] } });
  expect(source).toBe('cache');
});

test('without any engine the error says once what was tried, why each failed and what to install', async () => {
  const ways = { ready: [absent('path', 'no pulumi there')], made: [absent('download', 'no answer\nfrom the host'), absent('built', 'Go is not installed')] };
  const error = await engine({ log, lock, ways }).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(EngineUnavailable);
  expect((error as Error).message).toBe([
    'No Pulumi engine (3.150.0 or newer, with its Node language host) could be had:',
    '  - path: no pulumi there',
    '  - download: no answer',
    '    from the host',
    '  - built: Go is not installed',
    'Install the Pulumi CLI (https://www.pulumi.com/docs/install/) and run this again;',
    'where only a Go module proxy can be reached, install Go 1.24 or newer, and it is built here.',
  ].join('\n'));
});

test('a mistake of our own is not reported as a missing engine', async () => {
  const broken: Way = { source: 'path', name: 'path', find: async () => { throw new TypeError('a mistake'); } };
  await expect(engine({ log, lock, ways: { ready: [broken], made: [] } })).rejects.toThrow(TypeError);
});

test.each([
  ['3.200.0', '3.150.0', true], ['v3.150.0', '3.150.0', true], ['3.149.9', '3.150.0', false], ['4.0.0', '3.150.0', true],
  ['2.999.0', '3.150.0', false], ['3.200.0-dev.1', '3.150.0', true], ['3.9.0', '3.150.0', false],
])('version %s counts as at least %s: %s', (version, floor, expected) => {
  expect(atLeast(version, floor)).toBe(expected);
});

test('the cache is kept per version and platform, where the user keeps caches', () => {
  expect(pinnedVersion()).toMatch(/^3\.\d+\.\d+$/);
  expect(cacheFolder({ XDG_CACHE_HOME: '/var/caches' })).toBe(`/var/caches/llmos-nodes/engine/${pinnedVersion()}-${process.platform}-${process.arch}`);
});

test('the release of a platform has the name Pulumi gives it', () => {
  expect(archiveName('3.200.0', 'linux', 'x64')).toBe('pulumi-v3.200.0-linux-x64.tar.gz');
  expect(archiveName('3.200.0', 'darwin', 'arm64')).toBe('pulumi-v3.200.0-darwin-arm64.tar.gz');
});

test('a checksum is found by the whole file name', () => {
  const list = 'AA11  pulumi-v3.200.0-linux-x64.tar.gz\nbb22 *pulumi-v3.200.0-linux-arm64.tar.gz\ncc33  pulumi-v3.200.0-linux-x64.tar.gz.sig\n';
  expect(checksumOf('pulumi-v3.200.0-linux-x64.tar.gz', list)).toBe('aa11');
  expect(checksumOf('pulumi-v3.200.0-linux-arm64.tar.gz', list)).toBe('bb22');
  expect(checksumOf('pulumi-v3.200.0-darwin-x64.tar.gz', list)).toBeUndefined();
});

describe('a folder with an engine', () => {
  let folder: string;
  const program = (name: string, script: string) => writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const companions = () => COMPANIONS.forEach((name) => program(name, 'true'));
  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'llmos-nodes-engine-')); });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('is usable when it is new enough and complete', async () => {
    program('pulumi', 'echo v3.210.1');
    companions();
    await expect(engineIn([folder])).resolves.toEqual({ pulumi: join(folder, 'pulumi'), version: '3.210.1' });
  });

  test('is refused when it is too old', async () => {
    program('pulumi', 'echo v3.100.0');
    companions();
    await expect(engineIn([folder])).rejects.toThrow('is version 3.100.0, and 3.150.0 or newer is needed');
  });

  test('is refused without the host of the language, which is named', async () => {
    program('pulumi', 'echo v3.210.1');
    await expect(engineIn([folder])).rejects.toThrow(`comes without ${COMPANIONS.join(', ')}`);
  });

  test('is refused when the program does not run on this machine', async () => {
    program('pulumi', 'echo cannot execute >&2; exit 126');
    companions();
    await expect(engineIn([folder])).rejects.toThrow(/failed \(exit 126\):\n\s+cannot execute/);
  });
});
