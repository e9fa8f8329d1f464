import { ClusterLab, type Declaration } from './cluster-lab';
import { errors } from './errors';
import { correctClock, cutOff, fillDisk, freeDisk, reunite, setClockOff } from './faults';
import { waitUntil } from './hosts/run';
import { WriteProbe } from './write-probe';

jest.setTimeout(10 * 60_000);

const ALL = ['m1', 'm2', 'm3', 'm4'];
const THREE = ['m1', 'm2', 'm3'];
const EVEN = { allowEven: 'machines are being replaced' };
/** Added to the list, and its etcd has never run: it has no name. */
const UNSTARTED = ' learner';
const voters = (...names: string[]) => names.map(name => `${name} voter`);
const management = (...names: string[]) => names.map(name => `${name} management Ready voter`);

/** Machines that misbehave while they join or leave; the tests follow each other. */
describe('faults on real hosts', () => {
  let lab: ClusterLab;
  let probe: WriteProbe;

  beforeAll(async () => {
    lab = await ClusterLab.create('faults', ALL, { quick: true, disks: { m1: 1500, m4: 1500 } });
    lab.declare(THREE);
    await lab.up();
    probe = new WriteProbe(await lab.adminKubeconfig(), THREE.map(name => lab.host(name).address));
    probe.start();
  });

  afterAll(async () => {
    await lab?.destroy();
  });

  /** Declares that these are the management nodes, and that all others may leave; also who never joined, once it was declared. */
  function declare(names: readonly string[], declaration: Declaration = {}): void {
    lab.stack.set('llmos:confirmRemoval', ALL.filter(name => !names.includes(name)));
    lab.declare(names, { management: EVEN, ...declaration });
  }

  /** What one `pulumi up` is refused with: one message, without a stack trace. */
  async function refusal(names: readonly string[], declaration: Declaration = {}): Promise<string> {
    declare(names, declaration);
    const { code, text } = await lab.stack.up();
    expect({ code, text }).not.toMatchObject({ code: 0 });
    expect(text).not.toMatch(/\n\s+at .*[\\/]/);
    const messages = errors(text);
    expect(messages).toHaveLength(1);
    return messages[0]!;
  }

  async function expectUntouched(): Promise<void> {
    expect(await lab.members()).toEqual(voters(...THREE));
    expect(await lab.cluster(api => api.fencedNames())).toEqual([]);
    expect((await lab.cluster(api => api.nodes())).filter(({ unschedulable }) => unschedulable)).toEqual([]);
    expect((await lab.host('m3').mustSsh('systemctl is-enabled k3s')).trim()).toBe('enabled');
    expect(await lab.traces('m4')).toBe('');
  }

  test('a machine whose clock is an hour ahead does not join', async () => {
    await setClockOff(lab.host('m4'), '+1 hour');
    expect(await refusal(ALL)).toMatch(/machine 'm4' \(3[56]\d\d s off\): its clock may differ by 30 s at most, .*; switch on time synchronisation/);
    await expectUntouched();
    await correctClock(lab.host('m4'));
  });

  test('where there is no room for a snapshot nobody joins or leaves', async () => {
    await fillDisk(lab.host('m1'), 1024);
    expect(await refusal(['m1', 'm2', 'm4'])).toMatch(/etcd snapshot .*: it could not be taken, .*no space left on device.*; see that there is room/s);
    await freeDisk(lab.host('m1'));
    await expectUntouched();
  });

  describe('with m2 cut off from the others', () => {
    beforeAll(async () => {
      await cutOff(lab.host('m2'), lab.gateway);
    });

    test('no healthy node leaves, as those that stay would have no majority', async () => {
      expect(await refusal(['m1', 'm2'])).toMatch(/removing 'm3' from cluster 'prod': 2 of 3 voters are healthy; removing m3 leaves 2 voters of which 1 healthy: majority 2 would not hold; repair or remove m2 first/);
      await expectUntouched();
    });

    test('it leaves itself, by the votes of the others, and is cleaned although it hears nothing of it', async () => {
      declare(['m1', 'm3']);
      await lab.up();
      expect(await lab.members()).toEqual(voters('m1', 'm3'));
      expect(await lab.nodes()).toEqual(management('m1', 'm3'));
      expect(await lab.traces('m2')).toBe('');
      await reunite(lab.host('m2'), lab.gateway);
      expect(await lab.members()).toEqual(voters('m1', 'm3'));
    });
  });

  describe('a machine that joins', () => {
    test('onto a full disk is given up at its deadline, with what it said last, and has no vote', async () => {
      await fillDisk(lab.host('m4'), 20 * 1024);
      expect(await refusal(['m1', 'm3', 'm4'], { customTimeouts: { create: '30s' } }))
        .toMatch(/LLMOS has not set it up within 30 s \(last it said: .+\); look at `journalctl -u llmos` there; LLMOS goes on/);
      expect(await lab.host('m4').mustSsh('journalctl -o cat -u k3s')).toContain('no space left on device');
      expect(await lab.members()).toEqual([UNSTARTED, ...voters('m1', 'm3')]);
      expect(await lab.nodes()).toEqual(management('m1', 'm3'));
    });

    test('with a slow disk is waited for while its learner lags, and votes when it has caught up', async () => {
      const m4 = lab.host('m4');
      m4.limitWrites(4);
      await freeDisk(m4);
      declare(['m1', 'm3', 'm4']);
      const outcome = await lab.upDuring(/m4 joining.*LLMOS is setting up the node/, async () => {
        await waitUntil('a learner that runs and lags', () => saysOneOf(['m1', 'm3'], 'learner "m4-[0-9a-f]+" is not promoted yet: .*in sync with leader'), 120);
        m4.limitWrites(undefined);
      });
      expect(outcome).toMatchObject({ code: 0 });
      expect(await lab.members()).toEqual(voters('m1', 'm3', 'm4'));
      expect(await lab.nodes()).toEqual(management('m1', 'm3', 'm4'));
    });

    /** Whichever of them leads. */
    async function saysOneOf(names: readonly string[], words: string): Promise<boolean> {
      const found = await Promise.all(names.map(name => lab.host(name).ssh(`journalctl -q -b -o cat -u k3s | grep -qE '${words}'`)));
      return found.some(({ code }) => code === 0);
    }
  });

  test('no write was lost', async () => {
    const { acknowledged, lost, longestWaitSeconds } = await probe.stop();
    console.log(`faults: ${acknowledged} writes acknowledged, ${lost.length} lost, longest wait ${longestWaitSeconds.toFixed(1)} s`);
    expect(lost).toEqual([]);
    expect(acknowledged).toBeGreaterThan(100);
  });
});
