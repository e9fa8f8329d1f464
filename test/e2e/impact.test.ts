import { openRehearsal } from '../../src/adapters/rehearsal';
import { EXIT_CODES, parseReport } from '../../src/impact';
import { REPORT_ONLY } from '../../src/pulumi/report-only';
import { management, workers } from './machines';
import { Stack, describeWithEngine } from './stack';

jest.setTimeout(180_000);

describeWithEngine('llmos-nodes impact on a stack of the real engine', () => {
  let stack: Stack;
  const names = async () => (await openRehearsal(stack.rehearsal).api().nodes()).map(({ name }) => name).sort();
  const report = async () => {
    const { code, text } = await stack.llmosNodes('impact', '--stack', 'test', '-o', 'json');
    return { code, ...parseReport(text) };
  };

  beforeAll(async () => {
    stack = await Stack.create({ management: { machines: management(3) }, workers: workers(1) });
    const { code, text } = await stack.up();
    if (code !== 0) throw new Error(text);
  });
  afterAll(() => stack.dispose());

  test('a stack without changes loses nothing', async () => {
    expect(await report()).toMatchObject({ code: 0, verdict: 'unchanged', cluster: 'prod', before: { voters: 3 }, after: { voters: 3 } });
  });

  test('a change that the gate refuses still gets its whole report', async () => {
    stack.declare({ management: { machines: management(1) }, workers: workers(1) });
    expect(await report()).toMatchObject({
      code: EXIT_CODES.unconfirmed, verdict: 'unconfirmed', before: { voters: 3 }, after: { voters: 1 },
      steps: [{ action: 'remove', node: 'm3', voters: 2 }, { action: 'remove', node: 'm2', voters: 1 }],
      confirmations: { missing: ['m2', 'm3'] },
    });
  });

  test('the preview of a refused change that somebody pipes in gives the reasons', async () => {
    const { text } = await stack.preview('--json');
    stack.write('preview.json', text);
    const { code, text: said } = await stack.llmosNodes('impact', 'preview.json');
    expect(code).toBe(EXIT_CODES.unconfirmed);
    expect(said).toContain('m2, m3');
  });

  test('what makes the gate report cannot carry anything out', async () => {
    stack.environment[REPORT_ONLY] = 'true';
    const { code, text } = await stack.up();
    delete stack.environment[REPORT_ONLY];
    expect(code).not.toBe(0);
    expect(text).toContain(`${REPORT_ONLY} (true): it is set for a report, and then nothing is joined, changed or removed`);
    expect(text).not.toMatch(/\n\s+at .*\.js:\d+/);
    expect(await names()).toEqual(['m1', 'm2', 'm3', 'w1']);
    expect(await stack.nodes()).toEqual(['m1', 'm2', 'm3', 'w1']);
  });

  test('the members are asked how they are: a dead one makes a join unsafe that otherwise was not', async () => {
    await openRehearsal(stack.rehearsal).setFaults('m2', { dead: true });
    stack.declare({ management: { machines: management(5) }, workers: workers(1) });
    const { code, findings, live } = await report();
    expect(live).toMatchObject({ voters: 3, healthy: 2 });
    expect(code).toBe(EXIT_CODES.unsafe);
    expect(findings[0]!.message).toContain('joining m4 makes 4 voters: majority 3 would not hold before m4 is healthy');
    await openRehearsal(stack.rehearsal).setFaults('m2', {});
  });

  test('a confirmation that cannot be read is no report of what would be removed', async () => {
    stack.declare({ management: { machines: management(3) }, workers: workers(1) });
    stack.set('llmos:confirmRemoval', [{ name: 'm3', removal: 'perhaps' }]);
    const { code, findings } = await report();
    stack.set('llmos:confirmRemoval', undefined);
    expect({ code, findings }).toMatchObject({ code: EXIT_CODES.invalid, findings: [{ kind: 'invalid', message: expect.stringContaining('perhaps') }] });
  });

  test('a definition that is wrong says so with its own code', async () => {
    stack.declare({ management: { machines: management(2) }, workers: workers(1) });
    const { code, findings } = await report();
    expect(code).toBe(EXIT_CODES.invalid);
    expect(findings[0]!.message).toContain('losing either of 2 management nodes stops the cluster');
  });

  test('a stack that is not there is one message', async () => {
    const { code, text } = await stack.llmosNodes('impact', '--stack', 'nowhere');
    expect(code).toBe(EXIT_CODES.unknown);
    expect(text).toMatch(/^llmos-nodes: pulumi preview --json: [^\n]*nowhere[^\n]*\n$/);
  });
});
