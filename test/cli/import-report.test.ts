import { importReport } from '../../src/cli/import-report';
import { importedDefinition } from '../../src/cli/imported-definition';
import type { MachineTrouble } from '../../src/cli/import-machines';
import type { LiveLook } from '../../src/cli/live-cluster';
import { MANAGED_LABEL } from '../../src/llmos/node';
import { findGhosts } from '../../src/membership/ghosts';
import { K3S } from '../../src/llmos/paths';
import type { NodeView } from '../../src/membership/ports/cluster-api';
import { look, node as view } from './nodes-looks';

const MANAGEMENT = { 'node-role.kubernetes.io/control-plane': 'true', 'node-role.kubernetes.io/etcd': 'true' };

function node(name: string, { labels, ...more }: Partial<NodeView> = {}): NodeView {
  return view(name, { labels: { [MANAGED_LABEL]: 'true', ...(name.startsWith('m') && MANAGEMENT), ...labels }, ...more });
}

function reportOf(seen: LiveLook, troubles?: readonly MachineTrouble[]): string {
  return importReport({ definition: importedDefinition(seen.nodes, { name: 'prod' }), look: seen, troubles, folder: 'prod', files: ['cluster.ts', 'index.ts'] });
}

const well = ['m1', 'm2', 'm3', 'w1'].map(name => node(name));

test('of a cluster that is well it says what was written and what to type next', () => {
  expect(reportOf(look(well), [])).toBe(`Read 4 nodes, and wrote 2 files to prod:
  cluster.ts
  index.ts

Pools in cluster.ts: management (m1, m2, m3); workers (w1)

Next: read cluster.ts, and in index.ts how machines are reached. Then
  cd prod
  npm install
  pulumi stack init prod
  pulumi preview       4 nodes to create: each will be adopted as it is
  pulumi up            writes nothing on any host and restarts nothing`);
});

test.each<[string, LiveLook, string]>([
  ['a node that is not Ready', look([...well, node('w2', { ready: false })]), '- not Ready: w2; a node is adopted when it is Ready'],
  ['a Node that is being deleted', look([...well, node('w2', { deleting: true })]), '- being deleted: w2; wait until they are gone'],
  ['a node without LLMOS', look([...well, view('w2')]), '- not set up by LLMOS, as far as the label llmos.ai/managed says: w2;'],
  ['an API server without etcd', look([...well, view('m4', { labels: { [MANAGED_LABEL]: 'true', 'node-role.kubernetes.io/control-plane': 'true' } })]), '- either the API server or etcd, and not both: m4;'],
  ['versions that differ', look([...well, node('w2', { kubeletVersion: 'v1.34.5+k3s1' })]), '- kubernetesVersion is v1.34.4+k3s1, the oldest there is, and w2 (v1.34.5+k3s1) newer: nothing is downgraded'],
  ['an even number', look(well.slice(1)), '- an even number of management nodes tolerates no more failures than one less'],
  ['a member without a Node', look(well, { ghosts: findGhosts([...well.slice(0, 3), { name: 'm9' }].map(({ name }) => ({ id: name, name })), well, { host: 'm1', runtime: K3S }) }), "- etcd member of 'm9' (m9): it has no Node"],
  ['a member that does not answer', look(well, { members: [{ name: 'm2', voter: true, healthy: false }] }), '- etcd members that do not answer: m2;'],
  ['members that were not asked', look(well, { from: 'nodes' }), "- etcd's members were not asked, which takes a login: name a management node with --ssh"],
])('it warns of %s', (_, seen, warning) => {
  expect(reportOf(seen, [])).toContain(`\nTo know before the first pulumi up:\n${warning}`);
});

test('it warns of machines that cannot be adopted, and says where nobody asked them', () => {
  expect(reportOf(look(well), [{ name: 'w1', reason: 'it does not answer' }])).toContain("- machine 'w1' cannot be adopted yet: it does not answer\n");
  expect(reportOf(look(well))).toContain('- the machines were not asked whether they can be reached over SSH');
});
