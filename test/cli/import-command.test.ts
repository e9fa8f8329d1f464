import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { main } from '../../src/cli/main';
import { cluster, filesOf, removeFolders } from '../adapters/rehearsal/cluster-fixture';

/** A key that nobody takes. */
const KEY = join(mkdtempSync(join(tmpdir(), 'llmos-nodes-key-')), 'key');
writeFileSync(KEY, generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs1', format: 'pem' } }).privateKey, { mode: 0o600 });
afterAll(() => rmSync(dirname(KEY), { recursive: true }));

const printed: string[] = [];
let folder: string;

beforeEach(() => {
  printed.length = 0;
  folder = mkdtempSync(join(tmpdir(), 'llmos-nodes-import-'));
  for (const method of ['log', 'error'] as const) jest.spyOn(console, method).mockImplementation((...words: unknown[]) => { printed.push(words.map(String).join(' ')); });
});
afterEach(() => {
  process.exitCode = undefined;
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
  removeFolders();
});

async function importing(...args: string[]): Promise<string> {
  await main(['node', 'llmos-nodes', 'import', join(folder, 'prod'), ...args]);
  return printed.join('\n');
}

test('a cluster is written down as a project, and not touched', async () => {
  const rehearsed = await cluster(['m1', 'm2', 'm3', 'w1']);
  const before = filesOf(rehearsed.folder);
  expect(await importing('--rehearsal', rehearsed.folder, '--registration-address', 'prod.example.com')).toContain('Pools in cluster.ts: management (m1, m2, m3); workers (w1)\n');
  expect(process.exitCode).toBeUndefined();
  expect(filesOf(rehearsed.folder)).toEqual(before);
  const text = (name: string) => readFileSync(join(folder, 'prod', name), 'utf8');
  expect(text('cluster.ts')).toContain("registrationAddress: 'prod.example.com',");
  expect(text('index.ts')).toContain("connection: { user: 'root' },");
  expect(text('Pulumi.yaml')).toContain('name: prod\n');
});

test('what is there already is not written over, and then nothing is written', async () => {
  const rehearsed = await cluster(['m1']);
  await importing('--rehearsal', rehearsed.folder);
  const files = readdirSync(join(folder, 'prod'));
  writeFileSync(join(folder, 'prod', 'cluster.ts'), 'mine');
  expect(await importing('--rehearsal', rehearsed.folder)).toContain('it already holds .github/workflows/preview.yml');
  expect(process.exitCode).toBe(1);
  expect(readFileSync(join(folder, 'prod', 'cluster.ts'), 'utf8')).toBe('mine');
  expect(readdirSync(join(folder, 'prod'))).toEqual(files);
});

test('a cluster that the definition would not take is refused with the reasons, and nothing is written', async () => {
  const rehearsed = await cluster(['m1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7', 'm8']);
  expect(await importing('--rehearsal', rehearsed.folder)).toMatch(
    /^llmos-nodes: cluster 'prod': it cannot be declared as it is, and nothing was written; change this in the cluster, then import it again:\n {2}- \[prod\/management\] management pool 'management' \(8 nodes\): [^\n]+$/);
  expect(readdirSync(folder)).toEqual([]);
});

test.each<[string, readonly string[], RegExp]>([
  ['a name that no cluster can have', ['--name', 'Prod'], /^llmos-nodes: project name \(Prod\): /],
  ['a kubeconfig that is not there', ['--kubeconfig', '/not/there.yaml'], /^llmos-nodes: kubeconfig \(\/not\/there\.yaml\): there is no such file; /],
  ['a rehearsal that is not there', ['--rehearsal', '/not/there'], /^llmos-nodes: rehearsal \(\/not\/there\): there is no such folder; /],
  ['a login that is none', ['--ssh', 'ssh://ops@m1'], /^llmos-nodes: --ssh \(ssh:\/\/ops@m1\): it is no login on a host; write it like 'ops@10\.0\.0\.11'/],
  ['a host that does not answer', ['--ssh', 'ops@127.0.0.1:1', '--identity', KEY], /^llmos-nodes: host ops@127\.0\.0\.1:1: it does not answer over SSH[^\n]*$/],
])('%s is one message, and nothing is written', async (_, args, message) => {
  expect(await importing(...args)).toMatch(message);
  expect(process.exitCode).toBe(1);
  expect(readdirSync(folder)).toEqual([]);
});
