import * as fc from 'fast-check';
import { majority } from '../../../src/quorum';
import type { Rehearsal } from '../../../src/adapters/rehearsal';
import { begin, cluster, filesOf, joining, machine, now, removeFolders } from './cluster-fixture';

afterEach(removeFolders);
const NAMES = ['m1', 'm2', 'm3', 'm4', 'm5'];
const ignored = () => undefined;

/** What people do to clusters, in any order, without looking. */
const DEEDS: Readonly<Record<string, (rehearsed: Rehearsal, name: string, dark: Set<string>) => Promise<unknown>>> = {
  join: async (rehearsed, name) => {
    const through = NAMES.find(other => other !== name) ?? name;
    await (await begin(rehearsed, name, await joining(rehearsed, name, through))).waitForBootstrap(ignored, now());
  },
  kill: async (rehearsed, name, dark) => { dark.add(name); await rehearsed.kill(name); },
  revive: async (rehearsed, name, dark) => { dark.delete(name); await rehearsed.revive(name); },
  reboot: (rehearsed, name) => rehearsed.reboot(name),
  makeUnhealthy: async (rehearsed, name, dark) => { dark.add(name); await rehearsed.setFaults(name, { unhealthy: true }); },
  removeMember: (rehearsed, name) => rehearsed.api().requestMemberRemoval(name),
  deleteNode: (rehearsed, name) => rehearsed.api().deleteNode(name, now()),
  loseNode: (rehearsed, name) => rehearsed.loseNode(name),
  block: (rehearsed, name) => machine(rehearsed, name).blockRestart(),
  allow: (rehearsed, name) => machine(rehearsed, name).allowRestart(),
  stop: (rehearsed, name) => machine(rehearsed, name).stopRuntime(),
  uninstall: (rehearsed, name) => machine(rehearsed, name).uninstall(),
};

const deeds = fc.array(fc.record({ deed: fc.constantFrom(...Object.keys(DEEDS)), name: fc.constantFrom(...NAMES) }), { maxLength: 25 });

test('whatever is done to it, the API server never answers a write without a majority of the voters', async () => {
  let refused = 0;
  await fc.assert(fc.asyncProperty(fc.constantFrom(1, 2, 3, 5), deeds, async (size, done) => {
    const rehearsed = await cluster(NAMES.slice(0, size));
    // Machines of which the test knows that their members cannot answer, whatever the rehearsal believes.
    const dark = new Set<string>();
    const identity = await rehearsed.api().identity();
    for (const { deed, name } of done) {
      await DEEDS[deed]!(rehearsed, name, dark).catch(ignored);
      const written = await rehearsed.api().fence('probe').then(() => true, () => false);
      refused += written ? 0 : 1;
      const [first] = JSON.parse(filesOf(rehearsed.folder).get('clusters.json')!) as { identity: string; members: { node: string; learner: boolean }[] }[];
      if (!written || first?.identity !== identity) continue;
      const voters = first.members.filter(({ learner }) => !learner).map(({ node }) => node);
      const mayAnswer = voters.filter(node => !dark.has(node)).length;
      expect(mayAnswer).toBeGreaterThanOrEqual(majority(voters.length));
    }
  }), { numRuns: 40 });
  // Otherwise nothing was tried.
  expect(refused).toBeGreaterThan(0);
});
