import { Deadline } from '../../../src/membership/deadline';
import { AT_ONCE, begin, joining, rehearsal, removeFolders } from '../../adapters/rehearsal/cluster-fixture';
import { Scene, target } from '../scene';

afterAll(removeFolders);

const soonOver = () => ({ deadline: new Deadline(0.3) });

describe('a management node that joins', () => {
  test('is let in by the guard before anything is changed on it, and only after it and every member are healthy are the configs changed', async () => {
    const scene = await Scene.of('m1');
    await scene.join('m2');
    expect(scene.changes()).toEqual([
      'api.putLease', 'm1.snapshot', 'm2.writeConfig', 'm2.allowRestart', 'm2.install', 'api.applyNode', 'm1.joinBy', 'm2.joinBy', 'api.putLease',
    ]);
    const before = scene.calls.slice(0, scene.calls.indexOf('m2.writeConfig')).filter(call => ['m1.memberHealthy', 'm2.askServer', 'm1.snapshot'].includes(call));
    expect(before).toEqual(['m1.memberHealthy', 'm2.askServer', 'm1.snapshot', 'm1.memberHealthy']);
    expect(await scene.members()).toEqual(['m1', 'm2']);
  });

  test('says what being the second voter risks', async () => {
    const scene = await Scene.of('m1');
    await scene.join('m2');
    expect(scene.events.find(({ title, detail }) => title === 'checking the quorum' && detail)).toMatchObject({ detail: expect.stringMatching(/losing either stops the cluster/) as string });
  });

  test('says where the snapshot lies that was taken before', async () => {
    const scene = await Scene.of('m1', 'm2', 'w1');
    const said = () => scene.events.splice(0).flatMap(({ detail }) => (/snapshots\//.test(detail ?? '') ? [detail] : []));
    await scene.join('m3');
    expect(said()).toEqual([expect.stringMatching(/^m1:\/var\/lib\/rancher\/k3s\/server\/db\/snapshots\/before-joining-m3-/)]);
    await scene.join('m3');
    await scene.join('w2');
    expect(said()).toEqual([]);
  });

  test('does not join without a snapshot, and nothing is changed on it', async () => {
    const scene = await Scene.of('m1');
    scene.failing('m1.snapshot', 'no space left on device');
    await expect(scene.join('m2')).rejects.toThrow(/^etcd snapshot before-joining-m2 \(root@10\.0\.1\.1:22\): it could not be taken, and no member joins or leaves without one: no space left on device; /);
    expect(scene.changes().filter(call => call.startsWith('m2'))).toEqual([]);
    expect((await scene.api.lease())?.holder).toBe('');
  });

  test('is refused where a voter fell ill while the snapshot was taken', async () => {
    const scene = await Scene.of('m1', 'm2', 'm3');
    scene.hooks.set('m1.snapshot', async proceed => {
      await scene.rehearsed.setFaults('m3', { unhealthy: true });
      return proceed();
    });
    await expect(scene.join('m4')).rejects.toThrow("joining 'm4' to cluster 'prod': 2 of 3 voters are healthy");
    expect(scene.calls).not.toContain('m4.writeConfig');
  });

  test('is refused while a member is there that has no Node and whose machine nobody knows', async () => {
    const scene = await Scene.of('m1', 'm2', 'm3');
    scene.hooks.set('m1.members', async proceed => [...(await proceed()) as object[], { id: '8e9e05c52164694d', name: 'm9-0badcafe', node: 'm9', peerUrls: [], learner: false }]);
    await expect(scene.join('m4')).rejects.toThrow(/^etcd member of 'm9' \(8e9e05c52164694d\): it has no Node, .* type on root@10\.0\.1\.1:22: sudo etcdctl .* member remove 8e9e05c52164694d$/);
    expect(scene.changes().filter(call => call.startsWith('m4'))).toEqual([]);
  });

  test('is refused while a voter is unhealthy, and nothing is changed on it', async () => {
    const scene = await Scene.of('m1', 'm2', 'm3');
    await scene.rehearsed.setFaults('m3', { unhealthy: true });
    await expect(scene.join('m4')).rejects.toThrow("joining 'm4' to cluster 'prod': 2 of 3 voters are healthy");
    expect(scene.changes().filter(call => call.startsWith('m4'))).toEqual([]);
    expect((await scene.api.lease())?.holder).toBe('');
  });

  test('is refused where a stale member has its name, although the Node of it is known', async () => {
    const scene = await Scene.of('m1', 'm2', 'm3');
    const { machineId } = await scene.machine('m3').facts();
    await scene.rehearsed.reinstall('m3');
    await scene.rehearsed.setFaults('m3', { facts: { machineId } });
    await expect(scene.join('m3')).rejects.toThrow(/m3 is a member already; if the machine is a new one, remove the stale member first/);
    expect(scene.changes().filter(call => call.startsWith('m3'))).toEqual([]);
  });

  test('is not let in a second time without the guard because its Node is still known', async () => {
    const scene = await Scene.of('m1', 'm2', 'm3');
    const { machineId } = await scene.machine('m3').facts();
    await scene.machine('m3').blockRestart();
    await scene.api.requestMemberRemoval('m3');
    await scene.machine('m3').uninstall();
    await scene.rehearsed.setFaults('m3', { facts: { machineId } });
    scene.hooks.set('m2.memberHealthy', async () => false);
    await expect(scene.join('m3')).rejects.toThrow("joining 'm3' to cluster 'prod': 1 of 2 voters is healthy");
  });

  test('that an earlier run left half-way is carried on and not added again', async () => {
    const scene = await Scene.of('m1', 'm2', 'm3');
    await scene.rehearsed.setFaults('m4', { lagging: true });
    await expect(scene.join('m4', soonOver())).rejects.toThrow();
    await scene.rehearsed.setFaults('m4', { lagging: undefined });
    await scene.join('m4');
    expect(await scene.members()).toEqual(['m1', 'm2', 'm3', 'm4']);
  });

  test('stops before the installation where the lock was lost', async () => {
    const scene = await Scene.of('m1');
    scene.hooks.set('api.putLease', async (_, lease: object) => ({ ...lease, renewedAt: 0, version: '1' }));
    await expect(scene.join('m2')).rejects.toThrow("lock of cluster 'prod': it could not be renewed for 60 s");
    expect(scene.calls).not.toContain('m2.install');
  });

  test('gives the lock back when it fails', async () => {
    const scene = await Scene.of('m1');
    await scene.rehearsed.setFaults('m2', { installFails: 'no space left on device' });
    await expect(scene.join('m2')).rejects.toThrow('no space left on device');
    expect((await scene.api.lease())?.holder).toBe('');
  });

  test('is not done before the other members are healthy', async () => {
    const scene = await Scene.of('m1', 'm2', 'm3');
    let asked = 0;
    // The guard is let through, twice; what comes after is not.
    scene.hooks.set('m3.memberHealthy', async proceed => (asked++ < 2 ? proceed() : false));
    await expect(scene.join('m4', { deadline: new Deadline(2) })).rejects.toThrow(/management node 'm4': not done after 2 s \(last seen: etcd on m3 does not answer\)/);
  });
});

describe('a machine that starts the cluster', () => {
  test('does so without a server, a token or a lock', async () => {
    const scene = await Scene.empty('m1');
    const joined = await scene.join('m1', { initialise: true });
    expect(joined).toMatchObject({ adopted: false, identity: await scene.api.identity() });
    expect(scene.changes()).toEqual(['m1.writeConfig', 'm1.allowRestart', 'm1.install', 'api.applyNode']);
  });

  test('is adopted where an earlier run got as far as that', async () => {
    const scene = await Scene.of('m1');
    const identity = await scene.api.identity();
    expect(await scene.join('m1', { initialise: true })).toMatchObject({ adopted: true, identity });
    expect(scene.calls).not.toContain('m1.install');
  });
});

test('without the right to start one, a machine that finds no cluster starts none', async () => {
  const scene = await Scene.empty('m1', 'm2');
  await expect(scene.join('m1')).rejects.toThrow('none of its management nodes can be worked with');
  expect(scene.changes()).toEqual([]);
});

test('the configuration of a joining machine names the server that answered, its node name, labels and taints', async () => {
  const scene = await Scene.of('m1');
  let yaml = '';
  scene.hooks.set('w1.writeConfig', async (proceed, text: string) => { yaml = text; return proceed(); });
  await scene.join('w1', { node: target('w1', { labels: { disk: 'ssd' }, taints: [{ key: 'gpu', effect: 'NoSchedule' }] }), settings: { kubernetesVersion: 'v1.33.1+k3s1', systemDefaultRegistry: 'r.example.com' } });
  expect(yaml.replace(/token: .*/, 'token: …')).toBe(`# Written by llmos-nodes.
nodeName: w1
address: 10.0.2.1
systemDefaultRegistry: r.example.com
role: agent
server: https://10.0.1.1:6443
token: …
labels:
  - disk=ssd
taints:
  - gpu:NoSchedule
`);
});

test('a worker joins without the lock and without the guard', async () => {
  const scene = await Scene.of('m1');
  await scene.join('w1');
  expect(scene.changes()).toEqual(['w1.writeConfig', 'w1.allowRestart', 'w1.install', 'api.applyNode']);
});

test('a host that cannot be installed on is left alone', async () => {
  const scene = await Scene.of('m1');
  await scene.rehearsed.setFaults('w1', { facts: { otherKubernetes: ['kubelet.service'] } });
  await expect(scene.join('w1')).rejects.toThrow("machine 'w1' (kubelet.service)");
  expect(scene.changes()).toEqual([]);
});

test('the fence is lifted for a machine that joins again, and only once it is about to', async () => {
  const scene = await Scene.of('m1');
  await scene.api.ensureFence();
  await scene.api.fence('w1');
  scene.failing('w1.writeConfig', 'disk full');
  await expect(scene.join('w1')).rejects.toThrow("joining 'w1' (writing the configuration): disk full");
  expect(await scene.api.fencedNames()).toEqual(['w1']);
  scene.hooks.clear();
  await scene.join('w1');
  expect(await scene.api.fencedNames()).toEqual([]);
});

describe('a node that is in the cluster already', () => {
  test('is adopted and nothing is installed', async () => {
    const scene = await Scene.of('m1', 'm2', 'w1');
    expect(await scene.join('w1')).toMatchObject({ adopted: true });
    expect(await scene.join('m2')).toMatchObject({ adopted: true });
    expect(scene.calls.filter(call => /install|writeConfig|putLease/.test(call))).toEqual([]);
  });

  test('gets the fence and the block of an interrupted removal lifted', async () => {
    const scene = await Scene.of('m1', 'w1');
    await scene.api.ensureFence();
    await scene.api.fence('w1');
    await scene.machine('w1').blockRestart();
    await scene.join('w1');
    expect(await scene.api.fencedNames()).toEqual([]);
    await scene.rehearsed.reboot('w1');
    await scene.api.waitForNode('w1', node => (node?.ready ? { done: true } : { done: false, reason: 'it does not start' }), new Deadline(5));
  });

  test('keeps the cordon of an upgrade that is not done', async () => {
    const scene = await Scene.of('m1', 'w1');
    await scene.api.cordon('w1', 'upgrade');
    await scene.join('w1');
    expect(await scene.api.node('w1')).toMatchObject({ unschedulable: true });
  });

  test('is adopted although another member is ill', async () => {
    const scene = await Scene.of('m1', 'm2', 'm3');
    await scene.rehearsed.kill('m3');
    expect(await scene.join('m2', { deadline: new Deadline(3) })).toMatchObject({ adopted: true });
  });
});

describe('a node that somebody set up by hand', () => {
  const byHand = async (...names: string[]) => {
    const scene = await Scene.of(...names);
    for (const name of names) scene.hooks.set(`${name}.facts`, async proceed => ({ ...(await proceed() as object), byHand: true }));
    return scene;
  };

  test('is adopted without a change on any host, the first node and its peers included', async () => {
    const scene = await byHand('m1', 'm2', 'm3', 'w1');
    for (const name of ['m1', 'm2', 'm3', 'w1']) expect(await scene.join(name)).toMatchObject({ adopted: true });
    // Lifting a block does nothing where there is none.
    expect(scene.changes().filter(call => !call.endsWith('.allowRestart'))).toEqual(['api.applyNode', 'api.applyNode', 'api.applyNode', 'api.applyNode']);
  });

  test('is adopted although a pod of a DaemonSet does not run there', async () => {
    const scene = await byHand('m1', 'w1');
    scene.failing('api.waitForPods', 'DaemonSet pods start: broken-x2x2x');
    expect(await scene.join('w1')).toMatchObject({ adopted: true });
  });

  test('is pointed at its peers, as they all are, by the first management node that joins', async () => {
    const scene = await byHand('m1', 'm2');
    await scene.join('m3');
    expect(scene.calls.filter(call => call.endsWith('.joinBy')).sort()).toEqual(['m1.joinBy', 'm2.joinBy', 'm3.joinBy']);
  });
});

test('a machine whose bootstrap was blocked by a removal joins again', async () => {
  const scene = await Scene.of('m1');
  await begin(scene.rehearsed, 'w1', await joining(scene.rehearsed, 'w1'));
  await scene.machine('w1').blockRestart();
  await scene.join('w1');
  expect((await scene.api.node('w1'))?.ready).toBe(true);
});

test('a node that never becomes Ready ends at the deadline with the last reason', async () => {
  const scene = await Scene.of('m1');
  await scene.rehearsed.setFaults('w1', { notReady: 'container runtime network not ready' });
  await expect(scene.join('w1', { deadline: new Deadline(0.5) })).rejects.toThrow(/node 'w1': not done after 0.5 s \(last seen: container runtime network not ready\)/);
});

test('a host that does not answer is named', async () => {
  const scene = new Scene(await rehearsal(AT_ONCE), [target('m1')]);
  await scene.rehearsed.kill('w1');
  await expect(scene.join('w1')).rejects.toThrow('it does not answer over SSH');
});
