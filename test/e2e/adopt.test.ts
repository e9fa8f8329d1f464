import { mkdtempSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { openRehearsal } from '../../src/adapters/rehearsal';
import { Deadline } from '../../src/membership/deadline';
import { Stack, describeWithEngine } from './stack';

jest.setTimeout(180_000);

const root = join(__dirname, '..', '..');
const M1 = 'https://192.0.2.11:6443';
/** As LLMOS's own guide has it: nothing of ours is in these files. */
const CONFIGS = {
  m1: { address: '192.0.2.11', config: () => 'role: cluster-init\nnodeName: m1\nkubernetesVersion: v1.34.4+k3s1\n' },
  m2: { address: '192.0.2.12', config: (token: string) => `role: server\nserver: ${M1}\ntoken: ${token}\nnodeName: m2\n` },
  m3: { address: '192.0.2.13', config: (token: string) => `role: server\nserver: ${M1}\ntoken: ${token}\nnodeName: m3\n` },
  w1: { address: '192.0.2.21', config: (token: string) => `role: agent\nserver: ${M1}\ntoken: ${token}\nnodeName: w1\nlabels: [rack=r1]\n` },
};

describeWithEngine('a cluster that somebody made by hand', () => {
  let folder: string;
  let maker: Stack;
  let stack: Stack;
  let imported: { code: number | null; text: string };

  /** What the machines have on them, by address. */
  const machines = (): Record<string, unknown> => Object.fromEntries(readdirSync(join(maker.rehearsal, 'machines')).sort()
    .map(file => [file, JSON.parse(readFileSync(join(maker.rehearsal, 'machines', file), 'utf8'))]));

  beforeAll(async () => {
    // Below the repository, where the program finds the library.
    mkdirSync(join(root, '.llmos-nodes'), { recursive: true });
    folder = mkdtempSync(join(root, '.llmos-nodes', 'adopt-'));
    maker = new Stack();
    await byHand(maker.rehearsal);
    imported = await maker.llmosNodes('import', join(folder, 'prod'), '--rehearsal', maker.rehearsal);
    stack = await Stack.create(undefined, join(folder, 'prod'));
    stack.set('llmos:rehearsal', maker.rehearsal);
  });

  afterAll(() => {
    stack?.dispose();
    maker?.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  test('is written down as a project', () => {
    expect(imported).toMatchObject({ code: 0 });
    expect(imported.text).toContain('Pools in cluster.ts: management (m1, m2, m3); rack-r1 (w1)');
    expect(readFileSync(join(folder, 'prod', 'cluster.ts'), 'utf8')).toContain("{ name: 'm2', address: '192.0.2.12' },");
  });

  test('is not written over a project that is there', async () => {
    const again = await stack.llmosNodes('import', join(folder, 'prod'), '--rehearsal', maker.rehearsal);
    expect(again.code).toBe(1);
    expect(again.text).toContain('and nothing is overwritten; name a new folder, or move those files away');
  });

  test('is adopted by the first up, which touches no machine', async () => {
    const before = machines();
    const up = await stack.up();
    expect(up).toMatchObject({ code: 0 });
    expect(up.text).not.toMatch(/installing LLMOS|pointing management nodes/);
    expect(machines()).toEqual(before);
    expect(await stack.nodes()).toEqual(['m1', 'm2', 'm3', 'w1']);
  });

  test('has nothing left to do afterwards', async () => {
    expect(await stack.preview('--expect-no-changes')).toMatchObject({ code: 0 });
  });
});

/** Sets LLMOS up on four machines, one after the other. */
async function byHand(rehearsal: string): Promise<void> {
  const scene = openRehearsal(rehearsal);
  let token = '';
  for (const [name, { address, config }] of Object.entries(CONFIGS)) {
    const machine = scene.machine({ name, address });
    await machine.writeConfig(config(token));
    await machine.install({});
    await machine.waitForBootstrap(() => undefined, new Deadline(20));
    if (token === '') token = await machine.joinToken();
  }
  const api = scene.api();
  for (const name of Object.keys(CONFIGS)) {
    await api.waitForNode(name, view => (view?.ready && (view.role === 'worker' || view.etcdIsVoter) ? { done: true } : { done: false, reason: 'it joins' }), new Deadline(20));
  }
  await api.close();
}
