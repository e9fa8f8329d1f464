import type { MachineProps } from '../../src';
import { ClusterLab } from './cluster-lab';

jest.setTimeout(8 * 60_000);

const NAMES = ['m1', 'm2', 'm3', 'w1'];
const NODES = [...['m1', 'm2', 'm3'].map(name => `${name} management Ready voter`), 'w1 worker Ready'];
const VOTERS = ['m1 voter', 'm2 voter', 'm3 voter'];

/** Other machines under the names of nodes; the tests follow each other. */
describe('nodes are replaced under their names, on real hosts', () => {
  let lab: ClusterLab;
  let identity: string;
  /** Which host stands in for the one of that name. */
  const moved: Record<string, Partial<MachineProps>> = {};

  beforeAll(async () => {
    lab = await ClusterLab.create('replace', [...NAMES, 'n1', 'n2'], { quick: true });
    lab.declare(NAMES);
    await lab.up();
    identity = await lab.cluster(api => api.identity());
  });

  afterAll(async () => {
    await lab?.destroy();
  });

  function declare(name: string, successor: string, confirmed: unknown): void {
    const { address, hostKey } = lab.host(successor);
    moved[name] = { address, hostKey };
    lab.stack.set('llmos:confirmRemoval', [confirmed]);
    lab.declare(NAMES, { machines: moved });
  }

  const machineId = async (host: string) => (await lab.host(host).mustSsh('cat /etc/machine-id')).trim();

  async function expectNode(name: string, successor: string): Promise<void> {
    expect(await lab.nodes()).toEqual(NODES);
    expect(await lab.members()).toEqual(VOTERS);
    expect(await lab.cluster(async api => (await api.node(name))?.machineId)).toBe(await machineId(successor));
  }

  test('the first management node dies for good and another machine gets its name: one cluster, three voters', async () => {
    await lab.host('m1').kill();
    declare('m1', 'n1', { name: 'm1', removal: 'unreachable' });
    const { code, text } = await lab.stack.preview();
    expect(code).not.toBe(0);
    expect(text.replaceAll(/\s+/g, ' ')).toContain(`(${lab.host('m1').address}): it is the address of m1, and after this change no management node has it`);

    lab.front = 'm2';
    declare('m1', 'n1', { name: 'm1', removal: 'unreachable' });
    await lab.up();
    await expectNode('m1', 'n1');
    expect(await lab.cluster(api => api.identity())).toBe(identity);
    expect(await lab.stack.preview('--expect-no-changes')).toMatchObject({ code: 0 });
  });

  test('the worker that joined by its address restarts without it', async () => {
    expect(await lab.host('w1').mustSsh('grep K3S_URL /etc/systemd/system/k3s-agent.service.env')).toContain(lab.host('m1').address);
    await lab.host('w1').mustSsh('systemctl restart k3s-agent', { timeout: 90 });
    await lab.host('w1').mustSsh("timeout 60 sh -c 'until systemctl is-active -q k3s-agent; do sleep 0.5; done'", { timeout: 70 });
    expect(await lab.nodes()).toEqual(NODES);
  });

  test('the machine that was the first node finds no way back when it is switched on', async () => {
    await lab.host('m1').boot();
    const log = 'journalctl -q -o cat -u k3s';
    await lab.host('m1').mustSsh(`timeout 90 sh -c 'until ${log} | grep -qF "401 Unauthorized"; do sleep 0.5; done'`, { timeout: 100 });
    await expectNode('m1', 'n1');
    await lab.host('m1').kill();
  });

  test('a living worker is replaced under its name: it is drained and cleaned before the other machine joins', async () => {
    declare('w1', 'n2', 'w1');
    await lab.up();
    await expectNode('w1', 'n2');
    expect(await lab.traces('w1')).toBe('');
    await lab.host('w1').powerOff();
    await lab.host('w1').boot();
    expect(await lab.traces('w1')).toBe('');
    await expectNode('w1', 'n2');
  });
});
