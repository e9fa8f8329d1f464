import { CLUSTER, m1, m2, m3, membershipOf, Provider, reasons, w1 } from './provider';

let provider: Provider;
beforeEach(async () => { provider = await Provider.start(); });
afterEach(() => provider.dispose());

describe('what may leave', () => {
  test('a node whose name was confirmed, in a run that checked the membership', async () => {
    const state = await provider.given(m1, w1);
    await provider.declare([m1]);
    await expect(provider.node.delete('w1', state.w1!)).rejects.toThrow("removal of 'w1' from cluster 'prod': a node is removed only when its name was confirmed");
    provider.settings['llmos:confirmRemoval'] = '["w1"]';
    await provider.newRun();
    await expect(provider.node.delete('w1', state.w1!)).rejects.toThrow('membership was not checked in this run');
    expect((await provider.rehearsed.api().nodes()).map(({ name }) => name)).toContain('w1');
    await provider.declare([m1]);
    await provider.node.delete('w1', state.w1!);
    expect((await provider.rehearsed.api().nodes()).map(({ name }) => name)).toEqual(['m1']);
  });

  test('a record of a node that is declared as it is, without the node: Pulumi has made it anew, confirmed or not', async () => {
    const state = await provider.given(m1, w1);
    provider.settings['llmos:confirmRemoval'] = '["w1"]';
    await provider.newRun();
    await provider.declare([m1, w1]);
    await provider.node.delete('m1', state.m1!);
    await provider.node.delete('w1', state.w1!);
    expect((await provider.rehearsed.api().nodes()).map(({ name, ready, unschedulable }) => `${name} ${ready} ${unschedulable}`)).toEqual(['m1 true false', 'w1 true false']);
    expect(await provider.rehearsed.api().fencedNames()).toEqual([]);
  });

  test('everything, where the cluster\'s name was confirmed and no membership is declared', async () => {
    const state = await provider.given(m1, w1);
    provider.settings['llmos:confirmDestroy'] = CLUSTER;
    await provider.newRun();
    await provider.node.delete('w1', state.w1!);
    await provider.node.delete('m1', state.m1!);
    expect(await provider.rehearsed.machine(m1).leftovers()).toEqual([]);
  });

  test('with the whole cluster a machine that is gone, where that was said by its name', async () => {
    const state = await provider.given(m1, w1);
    await provider.rehearsed.kill('w1');
    provider.settings['llmos:confirmDestroy'] = CLUSTER;
    await provider.newRun();
    await expect(provider.node.delete('w1', state.w1!)).rejects.toThrow('npx llmos-nodes confirm w1 --unreachable');
    provider.settings['llmos:confirmRemoval'] = '[{"name":"w1","removal":"unreachable"}]';
    await provider.newRun();
    await provider.node.delete('w1', state.w1!);
    expect((await provider.rehearsed.api().nodes()).map(({ name }) => name)).toEqual(['m1']);
  });
});

describe('how removals are confirmed', () => {
  test('in the definition and in the stack\'s configuration, and not in two ways', async () => {
    provider.settings['llmos:confirmRemoval'] = '[{"name":"w1","removal":"unreachable"}, "m2"]';
    await provider.newRun();
    expect(await reasons(provider.membership.check(membershipOf([m1, w1]), membershipOf([m1], { confirmRemoval: ['w1'] })))).toEqual([
      'confirmRemoval and llmos:confirmRemoval (w1): this removal is confirmed more than once, in different ways, and only one can be meant; delete all but one',
    ]);
    expect(await reasons(provider.membership.check(membershipOf([m1, w1]), membershipOf([m1], { confirmRemoval: ['m2'] })))).toEqual([]);
  });

  test('the preview says how to add to what the stack confirms already', async () => {
    provider.settings['llmos:confirmRemoval'] = '[{"name":"m5","removal":"unreachable"}]';
    await provider.newRun();
    expect((await reasons(provider.membership.check(membershipOf([m1, w1]), membershipOf([m1])))).join()).toContain("pulumi config set --path 'llmos:confirmRemoval[1]' w1");
  });

  test.each(['w1', 'w1, w2', '["w1"]', '[{"name":"w1","drain":"force"}]'])('the stack may say %s', async written => {
    provider.settings['llmos:confirmRemoval'] = written;
    await provider.newRun();
    expect(await reasons(provider.membership.check(membershipOf([m1, w1]), membershipOf([m1])))).toEqual([]);
  });

  test('what the stack says and nobody understands is refused, with everything else', async () => {
    provider.settings['llmos:confirmRemoval'] = '[{"name":"w1","removal":"gone"}]';
    await provider.newRun();
    expect(await reasons(provider.membership.check(membershipOf([m1, w1]), membershipOf([m1])))).toEqual([
      expect.stringContaining("llmos:confirmRemoval of 'w1' (removal: gone): that cannot be chosen"), expect.stringContaining("removal from cluster 'prod' (w1)"),
    ]);
  });

  test('one that is left over is named and refuses nothing', async () => {
    expect(await reasons(provider.membership.check(membershipOf([m1]), membershipOf([m1], { confirmRemoval: ['m9', 'm1'] })))).toEqual([]);
    expect(jest.mocked(console.log).mock.calls.flat()).toEqual([
      expect.stringMatching(/^warning: .*\(m9\): it matches no node any more/), expect.stringMatching(/^warning: .*\(m1\): that node stays/),
    ]);
  });
});

test('management nodes take turns, whatever the engine starts at once; workers do not wait', async () => {
  const state = await provider.given(m1, m2, m3);
  await provider.declare([m1], { confirmRemoval: ['m2', 'm3'] });
  const lines: string[] = [];
  jest.spyOn(console, 'log').mockImplementation(line => { lines.push(String(line).split(' ')[0]!); });
  await Promise.all([provider.node.delete('m3', state.m3!), provider.node.delete('m2', state.m2!)]);
  expect(lines.filter((name, index) => name !== lines[index - 1])).toEqual(['m3', 'm2']);
});
