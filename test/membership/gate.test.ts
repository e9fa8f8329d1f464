import { gate, staleConfirmations, type DeclaredNode } from '../../src/membership/gate';

const management = (...names: string[]): DeclaredNode[] => names.map(name => ({ name, role: 'management', address: `192.0.2.${name.slice(1)}` }));
const workers = (...names: string[]): DeclaredNode[] => names.map(name => ({ name, role: 'worker', address: `192.0.2.10${name.slice(1)}` }));

test('a new cluster passes', () => {
  expect(gate('prod', [], [...management('m1'), ...workers('w1', 'w2')], [])).toEqual([]);
});

test('adding nodes passes', () => {
  expect(gate('prod', management('m1'), management('m1', 'm2', 'm3'), [])).toEqual([]);
});

test('a removal nobody confirmed is refused, names the nodes and says what it costs', () => {
  const [problem, ...others] = gate('prod', management('m1', 'm2', 'm3'), management('m1'), []);
  expect(others).toEqual([]);
  expect(problem).toContain("removal from cluster 'prod' (m2, m3)");
  expect(problem).toContain('failure tolerance from 1 to 0');
  expect(problem).toContain("pulumi config set --path 'llmos:confirmRemoval[0]' m2");
});

test('what to type for a removal leaves what the stack\'s list has where it is', () => {
  const [problem] = gate('prod', management('m1', 'm2', 'm3'), management('m1'), [], 2);
  expect(problem).toContain("if that is meant: pulumi config set --path 'llmos:confirmRemoval[2]' m2 && pulumi config set --path 'llmos:confirmRemoval[3]' m3");
});

test('only the names that were not confirmed are asked for', () => {
  expect(gate('prod', management('m1', 'm2', 'm3'), management('m1'), [{ name: 'm3' }])[0]).toContain('(m2)');
});

test('a removal that was confirmed by every name passes', () => {
  expect(gate('prod', management('m1', 'm2', 'm3'), management('m1'), [{ name: 'm2' }, { name: 'm3' }])).toEqual([]);
});

test('a worker is a node too: its removal wants confirmation', () => {
  expect(gate('prod', [...management('m1'), ...workers('w1', 'w2')], [...management('m1'), ...workers('w1')], [])[0]).toContain('(w2)');
});

test('another address under the same name is another machine, so the old one leaves', () => {
  const moved = [{ ...management('m1')[0]!, address: '198.51.100.1' }];
  expect(gate('prod', management('m1'), moved, [])[0]).toContain('(m1)');
});

test('another internal address is another machine as well, and one that is not known yet is not compared', () => {
  const [before, after] = ['10.0.0.1', '10.0.0.2'].map(internalAddress => [{ ...management('m1')[0]!, internalAddress }, ...management('m2', 'm3')]);
  expect(gate('prod', before!, after!, [])[0]).toContain('(m1)');
  expect(gate('prod', [{ ...before![0]!, internalAddress: '' }, ...management('m2', 'm3')], after!, [])[0]).toContain('(m1)');
  expect(gate('prod', before!, management('m1', 'm2', 'm3'), [])).toEqual([]);
});

test('the only management node is not replaced under its own name, whatever was confirmed; by one of another name it is', () => {
  const moved = [{ ...management('m1')[0]!, address: '198.51.100.1' }];
  expect(gate('prod', management('m1'), moved, [{ name: 'm1' }])).toEqual([
    "membership of cluster 'prod': removing m1 leaves no voter: with the only one the cluster is gone; "
      + 'give the new machine a name of its own, so that it joins before the old one leaves',
  ]);
  expect(gate('prod', management('m1'), moved, [{ name: 'm1', removal: 'reinstall' }])).toHaveLength(1);
  expect(gate('prod', management('m1'), [...management('m2', 'm3'), ...moved], [{ name: 'm1' }])).toEqual([]);
  expect(gate('prod', management('m1'), management('m2'), [{ name: 'm1' }])).toEqual([]);
});

test('a confirmed dead management node that becomes a worker leaves before anything joins', () => {
  const before = management('m1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7');
  const after = [...management('m1', 'm2', 'm3', 'm4', 'm5', 'm8', 'm9', 'm10'), { ...management('m6')[0]!, role: 'worker' as const }];
  expect(gate('prod', before, after, [{ name: 'm6' }, { name: 'm7' }])).toHaveLength(1);
  expect(gate('prod', before, after, [{ name: 'm6', removal: 'unreachable' }, { name: 'm7' }])).toEqual([]);
});

test('a node that stays is not taken for dead because a confirmation of an earlier change says so', () => {
  const [before, after] = [management('m1', 'm2', 'm3'), management('m1', 'm2', 'm4')];
  expect(gate('prod', before, after, [{ name: 'm2', removal: 'unreachable' }, { name: 'm3', removal: 'unreachable' }])).toEqual([]);
});

test('members that a recovery left out do not count: two of three leave at once, and only where that was said of them', () => {
  const [before, after] = [management('m1', 'm2', 'm3'), management('m1', 'm4', 'm5')];
  const gone = ['m2', 'm3'].map(name => ({ name, removal: 'unreachable' as const }));
  expect(gate('prod', before, after, gone)[0]).toContain('2 of 3 voters dead (m2, m3)');
  expect(gate('prod', before, after, gone.map(each => ({ ...each, vote: 'lost' as const })))).toEqual([]);
  // One that stays counts, whatever an old confirmation says.
  expect(gate('prod', before, management('m1', 'm2', 'm3', 'm4'), gone.map(each => ({ ...each, vote: 'lost' as const })))).toEqual([]);
});

test('moving to another pool of the same role, and another order, take nothing out', () => {
  const before = [...management('m1', 'm2', 'm3'), ...workers('w1', 'w2', 'w3')];
  expect(gate('prod', before, [...management('m3', 'm1', 'm2'), ...workers('w3', 'w2', 'w1')], [])).toEqual([]);
});

test('an address that is not known yet is not compared', () => {
  const unknown = [{ ...management('m1')[0]!, address: undefined }];
  expect(gate('prod', management('m1'), unknown, [])).toEqual([]);
});

test('a changed role takes the node out', () => {
  expect(gate('prod', [...management('m1'), ...workers('w1')], [...management('m1'), { ...workers('w1')[0]!, role: 'management' }], [])[0]).toContain('(w1)');
});

test('more than nine voters on the way are refused, with the advice to make two changes of it', () => {
  const before = management('m1', 'm2', 'm3', 'm4', 'm5');
  const after = management('m6', 'm7', 'm8', 'm9', 'm10');
  const [problem] = gate('prod', before, after, before);
  expect(problem).toMatch(/10 voters|two changes/);
});

test('all reasons are given at once', () => {
  expect(gate('prod', management('m1', 'm2', 'm3', 'm4', 'm5'), management('m6', 'm7', 'm8', 'm9', 'm10'), [])).toHaveLength(2);
});

test('what fits only because the dead leave first passes', () => {
  const [before, after] = [management('m1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7'), management('m1', 'm2', 'm3', 'm4', 'm5', 'm8', 'm9', 'm10')];
  expect(gate('prod', before, after, [{ name: 'm6' }, { name: 'm7' }])).toHaveLength(1);
  expect(gate('prod', before, after, [{ name: 'm6', removal: 'unreachable' }, { name: 'm7' }])).toEqual([]);
});

test('more dead than the quorum bears are refused: nobody could agree on their removal', () => {
  const dead = ['m2', 'm3'].map(name => ({ name, removal: 'unreachable' as const }));
  expect(gate('prod', management('m1', 'm2', 'm3'), management('m1', 'm4', 'm5'), dead)[0]).toContain('less than the majority of 2');
});

test('a confirmation of a node that nobody knows any more is stale', () => {
  expect(staleConfirmations('prod', management('m1'), management('m1'), [{ name: 'm9' }])).toEqual([
    "confirmation of a removal from cluster 'prod' (m9): it matches no node any more; delete it once this run has ended well",
  ]);
});

test('a confirmation of a node that stays, or comes, is stale', () => {
  for (const before of [management('m1'), []]) {
    expect(staleConfirmations('prod', before, management('m1'), [{ name: 'm1' }])).toEqual([
      "confirmation of a removal from cluster 'prod' (m1): that node stays; delete it, or the next removal of that node needs no confirmation",
    ]);
  }
});

test('a confirmation of a node that leaves is not stale, nor is one whose machine is replaced', () => {
  expect(staleConfirmations('prod', management('m1', 'm2'), [{ ...management('m1')[0]!, address: '198.51.100.1' }], [{ name: 'm1' }, { name: 'm2' }])).toEqual([]);
});
