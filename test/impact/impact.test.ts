import fc from 'fast-check';

import { exitCode, impact } from '../../src/impact';
import { planTransition } from '../../src/quorum';
import { management, membership, way, workers } from './memberships';

const [m1, m2, m3] = management(3) as [ReturnType<typeof management>[0], ReturnType<typeof management>[0], ReturnType<typeof management>[0]];

test.each([
  ['three grow to five', 3, 5, [], 'raised', 0],
  ['five shrink to three, confirmed', 5, 3, ['m4', 'm5'], 'lowered', 6],
  ['five shrink to three, one of two confirmed', 5, 3, ['m4'], 'unconfirmed', 5],
  ['nothing changes', 3, 3, [], 'unchanged', 0],
  ['a new cluster', 0, 3, [], 'raised', 0],
  ['four, and nobody says why', 3, 4, [], 'invalid', 3],
  ['two, and nobody says why', 1, 2, [], 'invalid', 3],
  ['a whole membership is replaced at once by names that are new', 5, 0, ['m1', 'm2', 'm3', 'm4', 'm5'], 'lowered', 6],
] as const)('%s', (_, before, after, confirmed, verdict, code) => {
  const report = impact(before === 0 ? undefined : membership(management(before), { confirmed }), after === 0 ? undefined : membership(management(after), { confirmed }));
  expect(report.verdict).toBe(verdict);
  expect(exitCode(report)).toBe(code);
});

test('the steps of names that come and go are those of planTransition, whatever the two lists', () => {
  const sizes = fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
  fc.assert(fc.property(sizes, sizes, (before, after) => {
    const names = (numbers: readonly number[]) => numbers.map(number => `m${number}`);
    const nodes = (numbers: readonly number[]) => numbers.map(number => management(9)[number - 1]!);
    const report = impact(membership(nodes(before)), membership(nodes(after), { confirmed: names(before), checked: true }));
    const zones = Object.fromEntries(management(9).map(({ name, zone }) => [name, zone]));
    fc.pre(new Set([...before, ...after]).size <= 9);
    const plan = planTransition(names(before), names(after), { zones });
    expect(report.steps).toMatchObject(plan.steps);
    expect(report.lowest).toEqual({ failureTolerance: plan.lowestFailureTolerance, zoneFailureTolerance: plan.lowestZoneFailureTolerance });
  }));
});

test('an even number with a reason is no invalid definition; the reason is in the report, and what it costs', () => {
  const report = impact(membership(management(5)), membership(management(4), { confirmed: ['m5'], allowEven: 'm5 waits for its spare part' }));
  expect(report).toMatchObject({ verdict: 'lowered', allowEven: 'm5 waits for its spare part' });
  expect(report.findings.map(({ kind }) => kind)).toEqual(['lowered', 'lowered']);
  expect(exitCode(report)).toBe(6);
});

test('a promised tolerance that is not reached is an invalid definition', () => {
  const { findings } = impact(undefined, membership(management(3), { failureTolerance: 2, zoneFailureTolerance: 2 }));
  expect(findings.map(({ kind, message }) => `${kind}: ${message}`)).toEqual([
    'invalid: failureTolerance (2): the management nodes tolerate 1 failures', 'invalid: zoneFailureTolerance (2): the management nodes tolerate 1 lost zones',
  ]);
});

test('a machine of another address under the same name leaves before its successor joins, and the report says what that costs on the way', () => {
  const report = impact(membership([m1, m2, m3]), membership([m1, { ...m2, address: '192.0.2.62' }, m3], { confirmed: ['m2'] }));
  expect(way(report)).toBe('-m2 +m2');
  expect(report).toMatchObject({
    verdict: 'kept', lowest: { failureTolerance: 0 },
    replacements: [{ name: 'm2', confirmed: true, why: 'address: 192.0.2.12 → 192.0.2.62' }],
    exposures: ['after step 1 the cluster tolerates no failure for a while', 'after step 1 the cluster tolerates no lost zone for a while'],
  });
});

test('replacing the only management node under its name is unsafe, because it leaves first', () => {
  const report = impact(membership([m1]), membership([{ ...m1, address: '192.0.2.61' }], { confirmed: ['m1'] }));
  expect(report.findings).toEqual([{
    kind: 'unsafe', message: 'removing m1 leaves no voter: with the only one the cluster is gone',
    remedy: 'give the new machine a name of its own, so that it joins before the old one leaves',
  }]);
});

test('a dead one that is replaced leaves before anything joins, and joins again when its turn comes', () => {
  const [, , , m4, m5] = management(5);
  const moved = { ...m2, address: '192.0.2.62' };
  const report = impact(membership([m1, m2, m3]), membership([m4!, m1, moved, m3, m5!], { confirmRemoval: [{ name: 'm2', removal: 'unreachable' }] }));
  expect(way(report)).toBe('-m2 +m4 +m2 +m5');
  expect(report.steps.slice(0, 3).map(({ reason }) => reason)).toEqual(['replacement', 'join', 'replacement']);
});

test.each(['192.0.2.11:6443', 'https://192.0.2.11:6443'])('a registration address (%s) that leaves with its node makes the definition invalid', registration => {
  const [, , , m4] = management(4);
  const change = (to: string) => impact(membership([m1, m2, m3], { settings: { registration } }), membership([m4!, m2, m3], { confirmed: ['m1'], settings: { registration: to } }));
  expect(change(registration).findings).toMatchObject([{ kind: 'invalid', message: expect.stringMatching(/^registrationAddress of cluster 'prod' \(192\.0\.2\.11\): it is the address of m1, and after this change/) }]);
  expect(change('192.0.2.12:6443').findings).toEqual([]);
  expect(change('https://[2001:db8::1]:6443').findings).toEqual([]);
});

test.each([
  ['v1.36.0+k3s1', 'no minor version may be left out'],
  ['v1.34.3+k3s1', 'Kubernetes has no way back to an older release: its data may be written as only the newer one reads it'],
  ['v1.34.4+rke2r1', 'a node does not change from k3s to rke2 in place'],
])('a release (%s) that no node can be brought to makes the definition invalid; a preview has judged that for each node', (kubernetesVersion, rule) => {
  const change = (checked?: boolean) => impact(membership(management(3)), membership(management(3), { kubernetesVersion, checked }));
  expect(change()).toMatchObject({ verdict: 'invalid', findings: [{ message: `kubernetesVersion (v1.34.4+k3s1 → ${kubernetesVersion}): ${rule}` }] });
  expect(change(true)).toMatchObject({ verdict: 'unchanged', findings: [] });
});

test.each([true, undefined])('an upgrade in the change in which management nodes leave is refused, for their API servers are the last to go (checked: %s)', checked => {
  const newer = { kubernetesVersion: 'v1.34.5+k3s1', checked, confirmed: ['m2', 'm3'] };
  const from = membership([...management(3), ...workers(1)]);
  expect(impact(from, membership([m1, ...workers(1)], newer))).toMatchObject({
    verdict: 'invalid', findings: expect.arrayContaining([expect.objectContaining({ kind: 'invalid', message: "kubernetesVersion of cluster 'prod' (v1.34.4+k3s1 → v1.34.5+k3s1): m2, m3 would leave in the same change, which is last, and no worker is ever ahead of an API server that runs" })]),
  });
  expect(impact(from, membership([m1, ...workers(1)], { checked, confirmed: ['m2', 'm3'] }))).toMatchObject({ verdict: 'lowered' });
  expect(impact(membership(management(3)), membership([m1], newer))).toMatchObject({ verdict: 'lowered' });
});

test.each(['v1.34.5+k3s1', 'v1.35.1+k3s1', 'by hand', undefined])('a release (%s) that can be reached, or cannot be compared, is shown and lowers nothing', kubernetesVersion => {
  expect(impact(membership(management(3)), membership(management(3), { kubernetesVersion }))).toMatchObject({ verdict: 'unchanged', otherChanges: [{ subject: 'kubernetes' }] });
});

test('new and replaced nodes take their turns in the order of the definition, as the engine does it', () => {
  const moved = { ...m2, address: '192.0.2.62' };
  const [, , , m4] = management(4);
  expect(way(impact(membership([m1, m2, m3]), membership([m4!, m1, moved, m3], { confirmed: ['m2'], allowEven: 'for a while' })))).toBe('+m4 -m2 +m2');
  expect(way(impact(membership([m1, m2, m3]), membership([moved, m4!, m1, m3], { confirmed: ['m2'], allowEven: 'for a while' })))).toBe('-m2 +m2 +m4');
});

test('a change of role is a removal that has to be confirmed, and those that become workers leave before those that go', () => {
  const [, , , m4] = management(5);
  const worker = { ...m4!, role: 'worker' } as const;
  const report = impact(membership([...management(5)]), membership([m1, m2, m3, worker], { confirmed: ['m5'] }));
  expect(way(report)).toBe('-m4 -m5');
  expect(report.roleChanges).toEqual([{ name: 'm4', role: 'worker', zone: 'a', confirmed: false, from: 'management' }]);
  expect(report.confirmations).toEqual({ confirmed: ['m5'], missing: ['m4'], unused: [] });
  expect(report.verdict).toBe('unconfirmed');
});

test('what is confirmed dead leaves before anything joins', () => {
  const [, , , m4] = management(4);
  const report = impact(membership([m1, m2, m3]), membership([m1, m2, m4!], { confirmRemoval: [{ name: 'm3', removal: 'unreachable' }] }));
  expect(way(report)).toBe('-m3 +m4');
  expect(report.steps[0]).toMatchObject({ reason: 'dead' });
});

test('an impossible way is unsafe, says why and has no steps', () => {
  const others = management(5).map((node, index) => ({ ...node, name: `n${index + 1}`, address: `192.0.2.${51 + index}` }));
  const report = impact(membership(management(5)), membership(others, { confirmed: ['m1', 'm2', 'm3', 'm4', 'm5'] }));
  expect(report.steps).toEqual([]);
  expect(report.findings).toEqual([{
    kind: 'unsafe', message: 'new nodes join before old ones leave, which makes 10 voters on the way, more than 9',
    remedy: 'make two changes of it, each replacing a part of the nodes',
  }]);
});

test('the worst finding decides the verdict, and all are told', () => {
  const report = impact(membership(management(5)), membership(management(2)));
  expect(report.findings.map(({ kind }) => kind)).toEqual(['invalid', 'unconfirmed', 'lowered', 'lowered']);
  expect(exitCode(report)).toBe(3);
});

test('a zone that may no longer be lost is a lowered tolerance, even where as many nodes may fail', () => {
  const together = management(3).map(node => ({ ...node, zone: 'a' }));
  const report = impact(membership(management(3)), membership(together));
  expect(report).toMatchObject({ verdict: 'lowered', findings: [{ message: 'the zone failure tolerance goes from 1 to 0' }], otherChanges: [{ change: 'b → a' }, { change: 'c → a' }] });
});

test('without a zone anywhere nothing is said of zones', () => {
  const nowhere = management(3).map(({ zone: _, ...node }) => node);
  const report = impact(undefined, membership(nowhere));
  expect(report.after).not.toHaveProperty('zoneFailureTolerance');
  expect(report.lowest).not.toHaveProperty('zoneFailureTolerance');
});

test('the second voter is the one exposure of a new cluster', () => {
  expect(impact(undefined, membership(management(3))).exposures).toEqual(['step 2: with 2 voters, losing either stops the cluster until a third has joined']);
});

test('what changes besides is told once for all nodes it concerns', () => {
  const labelled = workers(3).map(node => ({ ...node, labels: { 'example.com/rack': 'r1' }, taints: ['example.com/gpu:NoSchedule'] }));
  const report = impact(
    membership([...management(1), ...workers(3)], { settings: { mirror: 'cn' } }),
    membership([...management(1), ...labelled, { ...workers(4)[3]!, address: '<known after apply>' }], { kubernetesVersion: 'v1.34.5+k3s1', llmosVersion: 'v0.3.1', settings: {} }),
  );
  expect(report.otherChanges).toEqual([
    { subject: 'kubernetes', change: 'v1.34.4+k3s1 → v1.34.5+k3s1', nodes: [] },
    { subject: 'llmos', change: 'none → v0.3.1', nodes: [] },
    { subject: 'setting', change: 'mirror: cn → none', nodes: [] },
    { subject: 'label', change: 'example.com/rack: none → r1', nodes: ['w0001', 'w0002', 'w0003'] },
    { subject: 'taint', change: '+ example.com/gpu:NoSchedule', nodes: ['w0001', 'w0002', 'w0003'] },
    { subject: 'address', change: 'not known before the machine is made', nodes: ['w0004'] },
  ]);
  expect(report.verdict).toBe('kept');
});

test('an address that is not known yet is no other machine, so nothing asks for a confirmation', () => {
  const report = impact(membership([m1]), membership([{ ...m1, address: '<known after apply>' }]));
  expect(report).toMatchObject({ verdict: 'unchanged', replacements: [], otherChanges: [{ subject: 'address', nodes: ['m1'] }] });
});

test('a confirmation of a node that stays is pointed out', () => {
  expect(impact(membership(management(3)), membership(management(3), { confirmed: ['m2', 'gone-long-ago'] })).confirmations.unused).toEqual(['m2']);
});

test('two clusters are no change of one', () => {
  expect(impact(membership(management(3)), membership(management(3), { cluster: 'other' }))).toMatchObject({ verdict: 'invalid' });
});

test('a node that is declared twice is an invalid definition', () => {
  expect(impact(undefined, membership([...management(3), ...workers(1), ...workers(1)])).findings).toMatchObject([{ kind: 'invalid', message: 'node w0001: a node is declared once' }]);
});

test('thousands of management nodes are refused before their steps are counted', () => {
  // A larger membership may shrink, so planTransition alone would count every removal.
  const report = impact(membership(management(5000)), membership(management(3), { confirmed: management(5000).map(({ name }) => name) }));
  expect(report.steps).toEqual([]);
  expect(report.findings[0]).toMatchObject({ kind: 'invalid', message: '5000 management nodes: no etcd has more than 99 members' });
});

test('a report is plain data: it survives JSON', () => {
  const report = impact(membership(management(5)), membership(management(3), { confirmed: ['m4'] }), { live: [{ name: 'm1', healthy: true, voter: true }] });
  expect(JSON.parse(JSON.stringify(report))).toEqual(report);
});
