import { Deadline } from '../../src/membership/deadline';
import { LoginRefused, Unreachable } from '../../src/membership/ports/unreachable';
import { waitForBoot } from '../../src/membership/wait-for-boot';
import { Problem } from '../../src/problem';
import { removeFolders } from '../adapters/rehearsal/cluster-fixture';
import { Scene, target } from './scene';

afterAll(removeFolders);

const props = { subject: 'host root@10.0.2.1:22', rule: 'ECONNREFUSED', remedy: 'wait' };

/** Waits for m1 and w1 on a clock that goes on only while it waits; w1 fails so often before it answers. */
async function wait(seconds: number, failures: readonly Error[]): Promise<{ readonly waited: number; readonly reported: string[]; readonly asked: number }> {
  const scene = await Scene.empty('m1');
  const left = [...failures];
  const reported: string[] = [];
  let [now, asked] = [0, 0];
  scene.hooks.set('w1.facts', async proceed => {
    asked += 1;
    const failure = left.shift();
    if (failure) throw failure;
    return proceed();
  });
  await waitForBoot(scene.session, [target('m1'), target('w1')], {
    deadline: new Deadline(seconds, { now: () => now }), report: line => reported.push(line), pause: async milliseconds => { now += milliseconds; },
  });
  return { waited: now / 1000, reported, asked };
}

test('a machine that answers is not waited for', async () => {
  expect(await wait(300, [])).toEqual({ waited: 0, reported: [], asked: 1 });
});

test('a machine that boots is asked again until it answers, and why it is waited for is said once', async () => {
  const silent = Array.from({ length: 20 }, () => new Unreachable(props));
  expect(await wait(300, silent)).toEqual({ waited: 60, reported: ['w1 does not answer yet: ECONNREFUSED'], asked: 21 });
});

test('at the deadline it is left to whoever looks next', async () => {
  const silent = Array.from({ length: 1000 }, () => new Unreachable(props));
  expect(await wait(10, silent)).toMatchObject({ waited: 10 });
});

test('a refused login is waited for as long as users are made after the boot, and no longer', async () => {
  const refused = Array.from({ length: 1000 }, () => new LoginRefused({ ...props, rule: "it refuses user 'ops'" }));
  const { waited, reported } = await wait(300, [new Unreachable(props), ...refused]);
  expect(waited).toBe(63);
  expect(reported).toEqual(['w1 does not answer yet: ECONNREFUSED', "w1 does not let us in yet: it refuses user 'ops'"]);
});

test('a wrong host key is never waited for', async () => {
  expect(await wait(300, [new Problem({ ...props, rule: 'its host key has changed' })])).toEqual({ waited: 0, reported: [], asked: 1 });
});
