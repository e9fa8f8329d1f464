import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { openRehearsal } from '../../src/adapters/rehearsal';
import { management, workers } from './machines';
import { Stack, describeWithEngine, type Outcome } from './stack';

jest.setTimeout(180_000);

const pack = join(__dirname, '..', '..', 'policy');
const passed = { code: 0, text: expect.stringContaining('✅ llmos-nodes@v') };

describeWithEngine('the policy pack on the real engine', () => {
  let stack: Stack;
  beforeAll(async () => { stack = await Stack.create(); });
  afterAll(() => stack.dispose());

  /** With the pack and, where there is one, its configuration. */
  function withPack(config?: Record<string, unknown>): string[] {
    if (config === undefined) return ['--policy-pack', pack];
    const file = join(stack.folder, 'policy-config.json');
    writeFileSync(file, JSON.stringify(config));
    return ['--policy-pack', pack, '--policy-pack-config', file];
  }

  test('three management nodes in three zones pass without any configuration', async () => {
    stack.declare({ management: { machines: management(3) } });
    expect(await stack.preview(...withPack())).toMatchObject(passed);
  });

  test('two fail although the definition gives a reason for an even number', async () => {
    stack.declare({ management: { machines: management(2), allowEven: 'one is on its way' } });
    const outcome = await stack.preview(...withPack({ 'llmos-failure-tolerance': 'disabled', 'llmos-zone-spread': 'disabled' }));
    expectViolations(outcome, [
      "management nodes of cluster 'prod' (2): losing either of 2 management nodes stops the cluster, so 2 are worse than 1; use 1 or 3",
    ]);
  });

  test('one fails where one failure has to be tolerated, by default', async () => {
    stack.declare({ management: { machines: management(1) } });
    expectViolations(await stack.preview(...withPack({ 'llmos-zone-spread': { enforcementLevel: 'disabled' } })), [
      "failure tolerance of cluster 'prod' (0): the policy asks for at least 1, and 1 management node with a majority of 1 can lose 0; use 3 management nodes",
    ]);
  });

  test('three in one zone fail', async () => {
    stack.declare({ management: { machines: management(3).map(machine => ({ ...machine, zone: 'a' })) } });
    expectViolations(await stack.preview(...withPack()), [
      "zone failure tolerance of cluster 'prod' (0): the policy asks for at least 1, and losing zone a takes 3 of 3 management nodes, of which 2 have to stay; "
      + 'spread the management nodes over at least 3 zones, as evenly as can be',
    ]);
  });

  test('a minimum from the configuration counts, and an advisory violation fails nothing', async () => {
    stack.declare({ management: { machines: management(3) } });
    const strict = { minimum: 2 };
    expectViolations(await stack.preview(...withPack({ 'llmos-failure-tolerance': strict })), [expect.stringContaining('use 5 management nodes')]);
    const outcome = await stack.preview(...withPack({ 'llmos-failure-tolerance': { enforcementLevel: 'advisory', ...strict } }));
    expect(outcome).toMatchObject({ code: 0, text: expect.stringContaining('[advisory]  llmos-failure-tolerance') });
  });

  test('a minimum that no size reaches is refused as configuration', async () => {
    const { code, text } = await stack.preview(...withPack({ 'llmos-failure-tolerance': { minimum: 4 } }));
    expect(code).not.toBe(0);
    expect(text).toMatch(/minimum: must be less than or equal to 3/i);
  });

  test('addresses that are known only after the update are no obstacle', async () => {
    stack.declare({ management: { machines: management(3) }, deferred: ['m2', 'm3'] });
    expect(await stack.preview(...withPack())).toMatchObject(passed);
  });

  describe('on a cluster that runs', () => {
    const protection = { 'llmos-protected-nodes': { clusters: { prod: ['m1', 'w1'] } }, 'llmos-failure-tolerance': 'disabled', 'llmos-zone-spread': 'disabled' };
    const missing = "protected node of cluster 'prod' (w1): a protected node may not leave, and it is not declared any more; "
      + "put its machine back; to let it go, take its name out of the policy's configuration first";
    const nodeNames = async (): Promise<string[]> => (await openRehearsal(stack.rehearsal).api().nodes()).map(({ name }) => name).sort();

    beforeAll(async () => {
      stack.declare({ management: { machines: management(1) }, workers: workers(2) });
      expect(await stack.up(...withPack(protection))).toMatchObject(passed);
    });

    test('an unprotected node may leave', async () => {
      stack.declare({ management: { machines: management(1) }, workers: workers(1) });
      stack.set('llmos:confirmRemoval', ['w2']);
      expect(await stack.preview(...withPack(protection))).toMatchObject(passed);
    });

    test('a protected one may not, confirmed or not', async () => {
      stack.declare({ management: { machines: management(1) }, workers: workers(2).slice(1) });
      stack.set('llmos:confirmRemoval', ['w1']);
      expectViolations(await stack.preview(...withPack(protection)), [missing]);
    });

    test('an update without a preview stops before it touches the node', async () => {
      expectViolations(await stack.up(...withPack(protection)), [missing]);
      expect(await nodeNames()).toEqual(['m1', 'w1', 'w2']);
    });

    test('its whole cluster may not leave either', async () => {
      useEmptyProgram(stack);
      expectViolations(await stack.preview(...withPack(protection)), [
        "protected nodes of cluster 'prod' (m1, w1): a protected node may not leave, and no such cluster is declared in this stack; "
        + "put the cluster back; to let them go, take their names out of the policy's configuration first",
      ]);
    });
  });
});

/** Lets the stack run a program that declares nothing. */
function useEmptyProgram({ folder }: Stack): void {
  const main = join(folder, 'empty');
  mkdirSync(main);
  writeFileSync(join(main, 'package.json'), '{}');
  writeFileSync(join(main, 'index.js'), '');
  symlinkSync(join(__dirname, '..', '..', 'node_modules'), join(main, 'node_modules'));
  const project = join(folder, 'project', 'Pulumi.yaml');
  writeFileSync(project, JSON.stringify({ ...(JSON.parse(readFileSync(project, 'utf8')) as object), main }));
}

/** The run failed, with these messages of policies and no other. */
function expectViolations({ code, text }: Outcome, messages: readonly unknown[]): void {
  const said = [...text.matchAll(/\[mandatory\] .*\n.*\n +(.*)/g)].map(([, message]) => message);
  expect({ code: code === 0 ? 'passed' : 'failed', said, text }).toEqual({ code: 'failed', said: messages, text });
  expect(text).not.toMatch(/\n\s+at .*\.js:\d+/);
}
