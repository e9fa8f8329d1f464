import * as fc from 'fast-check';
import { checkJoin, checkRemoval, planTransition } from '../../src/quorum';
import { anyCluster, anyMembership } from './member-lists';
import { addLearner, die, hasQuorum, heal, promote, takeOut, throwOut, type Cluster, type Happening, type Machine } from './model';
import { voterNames } from './walk/clusters';
import { askGuard, memberList, storiesOf, type Step } from './walk/step';

const sorted = (names: readonly string[]): string[] => [...names].sort();

describe('what things are called', () => {
  test('neither the order of the member list nor its names change a verdict, so that one cluster of a kind stands for all', () => {
    fc.assert(
      fc.property(anyCluster.chain((members) => fc.record({ members: fc.constant(members), shuffled: fc.shuffledSubarray(members, { minLength: members.length }) })), ({ members, shuffled }) => {
        const renamed = shuffled.map((member) => ({ ...member, name: `other-${member.name}` }));
        expect(checkJoin(renamed, 'n1').safe).toBe(checkJoin(members, 'n1').safe);
        expect(checkJoin(renamed, 'n1').exposure).toBe(checkJoin(members, 'n1').exposure);
        for (const { name } of members) {
          expect(checkRemoval(renamed, `other-${name}`).safe).toBe(checkRemoval(members, name).safe);
        }
      }),
    );
  });

  test('names are nothing to a plan but names', () => {
    fc.assert(
      fc.property(anyMembership(), anyMembership(), (before, after) => {
        fc.pre(new Set([...before, ...after]).size <= 9);
        const other = (names: readonly string[]): string[] => names.map((name) => `z${20 - Number(name.slice(1))}`);
        const plan = planTransition(before, after);
        expect(planTransition(other(before), other(after))).toEqual({ ...plan, steps: plan.steps.map((step) => ({ ...step, node: other([step.node])[0] })) });
      }),
    );
  });
});

describe('a network in parts', () => {
  const anyMachine = fc.record({ up: fc.boolean(), heard: fc.boolean(), side: fc.constantFrom('east', 'west', 'island') });
  const anySplit: fc.Arbitrary<Cluster> = fc
    .array(anyMachine, { minLength: 1, maxLength: 8 })
    .map((machines) => machines.map((machine, index): Machine => ({ name: `m${index + 1}`, seat: 'voter', ...machine })));

  test('what is allowed leaves the quorum with the side that has it, whichever side a joining machine is on', () => {
    fc.assert(
      fc.property(anySplit, anyMachine, (voters, machine) => {
        const guest: Machine = { ...machine, name: 'n1', seat: 'none' };
        const cluster = [...voters, guest];
        const steps: Step[] = [{ action: 'join', node: 'n1' }, ...voters.map(({ name }): Step => ({ action: 'remove', node: name }))];
        for (const step of steps.filter((asked) => askGuard(memberList(cluster), asked).safe)) {
          const exposed = step.action === 'join' && voters.length === 1;
          const told = storiesOf(cluster, step)[0].reduce<Cluster[]>((moments, happening) => [...moments, happening(moments[moments.length - 1])], [cluster]);
          expect(told.filter((moment) => !hasQuorum(moment))).toHaveLength(exposed && guest.up && guest.side !== voters[0].side ? 1 : 0);
        }
      }),
      { numRuns: 3000 },
    );
  });
});

/** Seven machines, who of them is wanted as time goes on, and what befalls them. */
describe('a long life', () => {
  type Event = { readonly kind: 'step' | 'death' | 'recovery' | 'promotion' | 'throwing out' | 'silence'; readonly machine: number };
  const anyLife = fc.array(
    fc.record({ kind: fc.constantFrom<Event['kind']>('step', 'step', 'step', 'death', 'recovery', 'promotion', 'throwing out', 'silence'), machine: fc.nat({ max: 8 }) }),
    { minLength: 1, maxLength: 60 },
  );
  const first: Cluster = Array.from({ length: 9 }, (_, index): Machine => ({ name: `m${index + 1}`, seat: index < 3 ? 'voter' : 'none', up: true, heard: true }));

  test('quorum is lost by deaths alone: neither by a step that the guard allowed nor by the promotion that follows', () => {
    fc.assert(
      fc.property(anyLife, (life) => {
        let cluster = first;
        for (const { kind, machine } of life) {
          const { name, seat } = cluster[machine];
          const before = cluster;
          cluster = befall(cluster, kind, name, seat);
          if (kind !== 'death') {
            expect(hasQuorum(cluster)).toBe(hasQuorum(before) || (kind === 'recovery' && hasQuorum(cluster)));
          }
        }
      }),
      { numRuns: 2000 },
    );
  });

  function befall(cluster: Cluster, kind: Event['kind'], name: string, seat: Machine['seat']): Cluster {
    const step: Step = { action: seat === 'none' ? 'join' : 'remove', node: name };
    const happenings: Record<Event['kind'], () => Happening> = {
      step: () => (askGuard(memberList(cluster), step).safe ? (step.action === 'join' ? addLearner(name) : takeOut(name)) : (same) => same),
      death: () => die(name),
      recovery: () => (all) => all.map((machine) => (machine.name === name ? heal([machine])[0] : machine)),
      promotion: () => promote,
      'throwing out': () => throwOut,
      silence: () => (all) => all.map((machine) => (machine.name === name ? { ...machine, heard: false } : machine)),
    };
    return happenings[kind]()(cluster);
  }
});

describe('the figures of a plan', () => {
  const anyChange = fc.record({ before: anyMembership({ minLength: 1 }), after: anyMembership({ minLength: 1 }) }).filter(({ before, after }) => new Set([...before, ...after]).size <= 9);
  const anyDeaths = fc.array(fc.record({ moment: fc.nat({ max: 28 }), machine: fc.nat({ max: 8 }) }), { minLength: 4, maxLength: 4 });

  test('as many deaths as the lowest failure tolerance says cost nothing, whoever dies and at whichever moment', () => {
    fc.assert(
      fc.property(anyChange, anyDeaths, ({ before, after }, deaths) => {
        const { steps, lowestFailureTolerance } = planTransition(before, after);
        const names = [...new Set([...before, ...after])];
        const afforded = deaths.slice(0, lowestFailureTolerance);
        let cluster: Cluster = names.map((name): Machine => ({ name, seat: before.includes(name) ? 'voter' : 'none', up: true, heard: true }));
        let moment = 0;
        const pass = (happening: Happening): void => {
          afforded.filter((death) => death.moment === moment).forEach(({ machine }) => (cluster = die(names[machine % names.length])(cluster)));
          cluster = happening(cluster);
          moment += 1;
          expect(hasQuorum(cluster)).toBe(true);
        };
        for (const step of steps) {
          const { safe } = askGuard(memberList(cluster), step);
          // What is refused waits; it is not skipped.
          if (!safe) return;
          storiesOf(cluster, step)[0].forEach(pass);
        }
        pass((same) => same);
        if (afforded.every((death) => death.moment >= moment)) {
          expect(sorted(voterNames(cluster))).toEqual(sorted(after));
        }
      }),
      { numRuns: 1000 },
    );
  });
});
