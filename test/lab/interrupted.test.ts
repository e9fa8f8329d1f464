import { removeSteps } from '../../src/membership/remove/remove-steps';
import { upToStep } from '../e2e/hang';
import { appOn, BUDGET } from './app';
import { ClusterLab, realStack } from './cluster-lab';

jest.setTimeout(10 * 60_000);

const NAMES = ['m1', 'm2', 'm3', 'w1', 'w2'];
const MANAGEMENT = ['m1 management Ready voter', 'm2 management Ready voter', 'm3 management Ready voter'];
const VOTERS = ['m1 voter', 'm2 voter', 'm3 voter'];

describe('runs that are killed, repeated or ended, on real hosts', () => {
  let lab: ClusterLab;

  beforeAll(async () => {
    lab = await ClusterLab.create('interrupted', NAMES, { quick: true });
  });

  afterAll(async () => {
    await lab?.destroy();
  });

  test('killed with SIGKILL in the middle of two joins, cancelled and run again, it converges and leaves no ghost member', async () => {
    // Long enough to be killed while there is a learner.
    for (const name of ['m1', 'm2', 'm3']) await lab.host(name).mustSsh('echo K3S_LAB_PROMOTION_TICK=10s > /etc/default/k3s');
    lab.declare(NAMES);
    await lab.killUpAt(/m2 joining.*LLMOS is setting up the node/);
    const identity = await lab.cluster(api => api.identity());
    await lab.killUpAt(/m3 joining.*still a learner/);
    expect((await lab.members()).map(member => member.split(' ')[0])).toEqual(['m1', 'm2', 'm3']);
    await lab.up();
    expect(await lab.nodes()).toEqual([...MANAGEMENT, 'w1 worker Ready', 'w2 worker Ready']);
    expect(await lab.members()).toEqual(VOTERS);
    expect(await lab.cluster(api => api.identity())).toBe(identity);
    expect(await lab.stack.preview('--expect-no-changes')).toMatchObject({ code: 0 });
  });

  test('killed while a worker is drained and again while it is cleaned, its removal is carried to the end', async () => {
    await lab.applyChart();
    await lab.apply([appOn('w1'), BUDGET]);
    await lab.appRunsOn('w1');
    lab.stack.set('llmos:confirmRemoval', ['w1']);
    lab.declare(NAMES.filter(name => name !== 'w1'));
    await lab.killUpAt(/w1 removing.*held back: default\/app-/);
    expect(await lab.nodes()).toEqual([...MANAGEMENT, 'w1 worker Ready', 'w2 worker Ready']);

    await lab.deleteObject(BUDGET);
    await lab.killUpAt(/w1 removing.*cleaning the machine/);
    await lab.up();
    expect(await lab.nodes()).toEqual([...MANAGEMENT, 'w2 worker Ready']);
    expect(await lab.traces('w1')).toBe('');
    expect(await lab.cluster(api => api.fenceHolds('w1'))).toBe(true);
    await lab.appRunsOn('m1', 'm2', 'm3', 'w2');
    expect(await lab.stack.nodes()).toEqual(['m1', 'm2', 'm3', 'w2']);
  });

  test('killed between the removal of its member and that of its Node, and the provider alone after that, a management node leaves for good; cleaned, it joins again', async () => {
    const place = (title: string) => removeSteps.findIndex(step => step.title === title);
    const names = ['m1', 'm2', 'm3', 'w2'];
    lab.stack.set('llmos:confirmRemoval', ['m3']);
    lab.declare(names.filter(name => name !== 'm3'), { management: { allowEven: 'm3 is being repaired' } });
    const engine = await upToStep(lab.stack, 'm3 removing', place('removing the etcd member') + 1);
    if (!engine.hangs) throw new Error(engine.text);
    await engine.killEngine();
    expect(await lab.members()).toEqual(['m1 voter', 'm2 voter']);
    expect(await lab.cluster(async api => (await api.node('m3'))?.name)).toBe('m3');

    const provider = await upToStep(lab.stack, 'm3 removing', place('deleting the Node') + 1);
    if (!provider.hangs) throw new Error(provider.text);
    expect((await provider.killProvider()).code).not.toBe(0);
    expect(await lab.cluster(api => api.node('m3'))).toBeUndefined();
    await lab.up();
    expect(await lab.members()).toEqual(['m1 voter', 'm2 voter']);
    expect(await lab.traces('m3')).toBe('');
    expect(await lab.cluster(api => api.fenceHolds('m3'))).toBe(true);

    lab.stack.set('llmos:confirmRemoval', undefined);
    lab.declare(names);
    await lab.up();
    expect(await lab.members()).toEqual(VOTERS);
    expect(await lab.nodes()).toEqual([...MANAGEMENT, 'w2 worker Ready']);
  });

  test('a second stack with the same definition adopts every node and touches nothing', async () => {
    const names = NAMES.filter(name => name !== 'w1');
    const before = await untouched(names);
    const other = await realStack();
    try {
      lab.declare(names, {}, other);
      const text = await lab.up(other);
      expect(text).not.toMatch(/installing LLMOS|writing the configuration/);
      expect(await other.nodes()).toEqual(names);
    } finally {
      other.dispose();
    }
    expect(await untouched(names)).toEqual(before);
  });

  /** What changes when somebody restarts, rejoins or rewrites something. */
  async function untouched(names: readonly string[]): Promise<string[]> {
    const seen = names.map(name => lab.host(name).mustSsh(`
      for unit in k3s k3s-agent llmos; do systemctl show "$unit" -p Id -p InvocationID -p ActiveEnterTimestamp -p ExecMainStartTimestamp; done
      stat -c '%n %y' /etc/llmos/config.yaml /etc/rancher/k3s/config.yaml.d/* /etc/systemd/system/k3s* /etc/systemd/system/llmos*`));
    return [...await Promise.all(seen), ...await lab.memberList()];
  }

  test('a destruction that nobody confirmed is refused, and one that was leaves every host clean, the last management node last', async () => {
    const refused = await lab.stack.destroy();
    expect(refused.code).not.toBe(0);
    expect(refused.text).toMatch(/confirmDestroy prod/);
    expect(await lab.nodes()).toEqual([...MANAGEMENT, 'w2 worker Ready']);

    lab.stack.set('llmos:confirmDestroy', 'prod');
    const { code, text } = await lab.stack.destroy();
    expect({ code, text }).toMatchObject({ code: 0 });
    const order = [...text.slice(0, text.indexOf('Diagnostics:')).matchAll(/(\w+) removing +1\//g)].map(([, name]) => name);
    expect(order).toEqual(['w2', 'm3', 'm2', 'm1']);
    for (const name of NAMES) expect(`${name}: ${await lab.traces(name)}`).toBe(`${name}: `);
    expect(await lab.stack.nodes()).toEqual([]);
  });
});
