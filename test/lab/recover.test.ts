import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { Deadline } from '../../src/membership/deadline';
import { waitUntil } from '../../src/membership/wait';
import { ClusterLab } from './cluster-lab';
import { WriteProbe } from './write-probe';

/** How often the loss of two of three is drilled on the same hosts. The first and every fifth after it destroy the machines themselves. */
const DRILLS = Number(process.env.LLMOS_LAB_DRILLS ?? 2);

jest.setTimeout(10 * 60_000);

const RUNTIME_CONFIG = '/etc/rancher/k3s/config.yaml.d/40-llmos.yaml';
const voters = (...names: string[]) => names.map(name => `${name} voter`).sort();
const management = (...names: string[]) => names.map(name => `${name} management Ready voter`).sort();

/** Two of three management hosts lose power, and what they had, while a client writes; the drills follow each other. */
describe('recovering a cluster that lost its quorum, on real hosts', () => {
  let lab: ClusterLab;
  let identity: string;
  /** Besides m1: those that are in the cluster, and fresh machines. */
  let [others, spare] = [['m2', 'm3'], ['m4', 'm5']];
  let probe: WriteProbe;
  let drilled = 0;

  beforeAll(async () => {
    lab = await ClusterLab.create('recover', ['m1', ...others], { quick: true });
    for (const name of spare) await lab.addHost(name);
    lab.declare(['m1', ...others]);
    await lab.up();
    identity = await lab.cluster(api => api.identity());
  });

  afterAll(async () => {
    await lab?.destroy();
    // Where a drill failed it would write for ever.
    probe?.abandon();
  });

  const recover = (...lost: string[]) => lab.stack.llmosNodes('recover', '--confirm', 'prod', ...(lost.length === 0 ? [] : ['--lost', ...lost]));

  async function startProbe(): Promise<void> {
    probe = new WriteProbe(await lab.adminKubeconfig(), ['m1', 'm2', 'm3', 'm4', 'm5'].map(name => lab.host(name).address));
    probe.start();
    await waitUntil('the client', async () => (probe.count >= 40 ? { done: true } : { done: false, reason: `${probe.count} writes` }), new Deadline(60), () => undefined);
  }

  /** A survivor that led has everything; one that followed has to have heard of it. */
  async function letLead(name: string): Promise<void> {
    const members = (await lab.memberList()).map(line => line.split(', '));
    const [id] = members.find(([, , member]) => member!.startsWith(`${name}-`))!;
    await lab.etcdctl(`move-leader ${id} --endpoints=${members.map(([, , , , url]) => url).join(',')}`);
  }

  async function recovered(drill: number, survivor: string, lost: readonly string[]): Promise<string> {
    const startedAt = Date.now();
    const { code, text } = await recover(...lost);
    expect({ code, text }).toMatchObject({ code: 0 });
    expect(text).toContain(`Cluster 'prod' is recovered from ${survivor}`);
    expect(await lab.cluster(api => api.identity())).toBe(identity);
    const copies = await lab.host(survivor).mustSsh('for copy in /var/lib/llmos-nodes/recovery-*; do test -d $copy/etcd/member/wal && stat -c %a $copy; done');
    expect(copies).toMatch(/^(700\n)+$/);
    return `drill ${drill}: recovered from ${survivor} in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`;
  }

  async function nothingIsLost(said: string, before: number): Promise<void> {
    const { acknowledged, lost, longestWaitSeconds } = await probe.stop();
    console.log(`${said}; ${before} writes acknowledged before the loss, ${acknowledged} in all, ${lost.length} lost; no write for ${longestWaitSeconds.toFixed(1)} s`);
    expect(lost).toEqual([]);
    expect(before).toBeGreaterThanOrEqual(40);
  }

  /** The machines are gone for good, and others take their places. */
  async function destroyMachines(drill: number): Promise<void> {
    const lost = others;
    await letLead(drill % 2 === 1 ? lost[0]! : 'm1');
    await startProbe();
    await Promise.all(lost.map(name => lab.host(name).kill()));
    const before = probe.count;
    await Promise.all(lost.map(name => lab.host(name).reset()));

    expect(await recover(lost[0]!)).toMatchObject({ code: 1, text: expect.stringContaining(`--lost ${lost[1]}`) as unknown });
    const said = await recovered(drill, 'm1', lost);
    expect(await lab.members()).toEqual(voters('m1'));

    [others, spare] = [spare, lost];
    await Promise.all(others.map(name => lab.switchOn(name)));
    lab.stack.set('llmos:confirmRemoval', lost.map(name => ({ name, removal: 'unreachable', vote: 'lost' })));
    lab.declare(['m1', ...others]);
    await lab.up();
    expect(await lab.members()).toEqual(voters('m1', ...others));
    expect(await lab.nodes()).toEqual(management('m1', ...others));
    await nothingIsLost(said, before);
  }

  /** The machines come back, and what etcd had on their disks is gone: the recovery itself brings them back. */
  async function destroyData(drill: number): Promise<void> {
    const all = ['m1', ...others];
    const survivor = all[drill % 3]!;
    const lost = all.filter(name => name !== survivor);
    lab.front = survivor;
    await letLead(drill % 2 === 1 ? lost[0]! : survivor);
    await startProbe();
    await Promise.all(lost.map(name => lab.host(name).kill()));
    const before = probe.count;
    for (const name of lost) rmSync(join(lab.host(name).files.root, 'var/lib/rancher/k3s/server/db'), { recursive: true });
    await Promise.all(lost.map(name => lab.host(name).boot()));

    const said = await recovered(drill, survivor, []);
    expect(await lab.members()).toEqual(voters(...all));
    expect(await lab.nodes()).toEqual(management(...all));
    for (const name of all) expect(await lab.host(name).mustSsh(`cat ${RUNTIME_CONFIG}`)).toMatch(/^server: https:/m);
    lab.front = 'm1';
    await nothingIsLost(said, before);
  }

  test('it is refused while there is a quorum', async () => {
    expect(await recover()).toMatchObject({ code: 1, text: expect.stringMatching(/cluster 'prod': it has its quorum: the etcd member of m1, m2, m3 answers/) as unknown });
    expect(await lab.members()).toEqual(voters('m1', 'm2', 'm3'));
  });

  test.each(Array.from({ length: DRILLS }, (_, index) => index + 1))('drill %i: two of three are destroyed, and nothing is lost that was written before', async drill => {
    // Each on what the one before left whole.
    expect({ drilled }).toEqual({ drilled: drill - 1 });
    await (drill % 5 === 1 ? destroyMachines(drill) : destroyData(drill));
    drilled = drill;
  });
});
