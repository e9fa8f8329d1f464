import { ClusterLab, progressOf } from './cluster-lab';
import { errors } from './errors';
import { Chance } from './chance';
import { WriteProbe, type ProbeResult } from './write-probe';

jest.setTimeout(10 * 60_000);

/** No write may wait longer: an election, and a client that has to find another server. */
const LONGEST_WAIT_SECONDS = 15;
/** Long enough for each of them; a join that waits for a member that stays away ends with it. */
const SOON = { create: '90s', delete: '90s' };
const ALL = ['m1', 'm2', 'm3', 'm4', 'm5'];
/** A join and a removal each show 17 lines at least, so that two of them always get as far as this. */
const MOMENTS = 30;

/** From one management node to five and back to one while a client writes; the tests follow each other. */
describe('growing and shrinking on real hosts', () => {
  const chance = Chance.fromEnvironment();
  let lab: ClusterLab;
  let probe: WriteProbe;

  beforeAll(async () => {
    lab = await ClusterLab.create('scaling', ALL, { quick: true });
    declare('m1');
    await lab.up();
    probe = await startProbe();
  });

  afterAll(async () => {
    await lab?.destroy();
  });

  async function startProbe(): Promise<WriteProbe> {
    const started = new WriteProbe(await lab.adminKubeconfig(), ALL.map(name => lab.host(name).address));
    started.start();
    return started;
  }

  function expectSound(what: string, { acknowledged, lost, longestWaitSeconds }: ProbeResult): void {
    console.log(`${what}: ${acknowledged} writes acknowledged, ${lost.length} lost, longest wait ${longestWaitSeconds.toFixed(1)} s`);
    expect(lost).toEqual([]);
    expect(acknowledged).toBeGreaterThan(100);
    expect(longestWaitSeconds).toBeLessThan(LONGEST_WAIT_SECONDS);
  }

  /** Declares that these are the management nodes, and that all others may leave. */
  function declare(...names: string[]): void {
    lab.stack.set('llmos:confirmRemoval', ALL.filter(name => !names.includes(name)));
    lab.declare(names, { customTimeouts: SOON });
  }

  async function expectNothingBut(...names: string[]): Promise<void> {
    expect(await lab.members()).toEqual(names.map(name => `${name} voter`));
    expect(await lab.nodes()).toEqual(names.map(name => `${name} management Ready voter`));
    for (const name of ALL.filter(each => !names.includes(each))) expect(`${name}: ${await lab.traces(name)}`).toBe(`${name}: `);
  }

  test.each([[['m1', 'm2', 'm3']], [ALL]])('joins make it %j', async names => {
    declare(...names);
    await lab.up();
    await expectNothingBut(...names);
  });

  test('two nodes that are no neighbours leave in one run, the second when the first is gone', async () => {
    declare('m1', 'm3', 'm5');
    const lines = [...progressOf(await lab.up()).matchAll(/(\w+) removing +\d+\//g)].map(([, name]) => name!);
    expect(lines.filter((name, index) => name !== lines[index - 1])).toEqual(['m4', 'm2']);
    await expectNothingBut('m1', 'm3', 'm5');
  });

  test('no write was lost and none waited too long', async () => {
    expectSound('undisturbed', await probe.stop());
  });

  /** Between three and five: one member that dies is never too many. Two tolerate no death, with this library or without. */
  describe('with one member killed at a random moment', () => {
    const growing = chance.of('when', [true, false]);
    const victim = chance.of('who', growing ? ['m1', 'm3', 'm5'] : ALL);
    const means = chance.of('how', ['etcd killed', 'power lost and back', 'power lost for the rest of the run'] as const);
    const moment = chance.of('line', Array.from({ length: MOMENTS }, (_, index) => index + 1));

    beforeAll(async () => {
      console.log(`LLMOS_LAB_SEED=${chance.seed}: ${victim}, ${means}, at line ${moment} of ${growing ? 'm2 and m4 joining' : 'm4 and m5 leaving'}`);
      probe = await startProbe();
    });

    async function kill(): Promise<void> {
      const host = lab.host(victim);
      if (means === 'etcd killed') await host.mustSsh('pkill -9 -x etcd');
      else await host.kill();
      if (means === 'power lost and back') await host.boot();
    }

    /** The run that is disturbed may be refused, with reasons; the next one, when the member is back, converges. */
    async function disturbed(action: 'joining' | 'removing'): Promise<void> {
      const { code, text } = await lab.upDuring(new RegExp(`${action} +\\d+/`), kill, moment);
      console.log(code === 0 ? 'it went through' : `it was refused:\n${errors(text).join('\n')}`);
      if (code !== 0) expect(errors(text)).not.toEqual([]);
      for (const error of errors(text)) expect(error).toMatch(/^[^\n]+: .+;.+/s);
      expect(text).not.toMatch(/\n\s+at .*[\\/]/);
      if (!lab.host(victim).running) await lab.host(victim).boot();
      await lab.votersAnswer();
      await lab.up();
    }

    test('it grows from three to five', async () => {
      declare(...ALL);
      if (growing) await disturbed('joining');
      else await lab.up();
      await expectNothingBut(...ALL);
    });

    test('it shrinks from five to three', async () => {
      declare('m1', 'm2', 'm3');
      if (growing) await lab.up();
      else await disturbed('removing');
      await expectNothingBut('m1', 'm2', 'm3');
    });

    test('no write was lost and none waited too long', async () => {
      expectSound('with one member killed', await probe.stop());
    });
  });

  test('one node is left, which alone has a vote', async () => {
    probe = await startProbe();
    declare('m1');
    await lab.up();
    await expectNothingBut('m1');
    expectSound('from three to one', await probe.stop());
  });
});
