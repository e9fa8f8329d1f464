import { appOn } from './app';
import { ClusterLab, progressOf } from './cluster-lab';
import { WriteProbe } from './write-probe';

jest.setTimeout(10 * 60_000);

const ALL = ['m1', 'm2', 'm3', 'w1'];
const OLD = 'v1.34.4+k3s1';
const NEW = 'v1.34.5+k3s1';
/** An election, and a client that has to find another server. */
const LONGEST_WAIT_SECONDS = 15;

/** From one release to the next while a client writes; the tests follow each other. */
describe('an upgrade on real hosts', () => {
  let lab: ClusterLab;
  let membersBefore: string[];

  const versions = () => lab.cluster(async api => Object.fromEntries((await api.nodes()).map(({ name, kubeletVersion, unschedulable }) => [name, `${kubeletVersion}${unschedulable ? ' cordoned' : ''}`])));
  const all = (version: string) => Object.fromEntries(ALL.map(name => [name, version]));
  const memberIds = async () => (await lab.memberList()).map(line => line.split(', ')[0]!);

  /** When the Kubernetes of each host was started. */
  async function startTimes(): Promise<string[]> {
    return Promise.all(ALL.map(name => lab.host(name).mustSsh(`systemctl show ${name.startsWith('m') ? 'k3s' : 'k3s-agent'} -p InvocationID`)));
  }

  beforeAll(async () => {
    lab = await ClusterLab.create('upgrade', ALL, { quick: true });
    lab.declare(ALL);
    await lab.up();
    await lab.apply([appOn('w1')]);
    await lab.appRunsOn(...ALL);
    membersBefore = await memberIds();
  });

  afterAll(async () => {
    await lab?.destroy();
  });

  test('a release that cannot be had is found out before any node is emptied', async () => {
    expect(await versions()).toEqual(all(OLD));
    const before = await startTimes();
    lab.declare(ALL, { chart: { kubernetesVersion: 'v1.34.9+k3s1' } });
    const { code, text } = await lab.stack.up();
    expect(code).not.toBe(0);
    expect(text).toContain('fetching v1.34.9+k3s1 failed');
    expect(text).not.toContain('emptying the node');
    expect(await versions()).toEqual(all(OLD));
    expect(await startTimes()).toEqual(before);
  });

  test('every node runs the new release, one after the other, and no write is lost', async () => {
    const probe = new WriteProbe(await lab.adminKubeconfig(), ['m1', 'm2', 'm3'].map(name => lab.host(name).address));
    probe.start();
    lab.declare(ALL, { chart: { kubernetesVersion: NEW } });
    const lines = [...progressOf(await lab.up()).matchAll(/(\w+) upgrading +\d+\/\d+ {2}starting the release/g)].map(([, name]) => name!);
    const { acknowledged, lost, longestWaitSeconds } = await probe.stop();
    console.log(`upgrade: ${acknowledged} writes acknowledged, ${lost.length} lost, longest wait ${longestWaitSeconds.toFixed(1)} s`);

    expect(lines.filter((name, index) => name !== lines[index - 1])).toEqual(ALL);
    expect(lost).toEqual([]);
    expect(acknowledged).toBeGreaterThan(100);
    expect(longestWaitSeconds).toBeLessThan(LONGEST_WAIT_SECONDS);
    expect(await versions()).toEqual(all(NEW));
    expect(await memberIds()).toEqual(membersBefore);
    await lab.appRunsOn(...ALL);
    // What a forced bootstrap would install, and the folder the release waited in.
    expect(await lab.host('m1').mustSsh('sudo grep kubernetesVersion /etc/llmos/config.yaml; ls -d /var/lib/llmos/releases 2>/dev/null || true')).toBe(`kubernetesVersion: ${NEW}\n`);
  });

  test('a second run restarts nothing', async () => {
    const before = await startTimes();
    expect(progressOf(await lab.up())).not.toContain('upgrading');
    expect(await startTimes()).toEqual(before);
  });
});
