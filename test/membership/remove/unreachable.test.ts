import { Deadline } from '../../../src/membership/deadline';
import { removeDead } from '../../../src/membership/remove/remove-dead';
import { AT_ONCE, cluster, removeFolders, settled, soon } from '../../adapters/rehearsal/cluster-fixture';
import { Scene, target } from '../scene';

afterEach(removeFolders);

const unreachable = { confirmed: { removal: 'unreachable' } } as const;
const reinstall = { confirmed: { removal: 'reinstall' } } as const;

/** What was reported while this node left. */
const said = (scene: Scene, name: string) => scene.events.filter(({ node }) => node === name).map(({ detail }) => detail ?? '').join('\n');

/** Switched on again, a machine has tried to come back once it said why it cannot. */
async function comesBack(scene: Scene, name: string): Promise<boolean> {
  await scene.rehearsed.revive(name);
  return scene.api.waitForNode(name, settled, new Deadline(0.5)).then(() => true, () => false);
}

describe('a management node whose machine is gone', () => {
  test('leaves without it, in this order: guard, snapshot, cordon, fence, guard, member, Node, and then the token is changed', async () => {
    const scene = await Scene.of('m1', 'm2', 'm3', 'm4');
    await scene.rehearsed.kill('m2');
    await scene.remove('m2', unreachable);
    expect(scene.changes()).toEqual([
      'api.putLease', 'm1.snapshot', 'api.cordon', 'api.ensureFence', 'api.fence', 'api.fenceHolds', 'api.fence', 'api.requestMemberRemoval', 'api.deleteNode',
      'm1.joinBy', 'm3.joinBy', 'm4.joinBy',
      'api.beginTokenChange', 'm1.rotateToken', 'm3.useToken', 'm4.useToken', 'm1.useToken', 'api.endTokenChange', 'api.putLease',
    ]);
    expect(await scene.members()).toEqual(['m1', 'm3', 'm4']);
    expect(said(scene, 'm2')).toContain('was not cleaned: LLMOS, its data and the join token are still on it; should it start again');
  });

  test('stays out when it is switched on again', async () => {
    const scene = await Scene.of('m1', 'm2', 'm3', 'm4');
    await scene.rehearsed.kill('m2');
    await scene.remove('m2', unreachable);
    expect(await comesBack(scene, 'm2')).toBe(false);
    expect(await scene.members()).toEqual(['m1', 'm3', 'm4']);
  });

  test('is remembered with its machine-id', async () => {
    const scene = await Scene.of('m1', 'm2', 'm3', 'm4');
    const { machineId } = await scene.machine('m2').facts();
    await scene.rehearsed.kill('m2');
    await scene.remove('m2', unreachable);
    expect(await scene.api.removedNodes()).toEqual([{ name: 'm2', fenced: true, removedAt: expect.stringMatching(/^20/), removal: 'unreachable', machineId, tokenRotation: 'done' }]);
  });

  test('is refused where the machine does answer, and nothing is touched', async () => {
    const scene = await Scene.of('m1', 'm2', 'm3');
    await expect(scene.remove('m2', unreachable)).rejects.toThrow(/root@10\.0\.1\.2:22 answers, so it can be cleaned.*take that choice away/);
    expect(scene.changes()).toEqual([]);
  });

  test('is refused while its Node is Ready: it runs, and only we cannot reach it', async () => {
    const scene = await Scene.of('m1', 'm2', 'm3');
    scene.failing('m2.facts', 'connection refused');
    await expect(scene.remove('m2', { ...unreachable, deadline: new Deadline(0) })).rejects.toThrow(/does not answer over SSH, and its Node is Ready all the same.*switch it off/);
    expect(await scene.members()).toEqual(['m1', 'm2', 'm3']);
    expect(await scene.api.fencedNames()).toEqual([]);
  });

  test('is waited for until the cluster has noticed', async () => {
    const scene = new Scene(await cluster(['m1', 'm2', 'm3'], { ...AT_ONCE, notReadySeconds: 0.3 }), ['m1', 'm2', 'm3'].map(name => target(name)));
    await scene.rehearsed.kill('m3');
    await scene.remove('m3', { ...unreachable, leavesToken: true });
    expect(said(scene, 'm3')).toContain('its Node is still Ready');
    expect(await scene.members()).toEqual(['m1', 'm2']);
  });

  test('that was reinstalled by now is another machine and is left alone', async () => {
    const scene = await Scene.of('m1', 'm2', 'm3', 'm4');
    const { machineId } = await scene.machine('m2').facts();
    await scene.rehearsed.reinstall('m2');
    await scene.remove('m2', { ...unreachable, machineId });
    expect(await scene.members()).toEqual(['m1', 'm3', 'm4']);
    expect(scene.changes().filter(call => call.startsWith('m2.'))).toEqual([]);
  });

  test('that is not confirmed so is told how to', async () => {
    const scene = await Scene.of('m1', 'm2', 'm3');
    await scene.rehearsed.kill('m2');
    await expect(scene.remove('m2')).rejects.toThrow(/if it is gone for good: npx llmos-nodes confirm m2 --unreachable/);
  });

  test('does not leave where the others would not be a majority', async () => {
    const scene = await Scene.of('m1', 'm2', 'm3');
    await scene.rehearsed.kill('m2');
    await scene.rehearsed.setFaults('m3', { unhealthy: true });
    await expect(scene.remove('m2', unreachable)).rejects.toThrow();
    expect(JSON.stringify(scene.changes())).not.toContain('requestMemberRemoval');
  });

  test('leaves with pods that a budget holds back or that nothing makes again: they run no more', async () => {
    const scene = await Scene.of('m1', 'm2', 'm3', 'm4');
    await scene.rehearsed.deploy({ name: 'bare', node: 'm2', kind: 'Pod' });
    await scene.api.waitForPods('m2', pods => (pods.some(({ name }) => name.startsWith('bare')) ? { done: true } : { done: false, reason: '' }), soon());
    await scene.rehearsed.kill('m2');
    await scene.remove('m2', unreachable);
    expect(said(scene, 'm2')).toMatch(/goes on all the same, as the machine is gone: drain of 'm2' \(default\/bare-/);
    expect(await scene.members()).toEqual(['m1', 'm3', 'm4']);
  });

  test('that comes back before its removal ended is cleaned once the choice is taken away', async () => {
    const scene = await Scene.of('m1', 'm2', 'm3', 'm4');
    await scene.rehearsed.kill('m2');
    scene.failing('m1.rotateToken', 'no');
    await expect(scene.remove('m2', unreachable)).rejects.toThrow('no');
    scene.hooks.clear();
    await scene.rehearsed.uninstallByHand('m2');
    await scene.rehearsed.revive('m2');
    await scene.remove('m2');
    expect(await scene.machine('m2').leftovers()).toEqual([]);
    expect(await scene.api.removedNodes()).toMatchObject([{ name: 'm2', removal: 'clean' }]);
  });

  test('is carried on wherever it was cut off, whether the last call did its work or not', async () => {
    const whole = await Scene.of('m1', 'm2', 'm3', 'm4');
    await whole.rehearsed.kill('m2');
    await whole.remove('m2', unreachable);
    for (const call of new Set(whole.changes())) {
      for (const does of [true, false]) {
        const scene = await Scene.of('m1', 'm2', 'm3', 'm4');
        await scene.rehearsed.kill('m2');
        scene.hooks.set(call, async proceed => {
          if (does) await proceed();
          throw new Error('cut off');
        });
        await expect(scene.remove('m2', unreachable)).rejects.toThrow('cut off');
        scene.hooks.clear();
        await scene.remove('m2', unreachable);
        expect({ call, does, members: await scene.members() }).toEqual({ call, does, members: ['m1', 'm3', 'm4'] });
        expect(await scene.api.removedNodes()).toMatchObject([{ name: 'm2', removal: 'unreachable', tokenRotation: 'done' }]);
        expect((await scene.api.lease())?.holder).toBe('');
      }
    }
  });

  test('takes the whole cluster with it where it was the only node and the cluster is destroyed', async () => {
    const scene = await Scene.of('m1');
    await scene.rehearsed.kill('m1');
    await scene.remove('m1', { ...unreachable, destroyingCluster: true });
    expect(said(scene, 'm1')).toContain('was not cleaned');
  });
});

test('a worker whose machine is gone leaves, stays out and asks for no other token', async () => {
  const scene = await Scene.of('m1', 'w1');
  await scene.rehearsed.kill('w1');
  await scene.remove('w1', unreachable);
  expect(scene.changes()).toEqual(['api.cordon', 'api.ensureFence', 'api.fence', 'api.fenceHolds', 'api.deleteNode']);
  expect(await scene.api.removedNodes()).toMatchObject([{ name: 'w1', removal: 'unreachable' }]);
  expect(await comesBack(scene, 'w1')).toBe(false);
});

describe('a node that is to be reinstalled', () => {
  test('is taken out and stopped, and nothing is uninstalled', async () => {
    const scene = await Scene.of('m1', 'm2', 'm3');
    await scene.remove('m2', reinstall);
    expect(scene.changes().filter(call => call.startsWith('m2.'))).toEqual(['m2.blockRestart', 'm2.stopRuntime']);
    expect(await scene.members()).toEqual(['m1', 'm3']);
    expect(scene.changes()).not.toContain('m1.rotateToken');
    await scene.rehearsed.reboot('m2');
    expect(await comesBack(scene, 'm2')).toBe(false);
  });

  test('that does not answer leaves like one that is gone', async () => {
    const scene = await Scene.of('m1', 'm2', 'm3', 'm4');
    await scene.rehearsed.kill('m2');
    await scene.remove('m2', reinstall);
    expect(await scene.api.removedNodes()).toMatchObject([{ name: 'm2', removal: 'reinstall', tokenRotation: 'done' }]);
  });

  test('joins again only from another machine-id', async () => {
    const scene = await Scene.of('m1', 'w1');
    await scene.remove('w1', reinstall);
    await scene.rehearsed.uninstallByHand('w1');
    await expect(scene.join('w1')).rejects.toThrow(/machine 'w1' \(machine-id [0-9a-f]{32}\): that node was removed to be reinstalled/);
    expect(await scene.api.fencedNames()).toEqual(['w1']);
    await scene.rehearsed.reinstall('w1');
    await scene.join('w1');
    expect(await scene.api.fencedNames()).toEqual([]);
  });
});

describe('the confirmed dead leave first', () => {
  const dead = (scene: Scene, leaving: readonly string[], confirmed: Parameters<typeof removeDead>[0]['confirmed']) => removeDead({
    session: scene.session, leaving: leaving.map(name => target(name)), confirmed, deadlineSeconds: 10, progress: event => scene.events.push(event),
  });
  const removed = (scene: Scene) => [...new Set(scene.events.filter(({ action }) => action === 'removing').map(({ node }) => node))];

  test('those declared gone and those whose member does not answer, one at a time; the living stay until others have joined', async () => {
    const scene = await Scene.of('m1', 'm2', 'm3', 'm4', 'm5');
    await scene.rehearsed.kill('m2');
    await scene.rehearsed.setFaults('m3', { unhealthy: true });
    await dead(scene, ['m2', 'm3', 'm4'], [{ name: 'm2', removal: 'unreachable' }, { name: 'm3' }, { name: 'm4' }]);
    expect(removed(scene)).toEqual(['m3', 'm2']);
    expect(await scene.members()).toEqual(['m1', 'm4', 'm5']);
    expect(scene.changes()).not.toContain('m1.rotateToken');
    expect(await scene.api.removedNodes()).toMatchObject([{ name: 'm2', tokenRotation: 'due' }, { name: 'm3', removal: 'clean' }]);
  });

  test('the join that makes up for one changes the token, and nothing is left for its own removal', async () => {
    const scene = await Scene.of('m1', 'm2', 'm3');
    await scene.rehearsed.kill('m2');
    await dead(scene, ['m2'], [{ name: 'm2', removal: 'unreachable' }]);
    await dead(scene, ['m2'], [{ name: 'm2', removal: 'unreachable' }]);
    await scene.join('m4');
    expect(scene.changes().filter(call => /Token/.test(call))).toEqual([
      'api.beginTokenChange', 'm1.rotateToken', 'm3.useToken', 'm4.useToken', 'm1.useToken', 'api.endTokenChange',
    ]);
    scene.calls.length = 0;
    await scene.remove('m2', unreachable);
    expect(scene.changes().filter(call => !call.endsWith('joinBy') && call !== 'api.putLease')).toEqual(['api.ensureFence', 'api.fence', 'api.fenceHolds']);
  });

  test('where nothing joins, their own removal changes the token', async () => {
    const scene = await Scene.of('m1', 'm2', 'm3', 'm4');
    await scene.rehearsed.kill('m2');
    await dead(scene, ['m2'], [{ name: 'm2', removal: 'unreachable' }]);
    scene.calls.length = 0;
    await scene.remove('m2', unreachable);
    expect(scene.changes().filter(call => /Token/.test(call))).toEqual([
      'api.beginTokenChange', 'm1.rotateToken', 'm3.useToken', 'm4.useToken', 'm1.useToken', 'api.endTokenChange',
    ]);
  });

  test('nobody without a confirmation', async () => {
    const scene = await Scene.of('m1', 'm2', 'm3');
    await scene.rehearsed.kill('m2');
    await dead(scene, ['m2'], []);
    expect(await scene.members()).toEqual(['m1', 'm2', 'm3']);
  });
});
