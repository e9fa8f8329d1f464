import * as fc from 'fast-check';
import { checkJoin, checkRemoval, checkRestart, majority } from '../../src/quorum';
import { anyCluster, cluster, deadVoter, hasQuorum, healthyVoter, without } from './member-lists';

/** The verdict that says `reason; remedy`. */
function refusal(message: string): { safe: false; reason: string; remedy: string } {
  const end = message.lastIndexOf('; ');
  return { safe: false, reason: message.slice(0, end), remedy: message.slice(end + 2) };
}

describe('removing', () => {
  test.each([
    ['one of three healthy voters', '+++', 'm3', '3 of 3 voters are healthy; removing m3 leaves 2 voters of which 2 healthy: majority 2 holds'],
    ['the dead one of three voters', '++-', 'm3', '2 of 3 voters are healthy; removing m3 leaves 2 voters of which 2 healthy: majority 2 holds'],
    ['a healthy one of four voters, one dead', '+++-', 'm3', '3 of 4 voters are healthy; removing m3 leaves 3 voters of which 2 healthy: majority 2 holds'],
    ['one of two healthy voters', '++', 'm2', '2 of 2 voters are healthy; removing m2 leaves 1 voter of which 1 healthy: majority 1 holds'],
    ['a learner', '+++L', 'm4', '3 of 3 voters are healthy; removing m4, a learner, takes no vote away: majority 2 holds'],
    ['one of two learners, or neither could ever go', '+++LL', 'm4', '3 of 3 voters are healthy; removing m4, a learner, takes no vote away: majority 2 holds'],
  ])('%s (%s) is safe', (_, picture, name, reason) => {
    expect(checkRemoval(cluster(picture), name)).toEqual({ safe: true, reason });
  });

  test.each([
    ['a healthy one of three voters, one dead', '++-', 'm1', '2 of 3 voters are healthy; removing m1 leaves 2 voters of which 1 healthy: majority 2 would not hold; repair or remove m3 first'],
    ['a healthy one of three voters, one unknown', '++?', 'm1', '2 of 3 voters are healthy; removing m1 leaves 2 voters of which 1 healthy: majority 2 would not hold; repair or remove m3 first'],
    ['a healthy one of five voters, two dead', '+++--', 'm1', '3 of 5 voters are healthy; removing m1 leaves 4 voters of which 2 healthy: majority 3 would not hold; repair or remove m4 or m5 first'],
    ['a dead one where quorum is lost', '+--', 'm3', '1 of 3 voters is healthy: majority 2 does not hold now, so no change can be agreed on; repair m2 or m3 first'],
    ['the dead one of two voters', '+-', 'm2', '1 of 2 voters is healthy: majority 2 does not hold now, so no change can be agreed on; repair m2 first'],
    ['a learner where quorum is lost', '+--L', 'm4', '1 of 3 voters is healthy: majority 2 does not hold now, so no change can be agreed on; repair m2 or m3 first'],
    ['a learner of a cluster without voters', 'L', 'm1', '0 of 0 voters are healthy: majority 1 does not hold now, so no change can be agreed on; make sure the management nodes answer'],
    ['the only voter', '+', 'm1', 'm1 is the only voter; removing it leaves 0 voters and no cluster; join another management node first'],
    ['the only voter beside a learner', '+L', 'm1', 'm1 is the only voter; removing it leaves 0 voters and no cluster; join another management node first'],
    ['a voter while another member is a learner', '+++L', 'm1', '3 of 3 voters are healthy, but 1 learner (m4) may vote at any moment and change majority 2; wait until the learner is a voter, or remove it, first'],
    ['a name that is no member', '+++', 'm9', 'm9 is not a member: the member list holds m1, m2 and m3; check the name, or go on if it has left already'],
    ['anything from an empty list', '', 'm1', 'm1 is not a member: the member list is empty; check the name, or go on if it has left already'],
  ])('%s (%s) is refused', (_, picture, name, reason) => {
    expect(checkRemoval(cluster(picture), name)).toEqual(refusal(reason));
  });

  test('a name that two members have is refused, because it does not say which one leaves', () => {
    expect(checkRemoval([...cluster('+++'), deadVoter('m3')], 'm3')).toEqual(
      refusal('2 members are called m3, which does not say which one leaves; remove the stale one by its member id first'),
    );
  });

  const anyRemoval = anyCluster.filter((members) => members.length > 0).chain((members) => fc.record({ members: fc.constant(members), leaving: fc.constantFrom(...members) }));

  test('what is called safe keeps the quorum before and after, whatever the learners do', () => {
    fc.assert(
      fc.property(anyRemoval, ({ members, leaving }) => {
        if (checkRemoval(members, leaving.name).safe) {
          expect(hasQuorum(members)).toBe(true);
          expect(hasQuorum(without(members, leaving.name))).toBe(true);
          expect(!leaving.voter || members.every((member) => member.voter)).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('nothing is refused that keeps the quorum while no join is under way', () => {
    fc.assert(
      fc.property(anyRemoval, ({ members, leaving }) => {
        const rest = without(members, leaving.name);
        const settled = !leaving.voter || rest.every((member) => member.voter);
        expect(checkRemoval(members, leaving.name).safe).toBe(settled && hasQuorum(members) && hasQuorum(rest));
      }),
      { numRuns: 1000 },
    );
  });

  test('a refusal names the figure that fails', () => {
    fc.assert(
      fc.property(anyRemoval, ({ members, leaving }) => {
        const { safe, reason } = checkRemoval(members, leaving.name);
        if (!safe) {
          const voters = members.filter((member) => member.voter);
          const rest = voters.filter((member) => member !== leaving);
          const healthy = (group: typeof members): number => group.filter((member) => member.healthy === true).length;
          const failing = [
            ...(!hasQuorum(members) ? [`${healthy(voters)} of ${voters.length} voter`] : []),
            ...(rest.length === 0 ? ['leaves 0 voters'] : []),
            ...(rest.length > 0 && !hasQuorum(rest) ? [`leaves ${rest.length} voter`, `of which ${healthy(rest)} healthy: majority ${majority(rest.length)} would not hold`] : []),
            ...(members.some((member) => !member.voter) ? [`${members.filter((member) => !member.voter).length} learner`] : []),
          ];
          expect(failing.some((figure) => reason.includes(figure))).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('the unhealthy of a safe list may be removed one after the other, whatever their number', () => {
    fc.assert(
      fc.property(anyCluster.filter((members) => hasQuorum(members) && members.every((member) => member.voter)), (members) => {
        let left = members;
        for (const { name } of members.filter((member) => member.healthy !== true)) {
          expect(checkRemoval(left, name).safe).toBe(true);
          left = without(left, name);
        }
      }),
    );
  });
});

describe('joining', () => {
  test.each([
    ['two healthy voters', '++', '2 of 2 voters are healthy; joining n1 makes 3 voters: majority 2 holds even before n1 is healthy'],
    ['three healthy voters', '+++', '3 of 3 voters are healthy; joining n1 makes 4 voters: majority 3 holds even before n1 is healthy'],
    ['five voters, one dead', '++++-', '4 of 5 voters are healthy; joining n1 makes 6 voters: majority 4 holds even before n1 is healthy'],
    ['eight voters', '++++++++', '8 of 8 voters are healthy; joining n1 makes 9 voters: majority 5 holds even before n1 is healthy'],
  ])('%s (%s) is safe', (_, picture, reason) => {
    expect(checkJoin(cluster(picture), 'n1')).toEqual({ safe: true, reason });
  });

  test('the only voter is safe, and reported as an exposure', () => {
    expect(checkJoin(cluster('+'), 'n1')).toEqual({
      safe: true,
      reason: '1 of 1 voter is healthy; joining n1 makes 2 voters: majority 2 needs both',
      exposure: 'with 2 voters, losing either stops the cluster until a third has joined',
    });
  });

  test.each([
    ['three voters, one dead', '++-', '2 of 3 voters are healthy; joining n1 makes 4 voters: majority 3 would not hold before n1 is healthy; repair or remove m3 first'],
    ['three voters, one unknown', '++?', '2 of 3 voters are healthy; joining n1 makes 4 voters: majority 3 would not hold before n1 is healthy; repair or remove m3 first'],
    ['two voters, one dead', '+-', '1 of 2 voters is healthy: majority 2 does not hold now, so no change can be agreed on; repair m2 first'],
    ['the only voter, dead', '-', '0 of 1 voter is healthy: majority 1 does not hold now, so no change can be agreed on; repair m1 first'],
    ['a learner on its way', '+++L', '3 of 3 voters are healthy, but 1 learner (m4) may vote at any moment and change majority 2; wait until the learner is a voter, or remove it, first'],
    ['nine voters', '+++++++++', 'joining n1 makes 10 voters, more than 9; remove a management node first'],
    ['nobody who answers', '', '0 of 0 voters are healthy: majority 1 does not hold now, so no change can be agreed on; make sure the management nodes answer'],
  ])('%s (%s) is refused', (_, picture, reason) => {
    expect(checkJoin(cluster(picture), 'n1')).toEqual(refusal(reason));
  });

  test('a name that is a member already is refused', () => {
    expect(checkJoin(cluster('+++'), 'm2')).toEqual(refusal('m2 is a member already; if the machine is a new one, remove the stale member first'));
  });

  test('exactly what keeps its quorum although the new voter never comes up is safe, the second voter excepted', () => {
    fc.assert(
      fc.property(anyCluster, (members) => {
        const { safe, exposure } = checkJoin(members, 'n1');
        const settled = members.length <= 8 && members.every((member) => member.voter);
        const second = members.length === 1;
        expect(safe).toBe(settled && hasQuorum(members) && (second || hasQuorum([...members, deadVoter('n1')])));
        expect(exposure !== undefined).toBe(safe && second);
        expect(!safe || hasQuorum([...members, healthyVoter('n1')])).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('restarting', () => {
  test.each([
    ['one of three healthy voters', '+++', 'm3', 'while m3 restarts, 2 of 3 voters answer: majority 2 holds'],
    ['one of five', '+++++', 'm1', 'while m1 restarts, 4 of 5 voters answer: majority 3 holds'],
    ['the one of three that does not run', '++-', 'm3', 'while m3 restarts, 2 of 3 voters answer: majority 2 holds'],
  ])('%s (%s) is safe', (_, picture, name, reason) => {
    expect(checkRestart(cluster(picture), name)).toEqual({ safe: true, reason });
  });

  test.each([
    ['the only voter', '+', 'm1', 'while m1 restarts, 0 of 1 voter answer: majority 1 does not hold; grow to three management nodes, or shrink to one, first'],
    ['one of two voters', '++', 'm2', 'while m2 restarts, 1 of 2 voters answers: majority 2 does not hold; grow to three management nodes, or shrink to one, first'],
    ['a healthy one of three, another dead', '++-', 'm1', 'while m1 restarts, 1 of 3 voters answers: majority 2, but m3 is away already; repair or remove m3 first'],
    ['a healthy one of five, another unknown', '++++?', 'm1', 'while m1 restarts, 3 of 5 voters answer: majority 3, but m5 is away already; repair or remove m5 first'],
    ['a voter while another member is a learner', '+++L', 'm1', '3 of 3 voters are healthy, but 1 learner (m4) may vote at any moment and change majority 2; wait until the learner is a voter, or remove it, first'],
    ['a name that is no member', '+++', 'm9', 'm9 is not a member; compare the member list with the Nodes first'],
  ])('%s (%s) is refused', (_, picture, name, reason) => {
    expect(checkRestart(cluster(picture), name)).toEqual(refusal(reason));
  });

  test('a name that two members have is refused', () => {
    expect(checkRestart([...cluster('+++'), healthyVoter('m3')], 'm3').safe).toBe(false);
  });

  const anyRestart = anyCluster.filter((members) => members.length > 0).chain((members) => fc.record({ members: fc.constant(members), away: fc.constantFrom(...members) }));

  test('what is called safe keeps the quorum while the member is away and when it is back', () => {
    fc.assert(
      fc.property(anyRestart, ({ members, away }) => {
        if (checkRestart(members, away.name).safe) {
          const meanwhile = members.map((member) => (member === away ? { ...member, healthy: false } : member));
          expect(hasQuorum(meanwhile)).toBe(true);
          expect(hasQuorum(members.map((member) => (member === away ? { ...member, healthy: true } : member)))).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('what is refused would cost the quorum, or follows from a voter that is away or a learner that is on its way', () => {
    fc.assert(
      fc.property(anyRestart, ({ members, away }) => {
        if (!checkRestart(members, away.name).safe) {
          const others = members.filter((member) => member !== away);
          const meanwhile = members.map((member) => (member === away ? { ...member, healthy: false } : member));
          expect(!hasQuorum(meanwhile) || others.some(({ voter, healthy }) => !voter || healthy !== true)).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
