import type { ConfirmedRemoval } from '../../src/llmos/removal';
import type { NodeState } from '../../src/pulumi/state';
import { addressOf, initialise } from '../adapters/rehearsal/cluster-fixture';
import { SPARE, clusterOf, expectDone, givenClusters, look, m, machineIdOf, of, settled, turns, w } from './replacing-scene';

givenClusters(1, 3, 5);

const clean = (...names: readonly string[]): ConfirmedRemoval[] => names.map(name => ({ name }));
const gone = (...names: readonly string[]): ConfirmedRemoval[] => names.map(name => ({ name, removal: 'unreachable' }));
const moved = (node: NodeState, last = 1): NodeState => ({ ...node, address: `10.0.9.${last}` });

describe('several changes at once', () => {
  test('two dead ones of five are replaced under their names: both leave before either successor joins', async () => {
    const engine = await clusterOf(5);
    for (const address of [m(2).address, m(4).address]) await engine.rehearsed.kill(address);
    const after = [m(1), moved(m(2), 2), m(3), moved(m(4), 4), m(5), w(1), w(2)];
    expectDone(await engine.up(after, gone('m2', 'm4')));
    expect(await look(engine)).toEqual(settled(after));
    for (const address of [m(2).address, m(4).address]) await engine.rehearsed.revive(address);
    expect(await look(engine)).toEqual(settled(after));
  });

  test('a dead one is replaced under its name while two others join before it: it leaves first, or they could not', async () => {
    const engine = await clusterOf(3);
    await engine.rehearsed.kill(m(2).address);
    const after = [m(6), m(7), m(1), moved(m(2)), m(3), w(1), w(2)];
    const outcome = await engine.up(after, gone('m2'));
    expectDone(outcome);
    expect(turns(outcome)).toEqual(['m6 joins', 'm7 joins', 'm2 leaves', 'm2 joins']);
    expect(await look(engine)).toEqual(settled(after));
  });

  test('all three get other machines under their names, one after the other', async () => {
    const engine = await clusterOf(3);
    const identity = await engine.rehearsed.api().identity();
    const after = [moved(m(1), 1), moved(m(2), 2), moved(m(3), 3), w(1), w(2)];
    const outcome = await engine.up(after, clean('m1', 'm2', 'm3'));
    expectDone(outcome);
    expect(turns(outcome)).toEqual(['m1 leaves', 'm1 joins', 'm2 leaves', 'm2 joins', 'm3 leaves', 'm3 joins']);
    expect(await look(engine)).toEqual(settled(after));
    expect(await engine.rehearsed.api().identity()).toBe(identity);
    expect(await engine.up(after, clean('m1', 'm2', 'm3'))).toEqual({ refused: [], done: [] });
  });

  test('the only management node is replaced under its name once two others have joined', async () => {
    const engine = await clusterOf(1);
    const after = [m(2), m(3), moved(m(1)), w(1), w(2)];
    const outcome = await engine.up(after, clean('m1'));
    expectDone(outcome);
    expect(turns(outcome)).toEqual(['m2 joins', 'm3 joins', 'm1 leaves', 'm1 joins']);
    expect(await look(engine)).toEqual(settled(after));
  });

  test.each([1, 2, 3])('of three one stays and management node %i is dead: the join token is changed when only one is left', async dead => {
    const engine = await clusterOf(3);
    const machine = engine.rehearsed.machine(m(dead === 1 ? 2 : 1));
    const before = await machine.joinToken();
    await engine.rehearsed.kill(m(dead).address);
    const stays = dead === 1 ? 2 : 1;
    const left = [1, 2, 3].find(number => number !== dead && number !== stays)!;
    const after = [m(stays), w(1), w(2)];
    expectDone(await engine.up(after, [...gone(`m${dead}`), ...clean(`m${left}`)], { registrationAddress: m(stays).address }));
    expect(await engine.rehearsed.api().nodes()).toHaveLength(3);
    expect(await machine.joinToken()).not.toBe(before);
    await engine.rehearsed.revive(m(dead).address);
    expect((await machine.members()).map(({ node }) => node)).toEqual([`m${stays}`]);
  });

  test('another order of the machines changes nothing', async () => {
    const engine = await clusterOf(3);
    const after = [m(3), m(1), m(2), w(2), w(1)];
    expect(await engine.up(after)).toEqual({ refused: [], done: [] });
    expect(await engine.up([m(3), m(1), m(2), m(4), m(5), w(2), w(1)])).toEqual({ refused: [], done: ['m4 joins', 'm5 joins'] });
    expect(await look(engine)).toMatchObject({ clusters: 1, members: ['m1', 'm2', 'm3', 'm4', 'm5'] });
  });
});

describe('a role changes', () => {
  test.each([['first', 1], ['middle', 2], ['last', 3]])('the %s management node becomes a worker and a worker takes its place, which joins first', async (_, number) => {
    const engine = await clusterOf(3);
    const rest = [m(1), m(2), m(3)].filter(({ name }) => name !== `m${number}`);
    const after: NodeState[] = [w(1, { role: 'management' }), ...rest, m(number, { role: 'worker' }), w(2)];
    expect((await engine.up(after)).refused.join()).toContain(`removal from cluster 'prod' (m${number}, w1): a node is removed only when its name was confirmed`);
    const outcome = await engine.up(after, clean(`m${number}`, 'w1'));
    expectDone(outcome);
    expect(turns(outcome)).toEqual(['w1 leaves', 'w1 joins', `m${number} leaves`, `m${number} joins`]);
    expect(await look(engine)).toEqual(settled(after));
    expect(await engine.up(after)).toEqual({ refused: [], done: [] });
  });

  test('the only management node and a worker change places', async () => {
    const engine = await clusterOf(1);
    const after: NodeState[] = [w(1, { role: 'management' }), m(1, { role: 'worker' }), w(2)];
    const outcome = await engine.up(after, clean('m1', 'w1'));
    expectDone(outcome);
    expect(turns(outcome)).toEqual(['w1 leaves', 'w1 joins', 'm1 leaves', 'm1 joins']);
    expect(await look(engine)).toEqual(settled(after));
  });

  test('two workers become management nodes, and back', async () => {
    const engine = await clusterOf(1);
    const after: NodeState[] = [m(1), w(1, { role: 'management' }), w(2, { role: 'management' })];
    expect(turns(await engine.up(after, clean('w1', 'w2')))).toEqual(['w1 leaves', 'w1 joins', 'w2 leaves', 'w2 joins']);
    expect(await look(engine)).toEqual(settled(after));
    const back = await engine.up(of(1), clean('w1', 'w2'));
    expectDone(back);
    expect(await look(engine)).toEqual(settled(of(1)));
  });

  test('a dead management node becomes a worker on another machine: it leaves before anything joins', async () => {
    const engine = await clusterOf(5);
    await engine.rehearsed.kill(m(2).address);
    const after: NodeState[] = [m(1), m(6), m(3), m(4), m(5), moved({ ...m(2), role: 'worker' }), w(1), w(2)];
    expectDone(await engine.up(after, gone('m2')));
    expect(await look(engine)).toEqual(settled(after));
    await engine.rehearsed.revive(m(2).address);
    expect(await look(engine)).toEqual(settled(after));
  });

  test('a dead worker becomes a management node on another machine', async () => {
    const engine = await clusterOf(3);
    await engine.rehearsed.kill(w(1).address);
    const after: NodeState[] = [m(1), m(2), m(3), moved({ ...w(1), role: 'management' }), m(5), w(2)];
    expectDone(await engine.up(after, gone('w1')));
    expect(await look(engine)).toEqual(settled(after));
    await engine.rehearsed.revive(w(1).address);
    expect(await look(engine)).toEqual(settled(after));
  });
});

describe('what cannot be is refused before anything is touched', () => {
  /** @returns the reason */
  async function refused(size: number, after: readonly NodeState[], confirmed: readonly ConfirmedRemoval[], prepare: (engine: Awaited<ReturnType<typeof clusterOf>>) => Promise<unknown> = async () => undefined): Promise<string> {
    const engine = await clusterOf(size);
    await prepare(engine);
    const before = await look(engine);
    const { refused: inPreview, error, done } = await engine.up(after, confirmed);
    expect(done).toEqual([]);
    expect(await look(engine)).toEqual(before);
    return [...inPreview, error].join('\n');
  }
  const swapped = [moved(m(1)), m(2), m(3), w(1), w(2)];

  test('a successor that does not answer', async () => {
    expect(await refused(3, swapped, clean('m1'), ({ rehearsed }) => rehearsed.setFaults(SPARE, { dead: true }))).toContain('root@10.0.9.1:22: it does not answer over SSH');
  });

  test('a successor that LLMOS cannot be installed on', async () => {
    expect(await refused(3, swapped, clean('m1'), ({ rehearsed }) => rehearsed.setFaults(SPARE, { facts: { arch: 'riscv64', privileged: false } }))).toMatch(/riscv64[^]*installing needs root/);
  });

  test('a successor of a dead one, before that leaves', async () => {
    expect(await refused(3, swapped, gone('m1'), async ({ rehearsed }) => {
      await rehearsed.kill(m(1).address);
      await rehearsed.setFaults(SPARE, { facts: { otherKubernetes: ['kubelet.service'] } });
    })).toContain('another Kubernetes lives there');
  });

  test('a successor on which LLMOS is set up', async () => {
    const after = [{ ...m(1), address: addressOf('m9') }, m(2), m(3), w(1), w(2)];
    expect(await refused(3, after, clean('m1'), ({ rehearsed }) => initialise(rehearsed, 'm9'))).toMatch(
      /machine 'm1' \(machine-id [0-9a-f]{32}\): LLMOS is set up on root@10\.0\.1\.9:22 already/,
    );
  });

  test('a successor that is another node of the cluster, which nobody is to clean', async () => {
    const after = [moved(m(1)), m(2), m(3), w(1)];
    const text = await refused(3, after, clean('m1', 'w2', 'w3'), async engine => {
      expectDone(await engine.up([...of(3), w(3, { address: SPARE })]));
    });
    expect(text).toContain("machine 'm1' (root@10.0.9.1:22): it is node 'w3' of this cluster, and a node keeps its name; use another machine, or let 'w3' leave first");
    expect(text).not.toContain('uninstall');
  });

  test('two that change places', async () => {
    const after = [{ ...m(1), address: m(2).address }, { ...m(2), address: m(1).address }, m(3), w(1), w(2)];
    const text = await refused(3, after, clean('m1', 'm2'));
    expect(text).toContain("it is node 'm2' of this cluster");
    expect(text).toContain("it is node 'm1' of this cluster");
    expect(text).not.toContain('uninstall');
  });

  test('another name for a machine that is a node', async () => {
    expect(await refused(3, [m(1), { ...m(2), name: 'm9' }, m(3), w(1), w(2)], clean('m2'))).toContain("machine 'm9' (root@10.0.1.2:22): it is node 'm2' of this cluster");
  });

  test('one that was to be reinstalled and was not', async () => {
    expect(await refused(3, [m(1), m(2), w(1, { role: 'management' }), m(3, { role: 'worker' }), w(2)], [{ name: 'w1', removal: 'reinstall' }, { name: 'm3' }]))
      .toMatch(/machine 'w1' \(machine-id [0-9a-f]{32}\): its removal is confirmed with removal: 'reinstall', and it is the same machine/);
  });

  test('one that is confirmed as gone and answers at its new address', async () => {
    expect(await refused(3, swapped, gone('m1'), async engine => {
      await engine.rehearsed.setFaults(SPARE, { facts: { machineId: await machineIdOf(engine, 'm1') } });
      await engine.rehearsed.kill(m(1).address);
    })).toMatch(/its removal is confirmed with removal: 'unreachable', and it is the machine that answers at root@10\.0\.9\.1:22/);
  });

  test('one that is confirmed as gone and answers', async () => {
    expect(await refused(3, swapped, gone('m1'))).toContain('root@10.0.1.1:22 answers, so it can be cleaned');
  });

  test.each([1, 2, 3])('management node %i of three, dead and not confirmed as gone', async number => {
    const after = of(3).map(node => (node.name === `m${number}` ? moved(node) : node));
    expect(await refused(3, after, clean(`m${number}`), ({ rehearsed }) => rehearsed.kill(m(number).address))).toContain(`npx llmos-nodes confirm m${number} --unreachable`);
  });

  test('a living one while another is dead, which would cost the quorum', async () => {
    expect(await refused(3, swapped, clean('m1'), ({ rehearsed }) => rehearsed.kill(m(2).address))).toContain('removing m1 leaves 2 voters of which 1 healthy: majority 2 would not hold');
  });

  test('more dead than the quorum bears', async () => {
    const after = [moved(m(1), 1), moved(m(2), 2), m(3), w(1), w(2)];
    expect(await refused(3, after, gone('m1', 'm2'))).toContain('less than the majority of 2');
  });

  test('a change after which machines would join through a host that is no management node any more', async () => {
    const engine = await clusterOf(3);
    const registrationAddress = m(1).address;
    expect((await engine.up(swapped, clean('m1'), { registrationAddress })).refused.join()).toContain(`registrationAddress of cluster 'prod' (${registrationAddress})`);
    expect(await look(engine)).toEqual(settled(of(3)));
    expectDone(await engine.up(swapped, clean('m1'), { registrationAddress: m(2).address }));
  });

  test('another internal address, unless its name is confirmed', async () => {
    const after = [m(1), m(2, { internalAddress: '192.168.0.2' }), m(3), w(1), w(2)];
    expect(await refused(3, after, [])).toContain("removal from cluster 'prod' (m2)");
  });
});

test('a successor whose installation fails when the old one has left is carried on by the next run', async () => {
  const engine = await clusterOf(3);
  await engine.rehearsed.setFaults(SPARE, { installFails: 'curl: (6) Could not resolve host' });
  const after = [m(1), moved(m(2)), m(3), w(1), w(2)];
  const { error, done } = await engine.up(after, clean('m2'));
  expect(error).toContain('Could not resolve host');
  expect(done).toEqual(['m2 leaves']);
  expect(await look(engine)).toMatchObject({ members: ['m1', 'm3'], fenced: [] });
  await engine.rehearsed.setFaults(SPARE, { installFails: undefined });
  expectDone(await engine.up(after));
  expect(await look(engine)).toEqual(settled(after));
});

describe('a management node that a failed run left in the cluster', () => {
  /** m4 is to take the place of m3 and cannot be installed, so that m3 stays for now. */
  async function failed(...after: readonly NodeState[]): ReturnType<typeof clusterOf> {
    const engine = await clusterOf(3);
    await engine.rehearsed.setFaults(m(4).address, { installFails: 'no space left on device' });
    expect((await engine.up(after, clean('m3'))).error).toContain('no space left on device');
    await engine.rehearsed.setFaults(m(4).address, { installFails: undefined });
    return engine;
  }

  test('leaves before anything joins where it has died since and is confirmed as gone', async () => {
    const after = [m(1), m(2), m(4), w(1), w(2)];
    const engine = await failed(...after);
    await engine.rehearsed.kill(m(3).address);
    expectDone(await engine.up(after, gone('m3')));
    expect(await look(engine)).toEqual(settled(after, ['m3']));
    expect(engine.state.membership).not.toHaveProperty('leaving');
  });

  test('is asked where it stands by the next run, although another machine has its name by then', async () => {
    const after = [m(1), m(2), m(4), moved(m(3)), w(1), w(2)];
    const engine = await failed(...after);
    const outcome = await engine.up(after, clean('m3'));
    expectDone(outcome);
    expect(outcome.done).toEqual(['m4 changes', 'm3 leaves', 'm3 joins']);
    expect(await look(engine)).toEqual(settled(after));
  });

  test('is asked there also where that run declares something else', async () => {
    const engine = await failed(m(1), m(2), m(4), moved(m(3)), w(1), w(2));
    const after = [m(1), m(2), m(5), moved(m(3)), w(1), w(2)];
    expectDone(await engine.up(after, clean('m3', 'm4')));
    expect(await look(engine)).toEqual(settled(after, ['m4']));
  });

  test('leaves where another machine has its name, and where that is yet another one by then', async () => {
    const engine = await failed(m(1), m(2), m(4), moved(m(3), 1), w(1), w(2));
    await engine.rehearsed.kill(m(3).address);
    const after = [m(1), m(2), m(4), moved(m(3), 2), w(1), w(2)];
    expectDone(await engine.up(after, gone('m3')));
    expect(await look(engine)).toEqual(settled(after));
  });

  test('stays where it is declared again', async () => {
    const engine = await failed(m(1), m(2), m(4), w(1), w(2));
    expectDone(await engine.up(of(3), clean('m4')));
    expect(await look(engine)).toEqual(settled(of(3), ['m4']));
    expect(engine.state.membership).not.toHaveProperty('leaving');
  });
});

test('a management node that has died is not taken for the one that left under its name', async () => {
  const engine = await clusterOf(3);
  const after = [m(1), moved(m(2)), m(3), w(1), w(2)];
  expectDone(await engine.up(after, clean('m2')));
  await engine.rehearsed.kill(SPARE);
  expect(await engine.up(after, gone('m2'))).toEqual({ refused: [], done: [] });
  expect(await look(engine)).toMatchObject({ members: ['m1', 'm2', 'm3'], notReady: ['m2'] });
});

test('a machine that has both addresses is cleaned by the old one and joins by the new one', async () => {
  const engine = await clusterOf(3);
  await engine.rehearsed.setFaults(SPARE, { facts: { machineId: await machineIdOf(engine, 'm2') } });
  const after = [m(1), moved(m(2)), m(3), w(1), w(2)];
  expectDone(await engine.up(after, clean('m2')));
  expect(await look(engine)).toEqual(settled(after));
});

describe('in the run that refreshed before', () => {
  test('a management node gets another machine under its name', async () => {
    const engine = await clusterOf(3);
    const after = [m(1), moved(m(2)), m(3), w(1), w(2)];
    expectDone(await engine.refreshAndUp(after, clean('m2'), { deadlines: { create: 3, delete: 3 } }));
    expect(await look(engine)).toEqual(settled(after));
  });

  test('machines join by the registration address that is declared now', async () => {
    const engine = await clusterOf(1);
    expectDone(await engine.refreshAndUp([...of(1), w(3)], [], { registrationAddress: m(1).address }));
    expect((await engine.rehearsed.machine(w(3)).facts()).server).toBe(`https://${m(1).address}:6443`);
  });
});
