import { guardRestart } from '../../src/membership/guard-restart';
import { Scene } from './scene';

const subject = "restarting 'm1'";

test('the only member is refused, unless whoever asks said that it may be the only one', async () => {
  const scene = await Scene.of('m1');
  const server = await scene.session.server('join');
  await expect(guardRestart(scene.session, server, 'm1', { subject })).rejects.toThrow("restarting 'm1': while m1 restarts, 0 of 1 voter answer: majority 1 does not hold");
  expect(await guardRestart(scene.session, server, 'm1', { subject, mayBeOnly: true })).toMatchObject({ isOnlyMember: true });
});

test('one of three may go, and why it has to is said where it may not', async () => {
  const scene = await Scene.of('m1', 'm2', 'm3');
  const server = await scene.session.server('join');
  expect(await guardRestart(scene.session, server, 'm1', { subject })).toEqual({ isOnlyMember: false, quorum: '2 of 3 voters answer, majority 2: no further failure is tolerated' });
  await scene.rehearsed.kill('m3');
  await expect(guardRestart(scene.session, server, 'm1', { subject, why: 'it needs a new token' })).rejects.toThrow("restarting 'm1': it needs a new token; while m1 restarts, 1 of 3 voters answers");
});
