import { exitCode, impact, type LiveMember } from '../../src/impact';
import { management, membership, workers } from './memberships';

function live(count: number, ...dead: string[]): LiveMember[] {
  return management(count).map(({ name }) => ({ name, healthy: !dead.includes(name), voter: true }));
}

test('where every member is well each step is safe, with the figures it rests on', () => {
  const report = impact(membership(management(3)), membership(management(5)), { live: live(3) });
  expect(report.verdict).toBe('raised');
  expect(report.steps.map(({ health }) => health)).toEqual([
    { safe: true, reason: '3 of 3 voters are healthy; joining m4 makes 4 voters: majority 3 holds even before m4 is healthy' },
    { safe: true, reason: '4 of 4 voters are healthy; joining m5 makes 5 voters: majority 3 holds even before m5 is healthy' },
  ]);
});

test('one dead of three makes a harmless join unsafe', () => {
  const report = impact(membership(management(3)), membership(management(5)), { live: live(3, 'm3') });
  expect(report.verdict).toBe('unsafe');
  expect(exitCode(report)).toBe(4);
  expect(report.findings[0]).toMatchObject({ message: expect.stringMatching(/^step 1 \(join m4\): 2 of 3 voters are healthy; joining m4 makes 4 voters/), remedy: 'repair or remove m3 first' });
  expect(report.steps[1]).not.toHaveProperty('health');
  expect(report.live).toMatchObject({ voters: 3, healthy: 2, majority: 2 });
});

test('one dead of five allows no removal that leaves too few healthy, and the same removal of the dead one is safe', () => {
  const three = (confirmed: string[], names: string[]) => membership(management(5).filter(({ name }) => names.includes(name)), { confirmed });
  expect(impact(membership(management(5)), three(['m4', 'm5'], ['m1', 'm2', 'm3']), { live: live(5, 'm1', 'm2') }).verdict).toBe('unsafe');
  expect(impact(membership(management(5)), three(['m1', 'm2'], ['m3', 'm4', 'm5']), { live: live(5, 'm1', 'm2') }).verdict).toBe('lowered');
});

test('for a dead node that leaves and is replaced by a new one, the way out is named: confirm that it is dead', () => {
  const after = management(4).filter(({ name }) => name !== 'm3');
  const meant = (removal?: 'unreachable') => membership(after, { confirmRemoval: [{ name: 'm3', ...(removal && { removal }) }] });
  expect(impact(membership(management(3)), meant(), { live: live(3, 'm3') }).findings[0]!.remedy)
    .toBe("repair or remove m3 first; a dead node that leaves is taken out first where its removal is confirmed with removal: 'unreachable'");
  expect(impact(membership(management(3)), meant('unreachable'), { live: live(3, 'm3') }).verdict).toBe('lowered');
});

test('a learner on its way holds the change up', () => {
  const members = [...live(3), { name: 'm9', healthy: true, voter: false }];
  expect(impact(membership(management(3)), membership(management(5)), { live: members }).findings[0]!.message).toContain('1 learner (m9)');
});

test('what an earlier run has done already is no obstacle', () => {
  const report = impact(membership(management(3)), membership(management(5)), { live: live(4) });
  expect(report.steps.map(({ health }) => health?.reason)).toEqual(['m4 is a member already', expect.stringContaining('joining m5 makes 5 voters')]);
});

test('without a quorum not even a worker joins; where nothing changes it is told and refuses nothing', () => {
  const [one, two] = [membership(management(3)), membership([...management(3), ...workers(1)])];
  expect(impact(one, two, { live: live(3, 'm2', 'm3') }).findings).toEqual([
    { kind: 'unsafe', message: '1 of 3 voters answer, less than the majority of 2: the cluster has no quorum now', remedy: 'repair a management node first' },
  ]);
  expect(impact(one, one, { live: live(3, 'm2', 'm3') })).toMatchObject({ verdict: 'unchanged', live: { healthy: 1 } });
});

test('a cluster that is destroyed need not agree on anything', () => {
  const report = impact(membership(management(3), { confirmed: ['m1', 'm2', 'm3'] }), undefined, { live: live(3, 'm1', 'm2') });
  expect(report.verdict).toBe('lowered');
});
