import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { parse } from 'yaml';
import { openRehearsal } from '../../../src/adapters/rehearsal';
import { underLock } from '../../../src/adapters/rehearsal/folder-lock';
import { AT_ONCE, begin, cluster, filesOf, initialise, join, joining, machine, rehearsal, removeFolders, settled, soon } from './cluster-fixture';

afterAll(removeFolders);
const OTHER_PROCESS = ['-r', require.resolve('ts-node/register/transpile-only'), joinPath(__dirname, 'other-process.ts')];

/** Another process works on the folder and ends. */
function inOtherProcess(...args: string[]): Promise<number | null> {
  return new Promise(resolve => spawn(process.execPath, [...OTHER_PROCESS, ...args], { stdio: 'inherit' }).once('exit', resolve));
}

/** The id of a process that has ended. */
function deadProcess(): number {
  return spawnSync(process.execPath, ['-e', '']).pid;
}

test('everything there is to know is in the folder, so that opening it again shows the same', async () => {
  const rehearsed = await cluster(['m1', 'w1']);
  const again = openRehearsal(rehearsed.folder);
  expect(await again.api().nodes()).toEqual(await rehearsed.api().nodes());
});

test('a join goes on and is seen to its end by another process than the one that began it', async () => {
  const rehearsed = await cluster(['m1']);
  expect(await inOtherProcess('begin', rehearsed.folder, 'w1', '10.0.2.1', '10.0.1.1')).toBe(0);
  await machine(rehearsed, 'w1').waitForBootstrap(() => undefined, soon());
  await rehearsed.api().waitForNode('w1', settled, soon());
});

test('several processes at once lose none of each other\'s changes', async () => {
  const rehearsed = await cluster(['m1']);
  const ours = (async () => {
    for (let count = 0; count < 40; count++) await rehearsed.api().fence(`here-${count}`);
  })();
  const codes = await Promise.all([ours, inOtherProcess('fence', rehearsed.folder, 'a', '40'), inOtherProcess('fence', rehearsed.folder, 'b', '40')]);
  expect(codes.slice(1)).toEqual([0, 0]);
  expect(await rehearsed.api().fencedNames()).toHaveLength(120);
});

test('a wait sees what another process changes', async () => {
  const rehearsed = await cluster(['m1']);
  const cordoned = rehearsed.api().waitForNode('m1', node => (node?.unschedulable ? { done: true } : { done: false, reason: 'open' }), soon());
  expect(await inOtherProcess('cordon', rehearsed.folder, 'm1')).toBe(0);
  await cordoned;
});

test('the lock of a killed process is broken', async () => {
  const rehearsed = await cluster(['m1']);
  writeFileSync(joinPath(rehearsed.folder, 'lock'), `${deadProcess()} 123`);
  expect(await rehearsed.api().nodes()).toHaveLength(1);
  expect(readdirSync(rehearsed.folder).filter(name => name.startsWith('lock'))).toEqual([]);
});

test('the lock of a living process is waited for', async () => {
  const rehearsed = await cluster(['m1']);
  const path = joinPath(rehearsed.folder, 'lock');
  // This process lives, so only its own release ends the wait.
  writeFileSync(path, `${process.pid} somebody`);
  const waiting = rehearsed.api().nodes();
  const first = await Promise.race([waiting.then(() => 'answered'), new Promise(resolve => setImmediate(() => resolve('waiting')))]);
  expect(first).toBe('waiting');
  expect(readFileSync(path, 'utf8')).toBe(`${process.pid} somebody`);
  spawnSync('rm', [path]);
  expect(await waiting).toHaveLength(1);
});

test('what is done under the lock is done alone, and a failure gives it back', async () => {
  const rehearsed = await rehearsal();
  const path = joinPath(rehearsed.folder, 'other.lock');
  await expect(underLock(path, () => { throw new Error('failed'); })).rejects.toThrow('failed');
  await underLock(path, () => expect(existsSync(path)).toBe(true));
  expect(existsSync(path)).toBe(false);
});

test('a change of several files that a killed process began is finished by the next one', async () => {
  const rehearsed = await cluster(['m1', 'w1']);
  const files = filesOf(rehearsed.folder);
  const [path] = [...files.keys()].filter(file => file.endsWith('w1.json'));
  const clusters = JSON.parse(files.get('clusters.json')!);
  clusters[0].removedNodes = { w1: '2026-05-01T08:00:00.000Z' };
  writeFileSync(joinPath(rehearsed.folder, 'commit.json'), JSON.stringify({ 'clusters.json': JSON.stringify(clusters), [path!]: null }));
  expect(await rehearsed.api().fencedNames()).toEqual(['w1']);
  expect(await rehearsed.api().node('w1')).toBeUndefined();
  expect([...filesOf(rehearsed.folder).keys()]).not.toContain('commit.json');
});

test('what happens by itself happens although everything that is asked for fails', async () => {
  const rehearsed = await cluster(['m1', 'm2'], { ...AT_ONCE, bootSeconds: 0.01 });
  const path = joinPath(rehearsed.folder, 'faults.yaml');
  const everythingFine = readFileSync(path, 'utf8');
  await rehearsed.kill('m2');
  writeFileSync(path, everythingFine);
  // Each of these questions brings the simulation up to date and fails, until m2 has started.
  const answer = () => rehearsed.api().nodes().catch(() => undefined);
  let tries = 0;
  while ((await answer()) === undefined && tries < 2_000) tries++;
  expect(tries).toBeGreaterThan(0);
  expect(tries).toBeLessThan(2_000);
});

test('the join token is in the file of secrets alone, which only its owner may read', async () => {
  const rehearsed = await rehearsal();
  await initialise(rehearsed, 'm1', { token: 'a-token-that-is-easy-to-find' });
  await join(rehearsed, ['m2', 'w1']);
  await begin(rehearsed, 'w2', { ...(await joining(rehearsed, 'w2')), token: 'another-token-to-look-for' });
  const holders = [...filesOf(rehearsed.folder)].filter(([, text]) => /easy-to-find|to-look-for/.test(text)).map(([path]) => path);
  expect(holders).toEqual(['secrets.json']);
  expect(statSync(joinPath(rehearsed.folder, 'secrets.json')).mode & 0o777).toBe(0o600);
});

test('a fault can be written into the file by hand, under the machine\'s name or address', async () => {
  const rehearsed = await cluster(['m1', 'w1', 'w2'], AT_ONCE);
  const path = joinPath(rehearsed.folder, 'faults.yaml');
  writeFileSync(path, `${readFileSync(path, 'utf8')}w1: { dead: true }\n10.0.2.2:\n  notReady: disk is full\n`);
  const nodes = await rehearsed.api().nodes();
  expect(nodes.map(({ name, notReadyReason }) => ({ name, notReadyReason }))).toEqual([
    { name: 'm1', notReadyReason: '' }, { name: 'w1', notReadyReason: 'Kubelet stopped posting node status.' }, { name: 'w2', notReadyReason: 'disk is full' },
  ]);
});

test('a fault set by the program leaves the comments and faults of a person as they are', async () => {
  const rehearsed = await rehearsal({});
  const path = joinPath(rehearsed.folder, 'faults.yaml');
  writeFileSync(path, '# tonight\nm2: { lagging: true } # on purpose\n');
  await rehearsed.setFaults('m3', { dead: true });
  await rehearsed.setFaults('m3', { dead: undefined });
  await rehearsed.setFaults('m2', { unhealthy: true });
  expect(readFileSync(path, 'utf8')).toBe('# tonight\nm2: { lagging: true, unhealthy: true } # on purpose\n');
});

test('words in the faults that mean nothing are refused, all at once', async () => {
  const rehearsed = await cluster(['m1']);
  const path = joinPath(rehearsed.folder, 'faults.yaml');
  writeFileSync(path, 'm1: { ded: true, gpus: many }\nCluster: { apiAway: 1 }\nWorkloads: [{ name: web, count: 3 }]\nm2: dead\n');
  await expect(rehearsed.api().nodes()).rejects.toThrow(
    'faults.yaml (Cluster.apiAway is not a boolean; Workloads.count is unknown; m1.ded is unknown; m1.gpus is not a number; m2 has no settings): the rehearsal does not know what that means',
  );
  writeFileSync(path, 'm1: { dead: ');
  await expect(rehearsed.api().nodes()).rejects.toThrow(/^faults.yaml \(.*\): it is not YAML; correct it$/);
  writeFileSync(path, 'm1:\n');
  expect(await rehearsed.api().nodes()).toHaveLength(1);
});

test('a fault the program may not set is refused and changes nothing', async () => {
  const rehearsed = await rehearsal({});
  await expect(rehearsed.setFaults('m1', { dead: 'yes' } as never)).rejects.toThrow('m1.dead is not a boolean');
  expect(parse(filesOf(rehearsed.folder).get('faults.yaml') ?? '{}')).toEqual({});
});

test('a file of the folder that was damaged is named', async () => {
  const rehearsed = await cluster(['m1']);
  writeFileSync(joinPath(rehearsed.folder, 'clusters.json'), '[');
  await expect(rehearsed.api().nodes()).rejects.toThrow("rehearsal file 'clusters.json': it is not JSON any more");
});
