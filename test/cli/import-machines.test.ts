import { machineTroubles } from '../../src/cli/import-machines';
import { removeFolders } from '../adapters/rehearsal/cluster-fixture';
import { Scene } from '../membership/scene';

afterEach(removeFolders);

async function troublesOf(scene: Scene): Promise<Record<string, string>> {
  const troubles = await machineTroubles(scene.session, await scene.api.nodes());
  return Object.fromEntries(troubles.map(({ name, reason }) => [name, reason]));
}

/** What a machine says of itself, other than it is. */
function says(scene: Scene, name: string, facts: object): void {
  scene.hooks.set(`${name}.facts`, async proceed => ({ ...(await proceed() as object), ...facts }));
}

test('machines that are well have none, and nothing is changed on them', async () => {
  const scene = await Scene.of('m1', 'm2', 'm3', 'w1');
  expect(await troublesOf(scene)).toEqual({});
  expect(scene.changes()).toEqual([]);
});

test('each machine of which the node could not be adopted is named with the reason', async () => {
  const scene = await Scene.of('m1', 'w1', 'w2', 'w3', 'w4', 'w5', 'w6');
  await scene.rehearsed.kill('w1');
  says(scene, 'w2', { machineId: 'f00' });
  says(scene, 'w3', { privileged: false });
  says(scene, 'w4', { bootstrap: 'absent' });
  says(scene, 'w6', { role: 'management' });
  says(scene, 'w5', { nodeName: 'old-w5' });
  expect(await troublesOf(scene)).toEqual({
    w1: expect.stringContaining('it does not answer over SSH'),
    w2: expect.stringMatching(/^another machine answers at its address \(machine-id f00, and its Node has \w+\)$/),
    w3: 'the login is neither root nor may it use sudo without a password',
    w4: 'LLMOS is not set up on it (absent), so it would be taken for a machine that is to join',
    w5: "LLMOS is set up on it as 'old-w5'",
    w6: 'it is set up as a management node, and the cluster has it as a worker node; import again once it has joined',
  });
});
