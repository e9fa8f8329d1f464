import { Deadline } from '../../src/membership/deadline';

let now = 0;
beforeEach(() => { now = 0; });

test('a deadline counts down and does not go below zero', () => {
  const deadline = new Deadline(2, { now: () => now });
  expect([deadline.remaining, deadline.passed]).toEqual([2000, false]);
  now = 2500;
  expect([deadline.remaining, deadline.passed]).toEqual([0, true]);
});

test('a share ends when its part of what is left has passed, and leaves the rest', () => {
  const deadline = new Deadline(100, { now: () => now });
  now = 20_000;
  const share = deadline.share(3 / 4);
  expect(share.seconds).toBe(60);
  now = 80_000;
  expect([share.passed, deadline.remaining]).toEqual([true, 20_000]);
});

test('a part of at most so many seconds ends with the whole where that is sooner', () => {
  const deadline = new Deadline(100, { now: () => now });
  expect(deadline.atMost(15).remaining).toBe(15_000);
  now = 90_000;
  expect(deadline.atMost(15).remaining).toBe(10_000);
});

test('whoever waits for a part of it in vain is told the same as for the whole', () => {
  const deadline = new Deadline(100, { remedy: 'do it again' });
  expect([deadline.share(1 / 2).remedy, deadline.atMost(15).remedy]).toEqual(['do it again', 'do it again']);
  expect(new Deadline(1).remedy).toContain('run `pulumi up` again');
});
