import { Deadline } from '../../src/membership/deadline';
import { removeFolders, soon } from '../adapters/rehearsal/cluster-fixture';
import { Scene, target } from './scene';

afterEach(removeFolders);

const unreachable = { confirmed: { removal: 'unreachable' } } as const;

/** A cluster in which m9 died, left, and knows the token. */
async function left(...names: string[]): Promise<Scene> {
  const scene = await Scene.of(...names, 'm9');
  await scene.rehearsed.kill('m9');
  await scene.remove('m9', { ...unreachable, leavesToken: true });
  scene.calls.length = 0;
  return scene;
}

/** Deletes what is left of it: that is when the token is changed. */
const rotate = (scene: Scene, workers?: readonly string[]) => scene.remove('m9', { ...unreachable, workers: workers?.map(name => target(name)) });
const restarts = (scene: Scene) => scene.calls.filter(call => /\.(rotateToken|useToken)$/.test(call));
const stage = async (scene: Scene) => (await scene.api.removedNodes()).map(({ tokenRotation }) => tokenRotation);

test('every node gets the new token, the management nodes first and one by one', async () => {
  const scene = await left('m1', 'm2', 'm3', 'w1', 'w2');
  const before = await scene.machine('m1').joinToken();
  await rotate(scene, ['w1', 'w2']);
  expect(restarts(scene)).toEqual(['m1.rotateToken', 'm2.useToken', 'm3.useToken', 'w1.useToken', 'w2.useToken', 'm1.useToken']);
  const tokens = await Promise.all(['m1', 'm2', 'm3'].map(name => scene.machine(name).joinToken()));
  expect(new Set(tokens).size).toBe(1);
  expect(tokens[0]).not.toBe(before);
  expect(await stage(scene)).toEqual(['done']);
});

test('after each restart every voter is healthy again before the next', async () => {
  const scene = await left('m1', 'm2', 'm3');
  scene.hooks.set('m3.useToken', async proceed => {
    expect(await scene.machine('m2').memberHealthy()).toBe(true);
    return proceed();
  });
  await rotate(scene);
  expect(await stage(scene)).toEqual(['done']);
});

test('the only voter is not restarted: it takes the new token as it runs, and nobody else takes the old one', async () => {
  const scene = await Scene.of('m1', 'm2', 'm3', 'w1');
  await scene.rehearsed.kill('m2');
  await scene.remove('m2', { ...unreachable, leavesToken: true });
  const before = await scene.machine('m1').joinToken();
  scene.calls.length = 0;
  await scene.remove('m3');
  expect(restarts(scene)).toEqual(['m1.rotateToken', 'w1.useToken', 'm1.useToken']);
  expect(await scene.machine('m1').joinToken()).not.toBe(before);
  await scene.rehearsed.reboot('m1');
  await scene.join('m3');
  expect(await scene.members()).toEqual(['m1', 'm3']);
});

test('with two voters it is refused before anything is changed: a restart would cost the quorum', async () => {
  const scene = await left('m1', 'm2');
  await expect(rotate(scene)).rejects.toThrow(
    /join token of cluster 'prod': a machine that left knows it.*while m2 restarts, 1 of 2 voters answers: majority 2 does not hold; grow to three management nodes, or shrink to one, first; then run the same command again/,
  );
  expect(restarts(scene)).toEqual([]);
  expect(await stage(scene)).toEqual(['due']);
});

test('on the way through two voters it is left to the removal that follows', async () => {
  const scene = await left('m1', 'm2');
  await scene.remove('m9', { ...unreachable, becoming: 1 });
  expect(restarts(scene)).toEqual([]);
  expect(await stage(scene)).toEqual(['due']);
  await scene.remove('m2', { becoming: 1 });
  expect(restarts(scene)).toEqual(['m1.rotateToken', 'm1.useToken']);
  expect(await stage(scene)).toEqual([undefined, 'done']);
});

test('it is refused before anything is changed while another one is out of service', async () => {
  const scene = await left('m1', 'm2', 'm3', 'm4');
  await scene.api.setAside('m3', { by: 'ops@laptop', since: '2026-11-23T03:00:00.000Z', cordoned: true });
  await expect(rotate(scene)).rejects.toThrow("management node 'm3' (ops@laptop took it out of service");
  expect(restarts(scene)).toEqual([]);
});

test('it is refused before anything is changed while another voter is away', async () => {
  const scene = await left('m1', 'm2', 'm3', 'm4');
  await scene.rehearsed.setFaults('m3', { unhealthy: true });
  await expect(rotate(scene)).rejects.toThrow(/m3 is away already; repair or remove m3 first/);
  expect(restarts(scene)).toEqual([]);
});

test('a voter that dies on the way stops the restarts that would follow', async () => {
  const scene = await left('m1', 'm2', 'm3', 'm4');
  scene.hooks.set('m2.useToken', async proceed => {
    await proceed();
    await scene.rehearsed.setFaults('m4', { unhealthy: true });
  });
  await expect(scene.remove('m9', { ...unreachable, deadline: new Deadline(2) })).rejects.toThrow(/etcd on m4 does not answer/);
  expect(restarts(scene)).toEqual(['m1.rotateToken', 'm2.useToken']);
  expect(await stage(scene)).toEqual(['begun']);
});

test.each(['m1.rotateToken', 'm2.useToken', 'm3.useToken', 'w1.useToken', 'm1.useToken', 'api.beginTokenChange', 'api.endTokenChange'])(
  'interrupted at %s it goes on with the same token, whether the call did its work or not', async call => {
    for (const does of [true, false]) {
      const scene = await left('m1', 'm2', 'm3', 'w1');
      scene.hooks.set(call, async proceed => {
        if (does) await proceed();
        throw new Error('cut off');
      });
      await expect(rotate(scene)).rejects.toThrow('cut off');
      scene.hooks.clear();
      await rotate(scene);
      const tokens = await Promise.all(['m1', 'm2', 'm3'].map(name => scene.machine(name).joinToken()));
      expect(new Set(tokens).size).toBe(1);
      expect(await stage(scene)).toEqual(['done']);
      for (const name of ['m1', 'm2', 'm3', 'w1']) {
        await scene.rehearsed.reboot(name);
        await scene.api.waitForNode(name, node => (node?.ready ? { done: true } : { done: false, reason: `${name} did not start again` }), soon());
      }
    }
  },
);

test('a management node that starts while the token changes, and is refused with the old one, is brought back first', async () => {
  const scene = await left('m1', 'm2', 'm3');
  scene.hooks.set('m1.rotateToken', async proceed => {
    const token = await proceed();
    await scene.rehearsed.reboot('m3');
    return token;
  });
  await expect(rotate(scene)).rejects.toThrow(/m3 is away already/);
  scene.calls.length = 0;
  scene.hooks.clear();
  await rotate(scene);
  expect(restarts(scene)).toEqual(['m1.rotateToken', 'm3.useToken', 'm2.useToken', 'm1.useToken']);
  expect(await stage(scene)).toEqual(['done']);
});

test('a worker that does not answer is named once all others have the token, and the next run gives it to that one', async () => {
  const scene = await left('m1', 'm2', 'm3', 'w1', 'w2');
  await scene.rehearsed.kill('w1');
  await expect(rotate(scene)).rejects.toThrow(/worker 'w1': it did not get the new join token and would not come back from a restart/);
  expect(restarts(scene)).toContain('w2.useToken');
  expect(await stage(scene)).toEqual(['begun']);
  await scene.rehearsed.revive('w1');
  await rotate(scene);
  expect(await stage(scene)).toEqual(['done']);
});

test('several machines that left are done with one change', async () => {
  const scene = await Scene.of('m1', 'm2', 'm3', 'm8', 'm9');
  for (const name of ['m8', 'm9']) {
    await scene.rehearsed.kill(name);
    await scene.remove(name, { ...unreachable, leavesToken: true });
  }
  await scene.remove('m9', unreachable);
  await scene.remove('m8', unreachable);
  expect(restarts(scene).filter(call => call.endsWith('rotateToken'))).toHaveLength(1);
  expect(await stage(scene)).toEqual(['done', 'done']);
});

test('another machine that joins under the name changes the token once it has a vote', async () => {
  const node = target('m9', { address: '10.0.1.99' });
  const before = await Scene.of('m1', 'm2', 'm9');
  // By its address: the new machine has the name as well, and power.
  await before.rehearsed.kill(target('m9').address);
  await before.remove('m9', { ...unreachable, leavesToken: true });
  const scene = new Scene(before.rehearsed, [target('m1'), target('m2'), node]);
  await scene.join('m9', { node });
  expect(restarts(scene)).toEqual(['m1.rotateToken', 'm2.useToken', 'm9.useToken', 'm1.useToken']);
  expect(await scene.api.removedNodes()).toEqual([]);
});

test('one that got the new token while it was changed, and then left, finds no way back', async () => {
  const scene = await Scene.of('m1', 'm2', 'm3', 'm8', 'm9', 'w1');
  await scene.rehearsed.kill('m9');
  await scene.rehearsed.kill('w1');
  await expect(scene.remove('m9', unreachable)).rejects.toThrow(/worker 'w1': it did not get the new join token/);
  const first = await scene.machine('m1').joinToken();
  expect(await scene.machine('m8').joinToken()).toBe(first);
  await scene.rehearsed.kill('m8');
  await scene.rehearsed.revive('w1');
  await scene.remove('m8', unreachable);
  expect(await stage(scene)).toEqual(['done', 'done']);
  expect(await scene.machine('m1').joinToken()).not.toBe(first);
});

describe('a change that was begun', () => {
  const newM1 = target('m1', { address: '10.0.1.101' });

  /** m1, the first node, is gone and is replaced under its name: the token is changed at the end of the join, through m2, which is cut off. */
  async function begunByM2(cutOffAt: string): Promise<Scene> {
    const before = await Scene.of('m1', 'm2', 'm3', 'm4');
    await before.rehearsed.kill('10.0.1.1');
    await before.remove('m1', { ...unreachable, leavesToken: true });
    const scene = new Scene(before.rehearsed, [newM1, ...['m2', 'm3', 'm4'].map(name => target(name))]);
    scene.hooks.set(cutOffAt, async proceed => {
      await proceed();
      throw new Error('cut off');
    });
    await expect(scene.join('m1', { node: newM1 })).rejects.toThrow('cut off');
    scene.hooks.clear();
    scene.calls.length = 0;
    return scene;
  }

  test('is gone on with by the server that began it, whoever is the first by then', async () => {
    const scene = await begunByM2('m2.rotateToken');
    await scene.join('m1', { node: newM1 });
    expect(restarts(scene)).toEqual(['m2.rotateToken', 'm3.useToken', 'm4.useToken', 'm1.useToken', 'm2.useToken']);
    expect(await scene.api.tokenChangedBy()).toBeUndefined();
  });

  test('is ended before the server that began it leaves', async () => {
    const scene = await begunByM2('m2.rotateToken');
    await scene.remove('m2');
    const calls = scene.changes();
    expect(restarts(scene)).toEqual(['m2.rotateToken', 'm3.useToken', 'm4.useToken', 'm1.useToken', 'm2.useToken']);
    expect(calls.indexOf('api.endTokenChange')).toBeLessThan(calls.indexOf('api.requestMemberRemoval'));
  });

  test('is begun anew by another where the one that began it is gone', async () => {
    const scene = await begunByM2('m4.useToken');
    await scene.rehearsed.kill('m2');
    await scene.remove('m2', unreachable);
    expect(restarts(scene)[0]).toBe('m1.rotateToken');
    expect(await stage(scene)).toEqual(['done']);
    expect(await scene.api.tokenChangedBy()).toBeUndefined();
  });

  test('is ended even where the machine it was begun for has been cleaned meanwhile', async () => {
    const scene = await left('m1', 'm2', 'm3');
    scene.hooks.set('m1.rotateToken', async proceed => {
      await proceed();
      throw new Error('cut off');
    });
    await expect(rotate(scene)).rejects.toThrow('cut off');
    scene.hooks.clear();
    await scene.rehearsed.revive('m9');
    await scene.remove('m9');
    expect(await scene.api.tokenChangedBy()).toBeUndefined();
    const tokens = await Promise.all(['m1', 'm2', 'm3'].map(name => scene.machine(name).joinToken()));
    expect(new Set(tokens).size).toBe(1);
  });
});

test('a token that a server was to change to and another became is never come back to', async () => {
  const scene = await left('m1', 'm2', 'm3');
  const pending = await scene.machine('m2').rotateToken();
  await scene.machine('m2').useToken(await scene.machine('m1').rotateToken());
  expect(await scene.machine('m2').rotateToken()).not.toBe(pending);
});

test('a machine that left in a destruction which was given up has the token changed by the next management node that joins or leaves', async () => {
  const scene = await Scene.of('m1', 'm2', 'm3', 'm4');
  await scene.rehearsed.kill('m4');
  await scene.remove('m4', { ...unreachable, destroyingCluster: true });
  expect(await stage(scene)).toEqual(['due']);
  await scene.join('m5');
  expect(await stage(scene)).toEqual(['done']);
});

test('the token is in no report', async () => {
  const scene = await left('m1', 'm2', 'm3');
  await rotate(scene);
  expect(JSON.stringify(scene.events)).not.toContain(await scene.machine('m1').joinToken());
});
