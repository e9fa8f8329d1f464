import { openRehearsal } from '../../src/adapters/rehearsal';
import { management, workers } from './machines';
import { Stack, describeWithEngine, type Outcome } from './stack';

jest.setTimeout(240_000);

const OLD = 'v1.34.4+k3s1';
const NEW = 'v1.34.5+k3s1';
const ALL = ['m1', 'm2', 'm3', 'w1', 'w2', 'w3', 'w4'];

interface Line {
  readonly node: string;
  readonly title: string;
}

/** What was shown as it happened, of upgrades alone: the summary at the end says it all a second time. */
function upgradeLines({ text }: Outcome): Line[] {
  return [...text.split('\nDiagnostics:')[0]!.matchAll(/\b([mw]\d) upgrading +\d+\/\d+ {2}([^:(\n]+?)(?:: [^\n]*)? {2}\(/g)].map(([, node, title]) => ({ node: node!, title: title! }));
}

/** Nodes in the order in which they were taken out of service. */
function emptied(outcome: Outcome): string[] {
  return upgradeLines(outcome).filter(({ title }) => title === 'emptying the node').map(({ node }) => node).filter((node, index, all) => all.indexOf(node) === index);
}

/** Who was out of service at the same time, largest first. */
function together(outcome: Outcome): string[][] {
  const out = new Set<string>();
  return upgradeLines(outcome).flatMap(({ node, title }) => {
    if (title === 'emptying the node') out.add(node);
    if (title === 'letting pods back') out.delete(node);
    return [[...out].sort()];
  }).sort((a, b) => b.length - a.length);
}

/** One cluster from release to release; the tests follow each other. */
describeWithEngine('an upgrade on the real engine, rehearsed', () => {
  let stack: Stack;
  const scene = () => openRehearsal(stack.rehearsal);

  function declare(kubernetesVersion: string, options: Record<string, unknown> = {}): void {
    stack.declare({ chart: { kubernetesVersion, maxUnavailable: 2 }, management: { machines: management(3) }, workers: workers(4), options });
  }

  async function versions(): Promise<Record<string, string>> {
    return Object.fromEntries((await scene().api().nodes()).map(({ name, kubeletVersion, unschedulable }) => [name, `${kubeletVersion}${unschedulable ? ' cordoned' : ''}`]));
  }

  const all = (version: string) => Object.fromEntries(ALL.map(name => [name, version]));

  beforeAll(async () => {
    stack = await Stack.create();
    declare(OLD);
    const { code, text } = await stack.up();
    expect({ code, text }).toMatchObject({ code: 0 });
    await scene().deploy({ name: 'web', replicas: 4, minAvailable: 3 });
  });

  afterAll(() => stack?.dispose());

  test.each([
    ['v1.36.0+k3s1', 'no minor version may be left out'],
    ['v1.34.3+k3s1', 'Kubernetes has no way back'],
    ['v1.34.5+rke2r1', 'does not change from k3s to rke2'],
  ])('%s is refused in the preview', async (version, reason) => {
    declare(version);
    const { code, text } = await stack.preview();
    expect(code).not.toBe(0);
    expect(text.replace(/\s+/g, ' ')).toContain(`kubernetesVersion of node 'm1' (${OLD} → ${version})`);
    expect(text.replace(/\s+/g, ' ')).toContain(reason);
    const report = await stack.llmosNodes('impact', '--stack', 'test');
    expect(report.code).toBe(3);
    expect(report.text).toContain(`(${OLD} → ${version}): `);
    expect(report.text.replace(/\s+/g, ' ')).toContain(reason);
  });

  test('the report says which version changes to which', async () => {
    declare(NEW);
    expect((await stack.llmosNodes('impact', '--stack', 'test')).text).toContain(`${OLD} → ${NEW}`);
  });

  test('with a management node down the guard refuses, and nothing was touched', async () => {
    await scene().kill('m3');
    const { code, text } = await stack.up();
    await scene().revive('m3');
    expect(code).not.toBe(0);
    expect(text).toContain('m3 is away already');
    expect(await versions()).toEqual(all(OLD));
  });

  test('a release that reached no node may be taken back', async () => {
    await scene().setFaults('m1', { releaseMissing: 'no such image' });
    declare('v1.34.9+k3s1');
    expect((await stack.up()).text).toContain('no such image');
    await scene().setFaults('m1', { releaseMissing: undefined });
    declare(NEW);
    expect(await stack.preview()).toMatchObject({ code: 0 });
    expect(await versions()).toEqual(all(OLD));
  });

  test('an upgrade that fails half-way begins no other worker', async () => {
    // Whichever two workers come first, one of these is among them, and it fails before the other could be through.
    for (const name of ['w1', 'w2', 'w3']) await scene().setFaults(name, { releaseMissing: 'no such image' });
    const outcome = await stack.up();
    expect(outcome.code).not.toBe(0);
    expect(outcome.text).toContain('no such image');
    expect(outcome.text).toContain('an earlier one failed, so this one was not begun');
    expect(emptied(outcome).slice(0, 3)).toEqual(['m1', 'm2', 'm3']);
    const found = await versions();
    expect(found).toMatchObject({ m1: NEW, m2: NEW, m3: NEW, w1: OLD, w2: OLD, w3: OLD });
  });

  test('the next run goes on with those that are left, two at a time', async () => {
    for (const name of ['w1', 'w2', 'w3']) await scene().setFaults(name, { releaseMissing: undefined });
    const before = await versions();
    const left = ALL.filter(name => before[name] === OLD);
    const outcome = await stack.up();
    expect(outcome).toMatchObject({ code: 0 });
    expect(emptied(outcome).sort()).toEqual(left);
    expect(await versions()).toEqual(all(NEW));
  });

  test('management nodes go one by one, workers after them in pairs', async () => {
    declare('v1.35.0+k3s1');
    const outcome = await stack.up();
    expect(outcome).toMatchObject({ code: 0 });
    expect(emptied(outcome).slice(0, 3)).toEqual(['m1', 'm2', 'm3']);
    expect(together(outcome)[0]).toHaveLength(2);
    for (const names of together(outcome)) expect(names.some(name => name.startsWith('m')) && names.length > 1).toBe(false);
    expect(await versions()).toEqual(all('v1.35.0+k3s1'));
  });

  test('a second run has nothing to do', async () => {
    const outcome = await stack.up();
    expect(outcome).toMatchObject({ code: 0 });
    expect(upgradeLines(outcome)).toEqual([]);
  });

  test('an upgrade that was killed while a node was out of service goes on with it, and leaves the others alone', async () => {
    declare('v1.35.1+k3s1');
    await scene().setCluster({ bootSeconds: 2 });
    const started = stack.start('up', '--yes', '--skip-preview', ...stack.configFlag);
    await new Promise<void>(resolve => started.stdout!.on('data', () => { if (/m2 upgrading +\d+\/\d+ {2}starting the release/.test(started.text())) resolve(); }));
    await stack.kill(started);
    await stack.cancel();
    await scene().setCluster({ bootSeconds: undefined });
    expect((await versions()).m1).toBe('v1.35.1+k3s1');
    const outcome = await stack.up();
    expect(outcome).toMatchObject({ code: 0 });
    expect(emptied(outcome)).not.toContain('m1');
    expect(await versions()).toEqual(all('v1.35.1+k3s1'));
  });
});
