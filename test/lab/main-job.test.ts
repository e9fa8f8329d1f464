import { EXIT_CODES, parseReport } from '../../src/impact';
import { appOn } from './app';
import { ClusterLab } from './cluster-lab';
import { WriteProbe } from './write-probe';

jest.setTimeout(15 * 60_000);

/** No write may wait longer: an election, and a client that has to find another server. */
const LONGEST_WAIT_SECONDS = 15;

describe('the main job on real hosts', () => {
  let lab: ClusterLab;
  let probe: WriteProbe;

  beforeAll(async () => {
    lab = await ClusterLab.create('main-job', ['m1', 'm2', 'm3', 'w1', 'w2'], { quick: true });
  });

  afterAll(async () => {
    await lab?.destroy();
  });

  test('the first management node starts the cluster', async () => {
    lab.declare(['m1']);
    await lab.up();
    expect(await lab.nodes()).toEqual(['m1 management Ready voter']);
    expect(await lab.members()).toEqual(['m1 voter']);
  });

  test('two more management nodes and two workers join while a client writes', async () => {
    await lab.applyChart();
    probe = new WriteProbe(await lab.adminKubeconfig(), ['m1', 'm2', 'm3'].map(name => lab.host(name).address));
    probe.start();

    lab.declare(['m1', 'm2', 'm3', 'w1', 'w2']);
    await lab.up();
    expect(await lab.nodes()).toEqual(['m1 management Ready voter', 'm2 management Ready voter', 'm3 management Ready voter', 'w1 worker Ready', 'w2 worker Ready']);
    expect(await lab.members()).toEqual(['m1 voter', 'm2 voter', 'm3 voter']);
  });

  test('no other user of a host can read the token, in a file, a unit or the process list', async () => {
    const token = await lab.token();
    for (const name of ['m2', 'w1']) {
      // The token goes in on stdin, or this very command would be what is found.
      const { stdout: found } = await lab.host(name).ssh('runuser -u nobody -- grep -rlF -f /dev/stdin /etc /var/lib/llmos /var/lib/rancher /proc/[0-9]*/cmdline 2>/dev/null', { input: token });
      expect(found.trim()).toBe('');
    }
  });

  test('the same definition again changes nothing', async () => {
    expect(await lab.stack.preview('--expect-no-changes')).toMatchObject({ code: 0 });
  });

  test('the nodes are shown as they are, each member asked on its own host, and a change is reported with their health', async () => {
    const nodes = await lab.stack.llmosNodes('nodes', '--stack', 'test');
    expect(nodes).toMatchObject({ code: 0 });
    for (const name of ['m1', 'm2', 'm3']) expect(nodes.text).toMatch(new RegExp(`^${name} +management +zone-\\d +Ready +yes `, 'm'));
    expect(nodes.text).toMatch(/^3 of 3 healthy, 1 may fail now$/m);
    lab.declare(['m1', 'm2', 'm3', 'w1']);
    const impact = await lab.stack.llmosNodes('impact', '--stack', 'test', '-o', 'json');
    expect({ code: impact.code, report: parseReport(impact.text) }).toMatchObject({
      code: EXIT_CODES.unconfirmed, report: { confirmations: { missing: ['w2'] }, live: { voters: 3, healthy: 3 } },
    });
    lab.declare(['m1', 'm2', 'm3', 'w1', 'w2']);
  });

  test('the state of each node is under 2,000 bytes and holds no secret', async () => {
    const token = await lab.token();
    for (const node of (await lab.stack.resources()).filter(({ type }) => type.endsWith('llmos:Node'))) {
      const text = JSON.stringify(node);
      expect(Buffer.byteLength(text) < 2_000 ? 'small' : text).toBe('small');
      expect(text).not.toContain(token);
    }
  });

  test('a confirmed worker leaves, its pods run elsewhere, and its machine is clean', async () => {
    await lab.apply([appOn('w2')]);
    await lab.appRunsOn('w2');
    lab.stack.set('llmos:confirmRemoval', ['w2']);
    lab.declare(['m1', 'm2', 'm3', 'w1']);
    await lab.up();
    expect(await lab.nodes()).toEqual(['m1 management Ready voter', 'm2 management Ready voter', 'm3 management Ready voter', 'w1 worker Ready']);
    await lab.appRunsOn('m1', 'm2', 'm3', 'w1');
    expect(await lab.traces('w2')).toBe('');
    expect(await lab.cluster(api => api.fencedNames())).toEqual(['w2']);
  });

  test('a confirmed management node leaves, its member before its Node, and its machine is clean', async () => {
    lab.stack.set('llmos:confirmRemoval', ['m3']);
    lab.declare(['m1', 'm2', 'w1'], { management: { allowEven: 'm3 is being repaired' } });
    await lab.up();
    expect(await lab.nodes()).toEqual(['m1 management Ready voter', 'm2 management Ready voter', 'w1 worker Ready']);
    expect(await lab.members()).toEqual(['m1 voter', 'm2 voter']);
    expect(await lab.traces('m3')).toBe('');
  });

  test('what left is fenced: the API server refuses a Node of its name', async () => {
    expect(await lab.cluster(api => api.fenceHolds('m3'))).toBe(true);
    expect(await lab.cluster(api => api.fenceHolds('w2'))).toBe(true);
  });

  test('the first node no longer carries the order to start a cluster', async () => {
    const config = await lab.host('m1').mustSsh('cat /etc/rancher/k3s/config.yaml.d/40-llmos.yaml');
    expect(config).not.toContain('cluster-init: true');
    expect(config).toContain(lab.host('m2').address);
  });

  test('no write was lost and none waited too long', async () => {
    const { acknowledged, lost, longestWaitSeconds } = await probe.stop();
    console.log(`write probe: ${acknowledged} writes acknowledged, ${lost.length} lost, longest wait ${longestWaitSeconds.toFixed(1)} s`);
    expect(lost).toEqual([]);
    expect(acknowledged).toBeGreaterThan(0);
    expect(longestWaitSeconds).toBeLessThan(LONGEST_WAIT_SECONDS);
  });
});
