import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

interface Store {
  readonly labCache: string;
  stored(name: string, make: (path: string) => Promise<void>): Promise<string>;
  publish(path: string, target: string): void;
  discardInterrupted(): Promise<void>;
}

let scratch: string;
let store: Store;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'lab-parts-'));
  const before = process.env.XDG_CACHE_HOME;
  process.env.XDG_CACHE_HOME = scratch;
  store = jest.requireActual<Store>('../../scripts/lab-parts/store.mjs');
  if (before === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = before;
});
afterAll(() => rmSync(scratch, { recursive: true }));

const inStore = () => readdirSync(join(store.labCache, 'store'));

test('a part is made once for each version', async () => {
  let made = 0;
  const make = async (path: string) => {
    made += 1;
    writeFileSync(path, 'part');
  };
  const first = await store.stored('tool-v1', make);
  expect(await store.stored('tool-v1', make)).toBe(first);
  expect(made).toBe(1);
  await store.stored('tool-v2', make);
  expect(made).toBe(2);
});

test('a part that could not be finished leaves nothing that looks done', async () => {
  const failing = store.stored('broken-v1', async (path) => {
    writeFileSync(path, 'half');
    throw new Error('the disk is full');
  });
  await expect(failing).rejects.toThrow('the disk is full');
  expect(inStore().filter((name) => name.includes('broken'))).toEqual([]);
});

(process.platform === 'linux' ? test : test.skip)('what a killed run left half made is removed, and what another run is making stays', async () => {
  const dead = spawnSync('true').pid;
  await store.stored('tool-v1', async () => undefined);
  for (const pid of [dead, process.ppid]) writeFileSync(join(store.labCache, 'store', `.partial-${pid}-tool-v3`), 'half');
  await store.discardInterrupted();
  expect(inStore().filter((name) => name.startsWith('.partial'))).toEqual([`.partial-${process.ppid}-tool-v3`]);
});

test('a new version takes the plain name in one step, and whoever has the old one open keeps it', () => {
  const [old, fresh, target] = ['old', 'fresh', 'plain'].map((name) => join(scratch, name)) as [string, string, string];
  writeFileSync(old, 'old');
  writeFileSync(fresh, 'fresh');
  store.publish(old, target);
  store.publish(fresh, target);
  expect(readFileSync(target, 'utf8')).toBe('fresh');
  expect(readFileSync(old, 'utf8')).toBe('old');
  expect(statSync(target).ino).toBe(statSync(fresh).ino);
});

test('a machine that cannot carry the lab is told everything it lacks at once, and nothing is made', () => {
  const script = resolve(__dirname, '../../scripts/lab-parts.mjs');
  const cache = join(scratch, 'untouched');
  const { status, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8', env: { PATH: '/nonexistent', XDG_CACHE_HOME: cache } });
  expect(status).toBe(1);
  expect(stderr).toContain('go (not on PATH): Kubernetes, etcd and the images are built from Go modules; install Go 1.24 or newer');
  expect(stderr).toMatch(/systemd-nspawn.* \(not on PATH\): .*; install what this distribution calls systemd-container/);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(existsSync(cache)).toBe(false);
});

test('an image archive holds one executable, and the same binary makes the same archive', async () => {
  const { makeImage } = jest.requireActual<{ makeImage(image: { binary: string; reference: string; archive: string }): Promise<void> }>('../lab/images/make-image.mjs');
  const binary = join(scratch, 'binary');
  const [archive, again] = ['one.tar', 'two.tar'].map((name) => join(scratch, name)) as [string, string];
  writeFileSync(binary, Buffer.alloc(1000, 7));
  await makeImage({ binary, reference: 'lab.local/thing:1', archive });
  await makeImage({ binary, reference: 'lab.local/thing:1', archive: again });
  expect(readFileSync(archive).equals(readFileSync(again))).toBe(true);

  const tar = (...args: string[]) => spawnSync('tar', args, { encoding: 'buffer' });
  const [{ Config, RepoTags, Layers }] = JSON.parse(tar('-xOf', archive, 'manifest.json').stdout.toString());
  expect(RepoTags).toEqual(['lab.local/thing:1']);
  const layer = join(scratch, 'layer.tar');
  writeFileSync(layer, tar('-xOf', archive, Layers[0]).stdout);
  expect(tar('-tvf', layer).stdout.toString()).toMatch(/^-rwxr-xr-x .* 1000 .* entrypoint\n$/);
  const { config, rootfs } = JSON.parse(tar('-xOf', archive, Config).stdout.toString());
  expect(config.Entrypoint).toEqual(['/entrypoint']);
  expect(rootfs.diff_ids).toEqual([`sha256:${spawnSync('sha256sum', [layer], { encoding: 'utf8' }).stdout.slice(0, 64)}`]);
});
