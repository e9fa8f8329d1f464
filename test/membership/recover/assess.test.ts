import { assess, type Assessment } from '../../../src/membership/recover/assess';
import type { Host, Missing } from '../../../src/membership/recover/survey';
import type { Datastore, Machine } from '../../../src/membership/ports/machine';
import { target } from '../scene';

const RUNS = { present: true, running: true, revision: 100, members: 3, forgotten: [] };

function host(name: string, datastore: Partial<Datastore> = {}, healthy = false): Host {
  return { node: target(name), machine: { label: `ops@${name}` } as Machine, datastore: { ...RUNS, ...datastore }, healthy };
}

const away = (name: string): Missing => ({ node: target(name), label: `ops@${name}`, away: true, reason: 'connection timed out' });
const silent = (name: string, running = false) => host(name, { running, revision: undefined, members: undefined });

function look(hosts: readonly Host[], missing: readonly Missing[], lost: readonly string[] = []): Assessment {
  return assess({ cluster: 'prod', survey: { hosts, missing }, lost, id: '20260131T104500Z' });
}

function problems(assessment: Assessment): string[] {
  return 'problems' in assessment ? assessment.problems.map(({ subject, value = '', rule }) => `${subject} ${value}: ${rule}`) : [];
}

test('two of three said to be lost: the third is the survivor', () => {
  expect(look([host('m1')], [away('m2'), away('m3')], ['m2', 'm3'])).toMatchObject({
    plan: { survivor: { node: { name: 'm1' } }, revision: 100, id: '20260131T104500Z', reset: false, returning: [], gone: [{}, {}] },
  });
});

test.each([['m1', [120, 110]], ['m2', [110, 120]], ['m1', [110, 110]]])('of two survivors %s has the newest data (%j)', (name, [first, second]) => {
  const found = look([host('m1', { revision: first, members: 5 }), host('m2', { revision: second, members: 5 })], [away('m3'), away('m4'), away('m5')], ['m3', 'm4', 'm5']);
  expect(found).toMatchObject({ plan: { survivor: { node: { name } } } });
});

test('a cluster that has its quorum is left alone, whatever is said to be lost', () => {
  expect(problems(look([host('m1', {}, true), host('m2', {}, true)], [away('m3')], ['m3'])).join()).toContain("cluster 'prod' : it has its quorum: the etcd member of m1, m2 answers");
});

test('every machine that does not answer has to be said to be lost: it may be part of a majority elsewhere', () => {
  expect(problems(look([host('m1')], [away('m2'), away('m3')], ['m2']))).toEqual([
    "management node 'm3' ops@m3: it does not answer, and if it runs it may still be part of the cluster (connection timed out)",
  ]);
  expect(problems(look([host('m1')], [away('m2'), { ...away('m3'), away: false, reason: 'it is another machine' }]))).toHaveLength(2);
});

test('data on a disk whose member does not run may be the newest, and may bring the quorum back', () => {
  expect(problems(look([host('m1'), silent('m3')], [away('m2')], ['m2']))).toEqual([
    "management node 'm3' ops@m3: etcd's data is on its disk, and its member does not run, so nobody knows whether it is the newest",
  ]);
  expect(problems(look([host('m1'), silent('m3', true)], [away('m2')], ['m2'])).join()).toContain('its member does not come up');
  expect(look([host('m1'), silent('m3')], [away('m2')], ['m2', 'm3'])).toMatchObject({ plan: { returning: [{ node: { name: 'm3' } }] } });
});

test('a host that has no data needs no word of anybody: it cannot vote, and is brought back', () => {
  expect(look([host('m1'), host('m3', { present: false, revision: undefined, members: undefined })], [away('m2')], ['m2'])).toMatchObject({ plan: { returning: [{ node: { name: 'm3' } }] } });
});

test('a majority that runs and finds no leader is not reset', () => {
  expect(problems(look([host('m1'), host('m2')], [away('m3')], ['m3'])).join()).toMatch(/2 of its 3 etcd members run \(m1, m2\), which is a majority, but they find no leader/);
});

test('members that the stack does not know may be a majority elsewhere, so they are accounted for as well', () => {
  const hosts = [host('m1', { members: 5 })];
  const missing = [away('m2'), away('m3')];
  expect(problems(look(hosts, missing, ['m2', 'm3']))).toEqual(["etcd of cluster 'prod' 5 members: the stack knows 3 management nodes, so others may run and be a majority"]);
  expect(look(hosts, missing, ['m2', 'm3', 'old-1', 'old-2'])).toHaveProperty('plan');
});

test('what is said to be lost has to be known, and has to be lost', () => {
  expect(problems(look([host('m1')], [away('m2'), away('m3')], ['m2', 'm3', 'm9']))).toEqual(['--lost m9: the stack has no management node of that name (it has m1, m2, m3)']);
  expect(problems(look([host('m1', { members: 5 }), host('m2', { members: 5 })], [away('m3'), away('m4'), away('m5')], ['m2', 'm3', 'm4', 'm5'])))
    .toEqual(['--lost m2: its etcd member runs on its data, so nothing of it is lost']);
});

test('without any data there is nothing to recover from', () => {
  expect(problems(look([host('m1', { present: false, revision: undefined })], [away('m2'), away('m3')], ['m2', 'm3'])).join()).toContain('so there is nothing to recover from');
});

describe('a recovery that was begun', () => {
  const note = { id: '20260101T000000Z', revision: 100, reset: false };
  const stopped = { running: false, revision: undefined, members: undefined };

  test('goes on with its own copy and its own survivor, though the others were stopped and say nothing', () => {
    const found = look([host('m2', { ...stopped, recovery: note }), silent('m1')], [away('m3'), away('m4'), away('m5')], ['m3', 'm4', 'm5']);
    expect(found).toMatchObject({ plan: { id: note.id, survivor: { node: { name: 'm2' } }, returning: [{ node: { name: 'm1' } }] } });
  });

  test('is taken back where the quorum is back, or newer data', () => {
    expect(look([host('m1', { ...stopped, recovery: note }), host('m2', {}, true)], [away('m3')], ['m3'])).toMatchObject({ takesBack: true });
    const overtaken = look([host('m1', { ...stopped, recovery: note, members: 5 }), host('m2', { revision: 101, members: 5 })], [away('m3'), away('m4'), away('m5')], ['m3', 'm4', 'm5']);
    expect(overtaken).toMatchObject({ takesBack: true });
    expect(problems(overtaken)).toEqual(["recovery from 'm1' : m2 is there by now and has newer data (revision 101)"]);
  });

  test('is never taken back once the survivor is a cluster of its own, and goes on while that has its quorum', () => {
    const reset = { ...note, reset: true };
    expect(look([host('m1', { recovery: reset, members: 1 }, true), silent('m2')], [away('m3')], ['m3'])).toMatchObject({ plan: { reset: true, id: note.id } });
    const second = look([host('m1', { recovery: reset, members: 1 }, true), host('m2', {}, true)], [away('m3')], ['m3']);
    expect(second).toMatchObject({ takesBack: false });
    expect(problems(second).join()).toContain('these are two clusters');
    expect(look([host('m1', { recovery: reset, members: 2 }, true), host('m2', { forgotten: [note.id] }, true)], [away('m3')], ['m3'])).toHaveProperty('plan');
  });
});
