import * as fc from 'fast-check';
import {
  checkJoin, checkRemoval, exposure, failureTolerance, majority, planTransition, type Member, quorumFigures, type Transition, TransitionError,
} from '../../src/quorum';
import { anyMembership, deadVoter, hasQuorum, healthyVoter, without } from './member-lists';

/** `+m2` joins, `-m2` is removed. */
const way = ({ steps }: Transition): string => steps.map(({ action, node }) => `${action === 'join' ? '+' : '-'}${node}`).join(' ');

test('growing from one to three joins one at a time and reports the figures after each step', () => {
  expect(planTransition(['m1'], ['m1', 'm2', 'm3'])).toEqual({
    steps: [
      { action: 'join', node: 'm2', voters: 2, majority: 2, failureTolerance: 0 },
      { action: 'join', node: 'm3', voters: 3, majority: 2, failureTolerance: 1 },
    ],
    lowestFailureTolerance: 0,
  });
});

test.each([
  ['nothing changes', 'm1 m2 m3', 'm1 m2 m3', '', 1],
  ['the order alone changes', 'm1 m2 m3', 'm3 m1 m2', '', 1],
  ['a new cluster is made', '', 'm1 m2 m3', '+m1 +m2 +m3', 0],
  ['a cluster is destroyed', 'm1 m2 m3', '', '-m3 -m2 -m1', 0],
  ['nothing stays nothing', '', '', '', 0],
  ['three become five', 'm1 m2 m3', 'm1 m2 m3 m4 m5', '+m4 +m5', 1],
  ['five become three', 'm1 m2 m3 m4 m5', 'm1 m3 m5', '-m4 -m2', 1],
  ['three become one', 'm1 m2 m3', 'm1', '-m3 -m2', 0],
  ['m2 and m4 are swapped for m6 and m7', 'm1 m2 m3 m4 m5', 'm1 m6 m3 m7 m5', '+m6 +m7 -m4 -m2', 2],
  ['the first node is replaced', 'm1 m2 m3', 'm4 m2 m3', '+m4 -m1', 1],
  ['the only node is replaced', 'm1', 'm2', '+m2 -m1', 0],
  ['every node is replaced', 'm1 m2 m3', 'm4 m5 m6', '+m4 +m5 +m6 -m3 -m2 -m1', 1],
])('when %s (%s to %s) the way is "%s" and never tolerates fewer than %i failures', (_, before, after, steps, lowest) => {
  const transition = planTransition(names(before), names(after));
  expect(way(transition)).toBe(steps);
  expect(transition.lowestFailureTolerance).toBe(lowest);
});

test('a confirmed dead node leaves before its replacement joins', () => {
  expect(way(planTransition(['m1', 'm2', 'm3'], ['m1', 'm2', 'm4'], { dead: ['m3'] }))).toBe('-m3 +m4');
  expect(planTransition(['m1', 'm2', 'm3'], ['m1', 'm2', 'm4'], { dead: ['m3'] }).lowestFailureTolerance).toBe(0);
});

test('of the nodes that leave only the dead ones go first', () => {
  expect(way(planTransition(['m1', 'm2', 'm3', 'm4', 'm5'], ['m1', 'm2', 'm6', 'm7', 'm8'], { dead: ['m3', 'm5'] }))).toBe('-m5 -m3 +m6 +m7 +m8 -m4');
});

test.each([
  ['the second of three is replaced', 'm1 m2 m3', 'm1 m2 m3', 'm2', '', '', '-m2 +m2', 0],
  ['the first of three is replaced, and another joins before it', 'm1 m2 m3', 'm4 m1 m2 m3', 'm1', '', '', '+m4 -m1 +m1', 1],
  ['the first of three is replaced, and another joins after it', 'm1 m2 m3', 'm1 m4 m2 m3', 'm1', '', '', '-m1 +m1 +m4', 0],
  ['all of three are replaced', 'm1 m2 m3', 'm1 m2 m3', 'm1 m2 m3', '', '', '-m1 +m1 -m2 +m2 -m3 +m3', 0],
  ['a dead one is replaced: it leaves before anything joins', 'm1 m2 m3', 'm4 m1 m2', 'm2', 'm2', '', '-m2 +m4 +m2 -m3', 0],
  ['two dead ones of five are replaced', 'm1 m2 m3 m4 m5', 'm1 m2 m3 m4 m5', 'm2 m4', 'm2 m4', '', '-m4 -m2 +m2 +m4', 1],
  ['one becomes a worker and another leaves for good', 'm1 m2 m3 m4 m5', 'm1 m3 m4', '', '', 'm2', '-m2 -m5', 1],
  ['one of three becomes a worker and a worker takes its place', 'm1 m2 m3', 'm1 m3 w1', '', '', 'm2', '+w1 -m2', 1],
  ['a dead one is to become a worker', 'm1 m2 m3', 'm1 m3 m4', '', 'm2', 'm2', '-m2 +m4', 0],
  ['nobody is meant by the names', 'm1 m2 m3', 'm1 m2 m3', 'w1', '', 'w1', '', 1],
])('when %s (%s to %s, with %s on other machines, %s dead, %s a worker) the way is "%s" and never tolerates fewer than %i failures', (_, before, after, replaced, dead, demoted, steps, lowest) => {
  const transition = planTransition(names(before), names(after), { replaced: names(replaced), dead: names(dead), demoted: names(demoted) });
  expect(way(transition)).toBe(steps);
  expect(transition.lowestFailureTolerance).toBe(lowest);
});

test('the only voter cannot leave before its successor joins, which bears its name', () => {
  const plan = (after: string) => () => planTransition(['m1'], names(after), { replaced: ['m1'] });
  expect(plan('m1')).toThrow('removing m1 leaves no voter: with the only one the cluster is gone; give the new machine a name of its own');
  expect(plan('m1 m2 m3')).toThrow(TransitionError);
  // Named before it, others have joined by then.
  expect(way(plan('m2 m3 m1')())).toBe('+m2 +m3 -m1 +m1');
});

test('a dead node that stays, and one that never was a member, change nothing', () => {
  expect(way(planTransition(['m1', 'm2', 'm3'], ['m1', 'm2', 'm3', 'm4'], { dead: ['m3', 'gpu-1'] }))).toBe('+m4');
});

test('where zones are given, each step says how many may be lost after it, and the way how few that ever are', () => {
  const zones = { m1: 'a', m2: 'b', m3: 'c', m4: 'a', m5: 'b' };
  const { steps, lowestZoneFailureTolerance } = planTransition(['m1', 'm2', 'm3'], ['m1', 'm2', 'm3', 'm4', 'm5'], { zones });
  expect(steps.map((step) => step.zoneFailureTolerance)).toEqual([0, 1]);
  expect(lowestZoneFailureTolerance).toBe(0);
  expect(planTransition(['m1', 'm2', 'm3'], ['m1', 'm2', 'm3'], { zones })).toEqual({ steps: [], lowestFailureTolerance: 1, lowestZoneFailureTolerance: 1 });
});

test('the zone of a node that leaves counts until it has left', () => {
  const zones = { m1: 'a', m2: 'b', m3: 'b', m4: 'c' };
  const { steps, lowestZoneFailureTolerance } = planTransition(['m1', 'm2', 'm3'], ['m1', 'm2', 'm4'], { zones });
  expect(steps.map((step) => step.zoneFailureTolerance)).toEqual([0, 1]);
  expect(lowestZoneFailureTolerance).toBe(0);
});

test('a node without a zone falls with the first zone that is lost, and a cluster made or destroyed tolerates no loss', () => {
  expect(planTransition(['m1', 'm2'], ['m1', 'm2', 'm3'], { zones: { m1: 'a', m2: 'b' } }).steps).toMatchObject([{ zoneFailureTolerance: 0 }]);
  expect(planTransition([], ['m1'], { zones: { m1: 'a' } })).toMatchObject({ lowestZoneFailureTolerance: 0 });
  expect(planTransition(['m1'], [], { zones: { m1: 'a' } })).toMatchObject({ steps: [{ zoneFailureTolerance: 0 }], lowestZoneFailureTolerance: 0 });
});

test('going from one to two is the only exposure on the way from one to seven and back', () => {
  const all = ['m1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7'];
  const steps = [...planTransition(['m1'], all).steps, ...planTransition(all, ['m1']).steps];
  expect(steps.flatMap((step) => exposure(step) ?? [])).toEqual(['with 2 voters, losing either stops the cluster until a third has joined']);
  expect(exposure(steps[0])).toBeDefined();
});

test('more than nine voters on the way are refused with the advice to make two changes of it', () => {
  const five = ['m1', 'm2', 'm3', 'm4', 'm5'];
  expect(() => planTransition(five, ['n1', 'n2', 'n3', 'n4', 'n5'])).toThrow(
    new TransitionError(
      'new nodes join before old ones leave, which makes 10 voters on the way, more than 9',
      'make two changes of it, each replacing a part of the nodes',
    ),
  );
  expect(planTransition(five, ['m1', 'n2', 'n3', 'n4', 'n5']).steps).toHaveLength(8);
  expect(planTransition(five, ['n1', 'n2', 'n3', 'n4', 'n5'], { dead: ['m5'] }).steps).toHaveLength(10);
});

test('a membership that is larger than nine already may shrink', () => {
  const eleven = Array.from({ length: 11 }, (_, index) => `m${index + 1}`);
  expect(planTransition(eleven, eleven.slice(0, 7)).steps).toHaveLength(4);
});

test('names listed twice are refused, all of them at once', () => {
  expect(() => planTransition(['m1', 'm2', 'm1', 'm1'], ['m3', 'm3', 'm4', 'm4'])).toThrow(
    new TransitionError('m1 listed more than once in the membership before, m3 and m4 listed more than once in the membership after', 'name each node once'),
  );
});

test('no order of steps helps when the dead outweigh the living', () => {
  expect(() => planTransition(['m1', 'm2', 'm3'], ['m1', 'm4', 'm5'], { dead: ['m2', 'm3'] })).toThrow(
    '2 of 3 voters dead (m2, m3) leaves 1, less than the majority of 2 that has to agree on any change; bring one of them back, or restore',
  );
  expect(() => planTransition(['m1'], ['m2'], { dead: ['m1'] })).toThrow(TransitionError);
});

test('a cluster that lost its quorum may still be destroyed', () => {
  expect(way(planTransition(['m1', 'm2', 'm3'], [], { dead: ['m2', 'm3'] }))).toBe('-m3 -m2 -m1');
});

/** Two memberships whose way never needs more than nine voters, and who of the first is dead: no more than it tolerates, and all of them leave. */
const anyChange = fc
  .record({ before: anyMembership(), after: anyMembership({ minLength: 1 }), deaths: fc.nat({ max: 3 }) })
  .map(({ before, after, deaths }) => ({
    before,
    after,
    dead: before.filter((node) => !after.includes(node)).slice(0, before.length === 0 ? 0 : Math.min(deaths, failureTolerance(before.length))),
  }))
  .filter(({ before, after, dead }) => new Set([...before, ...after]).size - dead.length <= 9);

test('the steps make the one membership out of the other, changing one node at a time, and the figures are those after each step', () => {
  fc.assert(
    fc.property(anyChange, ({ before, after, dead }) => {
      const members = new Set(before);
      for (const step of planTransition(before, after, { dead }).steps) {
        expect(members.has(step.node)).toBe(step.action === 'remove');
        step.action === 'join' ? members.add(step.node) : members.delete(step.node);
        expect(step).toMatchObject({ voters: members.size, majority: majority(members.size), failureTolerance: failureTolerance(members.size) });
      }
      expect([...members].sort()).toEqual([...after].sort());
    }),
  );
});

test('a node is removed before the last join only when it is dead, and no node that stays is touched', () => {
  fc.assert(
    fc.property(anyChange, ({ before, after, dead }) => {
      const { steps } = planTransition(before, after, { dead });
      const lastJoin = steps.map((step) => step.action).lastIndexOf('join');
      const early = steps.slice(0, lastJoin + 1).filter((step) => step.action === 'remove');
      expect(early.every((step) => dead.includes(step.node))).toBe(true);
      expect(steps.every((step) => before.includes(step.node) !== after.includes(step.node))).toBe(true);
    }),
  );
});

test('the lowest failure tolerance is that of the fewest voters on the way', () => {
  fc.assert(
    fc.property(anyChange, ({ before, after, dead }) => {
      const { steps, lowestFailureTolerance } = planTransition(before, after, { dead });
      const fewest = Math.min(before.length, ...steps.map((step) => step.voters));
      expect(lowestFailureTolerance).toBe(quorumFigures(fewest).failureTolerance);
    }),
  );
});

test('a plan is carried out on a model cluster without the guard refusing a step or the quorum being lost', () => {
  fc.assert(
    fc.property(anyChange, ({ before, after, dead }) => {
      let members: Member[] = before.map((node) => (dead.includes(node) ? deadVoter(node) : healthyVoter(node)));
      for (const { action, node } of planTransition(before, after, { dead }).steps) {
        if (members.length > 0) {
          expect((action === 'join' ? checkJoin : checkRemoval)(members, node)).toMatchObject({ safe: true });
        }
        members = action === 'join' ? [...members, healthyVoter(node)] : without(members, node);
        expect(hasQuorum(members)).toBe(true);
      }
    }),
  );
});

function names(spaced: string): string[] {
  return spaced.split(' ').filter((name) => name !== '');
}
