import type { ConfirmedRemoval } from '../../src/llmos/removal';
import type { NodeState } from '../../src/pulumi/state';
import { SPARE, clusterOf, expectDone, givenClusters, look, m, machineIdOf, of, settled, turns, w } from './replacing-scene';

type Successor = 'its name on another machine' | 'another name on another machine' | 'its name on the same machine, reinstalled';
type Old = 'alive' | 'dead' | 'given up';

interface Case {
  readonly size: number;
  readonly leaving: NodeState;
  readonly successor: Successor;
  readonly old: Old;
}

const places: readonly (readonly [number, NodeState])[] = [[1, m(1)], [3, m(1)], [3, m(2)], [3, m(3)], [5, m(1)], [5, m(3)], [5, m(5)], [1, w(1)], [3, w(2)]];
const CASES: readonly Case[] = places.flatMap(([size, leaving]) =>
  (['its name on another machine', 'another name on another machine', 'its name on the same machine, reinstalled'] as const).flatMap(successor =>
    (['alive', 'dead', 'given up'] as const).map(old => ({ size, leaving, successor, old }))));

/** How each is confirmed. */
const REMOVALS: Readonly<Record<Old, ConfirmedRemoval['removal']>> = { alive: 'clean', dead: 'unreachable', 'given up': 'reinstall' };

/** Why it cannot be done; undefined where it can. */
function refusal({ size, leaving, successor, old }: Case): RegExp | undefined {
  const isOnly = leaving.role === 'management' && size === 1;
  if (isOnly && old === 'dead') return /1 of 1 voter dead \(m1\) leaves 0/;
  if (isOnly && successor === 'its name on another machine') return /removing m1 leaves no voter: .*give the new machine a name of its own/;
  if (successor === 'its name on the same machine, reinstalled' && old === 'alive') return /the machine that joined is not there to be cleaned; if it was reinstalled: npx llmos-nodes confirm \S+ --reinstall/;
  return undefined;
}

givenClusters(1, 3, 5);

describe('a node is replaced', () => {
  // The only management node that was reinstalled took the cluster with it: nobody can be asked, see below.
  test.each(CASES.filter(({ size, leaving, successor }) => !(size === 1 && leaving.role === 'management' && successor.endsWith('reinstalled'))))(
    '$leaving.name of $size management nodes by $successor, the old one $old',
    async replacement => {
      const { size, leaving, successor, old } = replacement;
      const engine = await clusterOf(size);
      const { rehearsed } = engine;
      const identity = await rehearsed.api().identity();
      const machineId = await machineIdOf(engine, leaving.name);
      const before = of(size);
      const next: NodeState = successor === 'another name on another machine' ? { ...leaving, name: `${leaving.name[0]}9`, address: SPARE }
        : { ...leaving, address: successor === 'its name on another machine' ? SPARE : leaving.address };
      const after = before.map(node => (node.name === leaving.name ? next : node));
      if (old === 'dead') await rehearsed.kill(leaving.address);
      if (successor.endsWith('reinstalled')) {
        await rehearsed.reinstall(leaving.address);
        await rehearsed.revive(leaving.address);
        await engine.refresh();
      }

      // Nothing of it happens unless its name is typed.
      const unconfirmed = await engine.up(after);
      expect(unconfirmed.refused.join()).toMatch(new RegExp(`removal from cluster 'prod' \\(${leaving.name}\\): .*only when its name was confirmed`));

      const outcome = await engine.up(after, [{ name: leaving.name, removal: REMOVALS[old] }]);
      const refused = refusal(replacement);
      if (refused) {
        expect(outcome.refused.join()).toMatch(refused);
        return;
      }
      expectDone(outcome);
      const joinsFirst = next.name !== leaving.name;
      expect(turns(outcome)).toEqual(joinsFirst ? [`${next.name} joins`, `${leaving.name} leaves`] : [`${leaving.name} leaves`, `${leaving.name} joins`]);
      const expected = settled(after, joinsFirst ? [leaving.name] : []);
      expect(await look(engine)).toEqual(expected);
      expect(await rehearsed.api().identity()).toBe(identity);
      const now = await machineIdOf(engine, next.name);
      expect(now).not.toBe(machineId);
      if (old === 'alive') expect(await rehearsed.machine(leaving).leftovers()).toEqual([]);

      // The old machine comes up once more, where there still is one, and stays out.
      if (leaving.address !== next.address) {
        if (old === 'dead') await rehearsed.revive(leaving.address);
        else await rehearsed.reboot(leaving.address);
        expect(await look(engine)).toEqual(expected);
        expect(await machineIdOf(engine, next.name)).toBe(now);
      }
      // It is over: the same definition without the confirmation has nothing left to do.
      expect(await engine.up(after)).toEqual({ refused: [], done: [] });
    },
  );

  test('the only management node that was reinstalled is not joined to anything, and starts no second cluster', async () => {
    const engine = await clusterOf(1);
    await engine.rehearsed.reinstall(m(1).address);
    await engine.refresh();
    expect(await engine.up(of(1), [{ name: 'm1', removal: 'reinstall' }])).toEqual({ refused: [], done: [] });
    expect(await engine.rehearsed.machine(m(1)).leftovers()).toEqual([]);
  });
});
