import { openRehearsal } from '../../src/adapters/rehearsal';
import type { NodesReport } from '../../src/cli/nodes-report';
import type { DriftKind } from '../../src/membership/drift';
import type { FoundDrift } from '../../src/pulumi/state';
import { ByHand } from '../adapters/rehearsal/by-hand';
import { management, workers } from './machines';
import { Stack, describeWithEngine } from './stack';

jest.setTimeout(180_000);

type Found = Readonly<Record<string, FoundDrift>>;

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Everything at once, each kind on a node of its own; the tests follow each other. */
describeWithEngine('drift on the real engine, rehearsed: pulumi refresh and llmos-nodes nodes agree', () => {
  let stack: Stack;
  let hand: ByHand;
  let refreshed: Found;
  let shown: Found;
  let said: string;
  const scene = () => openRehearsal(stack.rehearsal);
  const address = (name: string) => `192.0.2.${(name.startsWith('m') ? 10 : 100) + Number(name.slice(1))}`;
  const machine = (name: string) => ({ name, address: address(name) });

  /** What the state says since the latest refresh. */
  async function inState(): Promise<Found> {
    const found = (await stack.resources()).flatMap(({ type, outputs }) => (type.endsWith('llmos:Node') ? [{ [String(outputs!.name)]: outputs!.drift }] : [outputs?.drift ?? {}]));
    return Object.fromEntries(found.flatMap(each => Object.entries(each as Found)).filter(([, drift]) => drift !== undefined));
  }

  /** What `llmos-nodes nodes` says. */
  async function inNodes(): Promise<Found> {
    const { nodes } = JSON.parse((await stack.llmosNodes('nodes', '--json')).text) as NodesReport;
    return Object.fromEntries(nodes.filter(({ drift }) => drift.length > 0).map(({ name, drift }) => [name, Object.fromEntries(drift.map(({ kind, message }) => [kind, message]))]));
  }

  async function refresh(): Promise<string> {
    const { code, text } = await stack.refresh();
    expect({ code, text }).toMatchObject({ code: 0 });
    return text;
  }

  beforeAll(async () => {
    stack = await Stack.create();
    const [w1, w2, ...others] = workers(8);
    stack.declare({
      management: { machines: management(5) },
      workers: [{ ...w1!, labels: { rack: 'r1' } }, { ...w2!, taints: [{ key: 'gpu', value: 'h200', effect: 'NoSchedule' }] }, ...others],
    });
    const { code, text } = await stack.up();
    expect({ code, text }).toMatchObject({ code: 0 });
    hand = new ByHand(stack.rehearsal);

    await scene().loseNode('w4');
    await scene().reinstall('w4');
    await hand.join(machine('w4'), machine('m1'));
    await hand.join(machine('w9'), machine('m1'));
    await scene().setFaults('w6', { notReady: 'container runtime is down' });
    hand.node('w1', node => { node.labels.rack = 'r9'; });
    hand.node('w2', node => { node.taints = []; });
    hand.node('w3', () => null);
    hand.node('w5', node => { Object.assign(node, { internalAddress: '192.0.2.99', externalAddress: '192.0.2.99' }); });
    hand.version(address('w7'), 'v1.34.3+k3s1');
    hand.version(address('w8'), 'v1.34.9+k3s1');
    hand.node('m3', node => { node.role = 'worker'; });
    hand.node('m5', () => null);
    hand.members(members => {
      members.find(({ node }) => node === 'm2')!.learner = true;
      members.splice(members.findIndex(({ node }) => node === 'm4'), 1);
      members.push({ id: 'aa', name: 'm9-aaaaaaaa', node: 'm9', host: '192.0.2.19', peerUrl: 'https://192.0.2.19:2380', learner: false, since: 0 });
    });
    shown = await inNodes();
    said = await refresh();
    refreshed = await inState();
  });
  afterAll(() => stack.dispose());

  test.each<[string, DriftKind, string | RegExp]>([
    ['w1', 'labels', 'label rack is r9 and declared r1'],
    ['w2', 'taints', 'taint gpu=h200:NoSchedule is missing'],
    ['w3', 'missing', 'it had joined, and the cluster has no such Node'],
    ['w4', 'machine', /^another machine has its name: machine-id \w+, and \w+ joined$/],
    ['w5', 'address', 'address is 192.0.2.99 and declared 192.0.2.105'],
    ['w6', 'not ready', 'it is not ready: container runtime is down'],
    ['w7', 'version', 'version is v1.34.3+k3s1 and declared v1.34.4+k3s1'],
    ['w8', 'newer version', 'version is v1.34.9+k3s1 and declared v1.34.4+k3s1'],
    ['w9', 'not declared', /^nobody declared it/],
    ['m2', 'voter', /^its etcd member is a learner/],
    ['m3', 'role', 'role is worker and declared management'],
    ['m4', 'no member', /it is in the cluster without an etcd member/],
    ['m5', 'ghost member', /it has no Node/],
    ['m9', 'ghost member', /it has no Node/],
  ])('of %s both say: %s', (name, kind, message) => {
    expect(shown[name]).toEqual({ [kind]: typeof message === 'string' ? message : expect.stringMatching(message) });
    expect(refreshed[name]).toEqual(shown[name]);
    expect(said).toMatch(new RegExp(`^ +warning: (node '${name}': )?${escaped(shown[name]![kind]!)}; .{20}`, 'm'));
  });

  test('neither says anything else, and nobody has left the state', async () => {
    expect(refreshed).toEqual(shown);
    expect(Object.keys(refreshed)).not.toContain('m1');
    expect(await stack.nodes()).toEqual(['m1', 'm2', 'm3', 'm4', 'm5', 'w1', 'w2', 'w3', 'w4', 'w5', 'w6', 'w7', 'w8']);
  });

  test('another refresh finds the same, and shows which nodes are not as declared', async () => {
    const text = await refresh();
    expect(await inState()).toEqual(refreshed);
    expect([...text.matchAll(/prod-(\w+) updated/g)].map(([, name]) => name).sort()).toEqual(Object.keys(shown).filter(name => !name.endsWith('9')).sort());
  });

  test('a pipeline can ask whether there is any, without touching the state', async () => {
    const before = await stack.resources();
    const { code } = await stack.pulumi('refresh', '--preview-only', '--expect-no-changes', ...stack.configFlag);
    expect(code).not.toBe(0);
    expect(await stack.resources()).toEqual(before);
  });

  test('a preview shows what the next up mends, and says what it leaves as it is', async () => {
    const { code, text } = await stack.preview();
    expect({ code, text }).toMatchObject({ code: 0 });
    expect(text).toMatch(/prod-w1 update .*\[diff: ~labels\]/);
    expect(text).toMatch(/prod-w2 update .*\[diff: .*taints\]/);
    expect(text).toMatch(/prod-w7 update .*\[diff: .*kubernetesVersion/);
    expect(text).toMatch(/~ 3 to update\n +\d+ unchanged/);
    for (const name of ['w3', 'w4', 'w5', 'w8', 'w9', 'm3', 'm4', 'm5', 'm9']) expect(text).toContain(`warning: node '${name}', as the latest refresh found it: `);
    for (const name of ['m2', 'w6']) expect(text).not.toContain(`node '${name}', as`);
  });

  test('the next up mends that and nothing else', async () => {
    const { code, text } = await stack.up();
    expect({ code, text }).toMatchObject({ code: 0 });
    expect(text).toMatch(/~ 3 updated\n +\d+ unchanged/);
    expect(await scene().api().node('w1')).toMatchObject({ labels: { rack: 'r1' } });
    expect(await scene().api().node('w2')).toMatchObject({ taints: [{ key: 'gpu', value: 'h200', effect: 'NoSchedule' }] });
    expect(await scene().api().node('w7')).toMatchObject({ kubeletVersion: 'v1.34.4+k3s1' });
    const { w1, w2, w7, ...left } = shown;
    expect(await inNodes()).toEqual(left);
    expect(await inState()).toEqual(left);
  });

  test('where all is well again neither finds anything, and there is nothing to do', async () => {
    hand.restore();
    await scene().setFaults('w6', { notReady: undefined });
    await scene().loseNode('w9');
    stack.set('llmos:confirmRemoval', [{ name: 'w4', removal: 'reinstall' }]);
    await refresh();
    const { code, text } = await stack.up();
    expect({ code, text }).toMatchObject({ code: 0 });
    expect(text).toMatch(/w4 joining/);
    await refresh();
    expect(await inState()).toEqual({});
    expect(await inNodes()).toEqual({});
    expect(await stack.preview('--expect-no-changes')).toMatchObject({ code: 0 });
    expect(await stack.pulumi('refresh', '--preview-only', '--expect-no-changes', ...stack.configFlag)).toMatchObject({ code: 0 });
  });
});
