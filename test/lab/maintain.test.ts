import { ClusterLab } from './cluster-lab';
import { WriteProbe } from './write-probe';

jest.setTimeout(10 * 60_000);

/** No write may wait longer: an election, and a client that has to find another server. */
const LONGEST_WAIT_SECONDS = 15;

describe('a management machine that is rebooted', () => {
  let lab: ClusterLab;
  let probe: WriteProbe | undefined;

  beforeAll(async () => {
    lab = await ClusterLab.create('maintain', ['m1', 'm2', 'm3'], { quick: true });
    lab.declare(['m1', 'm2', 'm3']);
    await lab.up();
  });

  afterAll(async () => {
    probe?.abandon();
    await lab?.destroy();
  });

  test('hands its lead over before it goes, and is back as it was; no write is lost', async () => {
    const [leader, members] = [await lab.leader(), await lab.memberList()];
    const bootId = () => lab.host(leader).mustSsh('cat /proc/sys/kernel/random/boot_id');
    const before = await bootId();
    // Another one answers for the cluster meanwhile.
    lab.front = leader === 'm1' ? 'm2' : 'm1';
    probe = new WriteProbe(await lab.adminKubeconfig(), ['m1', 'm2', 'm3'].map(name => lab.host(name).address));
    probe.start();

    const { code, text } = await lab.stack.llmosNodes('maintain', leader, '--reboot', '--stack', 'test');
    expect(text).toMatch(new RegExp(`${leader} taking out of service .*while ${leader} is away, 2 of 3 voters answer, majority 2: no further failure is tolerated`));
    expect(text).toMatch(new RegExp(`${leader} taking out of service .*handing over etcd leadership: m\\d leads etcd now[^]*${leader} restarts`));
    expect(text).toContain(`'${leader}' is back in service.`);
    expect(code).toBe(0);
    expect(await bootId()).not.toBe(before);

    const { acknowledged, lost, longestWaitSeconds } = await probe.stop();
    console.log(`reboot of the leader: ${acknowledged} writes acknowledged, ${lost.length} lost, longest wait ${longestWaitSeconds.toFixed(1)} s`);
    expect(lost).toEqual([]);
    expect(longestWaitSeconds).toBeLessThan(LONGEST_WAIT_SECONDS);
    expect(await lab.memberList()).toEqual(members);
    expect(await lab.nodes()).toEqual(['m1 management Ready voter', 'm2 management Ready voter', 'm3 management Ready voter']);
    expect(await lab.cluster(async api => (await api.nodes()).filter(({ unschedulable }) => unschedulable))).toEqual([]);
  });

  test('is not taken out while another one is away, and nothing is touched', async () => {
    await lab.host('m3').mustSsh('systemctl stop k3s');
    const { code, text } = await lab.stack.llmosNodes('maintain', 'm2', '--stack', 'test');
    expect(code).toBe(1);
    expect(text).toContain('but m3 is away already; repair or remove m3 first');
    expect(await lab.cluster(async api => (await api.node('m2'))?.unschedulable)).toBe(false);
  });
});
