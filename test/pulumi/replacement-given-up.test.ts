import { Deadline } from '../../src/membership/deadline';
import { addressOf } from '../adapters/rehearsal/cluster-fixture';
import { clusterOf, expectDone, givenClusters, m, of, SPARE } from './replacing-scene';

givenClusters(3);

test('a replacement that was killed while the old machine was leaving, and is given up, leaves the node as it was', async () => {
  const engine = await clusterOf(3);
  const { rehearsed } = engine;
  const api = rehearsed.api();
  const machine = rehearsed.machine({ name: 'm2', address: addressOf('m2') });
  // A pod that nothing would make again ends the removal…
  await rehearsed.deploy({ name: 'bare', kind: 'Pod', node: 'm2' });
  await api.waitForPods('m2', pods => (pods.some(({ name }) => name.startsWith('bare')) ? { done: true } : { done: false, reason: 'no pod yet' }), new Deadline(5));
  const confirmed = [{ name: 'm2' }];
  const moved = of(3).map(node => (node.name === 'm2' ? m(2, { address: SPARE }) : node));
  expect((await engine.up(moved, confirmed)).error).toMatch(/nothing would recreate a pod/);
  // …which leaves this where it is killed a few steps later, with the member still there.
  await api.cordon('m2', 'removal');
  await api.ensureFence();
  await api.fence('m2');
  await machine.blockRestart();

  expectDone(await engine.up(of(3), confirmed));
  expect(await api.fencedNames()).toEqual([]);
  expect(await api.node('m2')).toMatchObject({ unschedulable: false });
  await rehearsed.reboot('m2');
  await api.waitForNode('m2', node => (node?.ready ? { done: true } : { done: false, reason: 'it does not start again' }), new Deadline(5));
});
