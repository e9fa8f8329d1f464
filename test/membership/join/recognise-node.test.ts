import type { JoinContext } from '../../../src/membership/join/join-context';
import { recogniseNode } from '../../../src/membership/join/recognise-node';
import type { NodeTarget } from '../../../src/membership/node-target';
import type { NodeView } from '../../../src/membership/ports/cluster-api';
import type { MachineFacts } from '../../../src/membership/ports/machine';

const node: NodeTarget = { name: 'm2', role: 'management', address: '10.0.0.12', labels: {}, taints: [] };
const m1: NodeTarget = { ...node, name: 'm1', address: '10.0.0.11' };

/** A join of m2 to a cluster with m1, as far as recognising goes. */
function joining(facts: Partial<MachineFacts>, known?: Partial<NodeView>, fenced: readonly string[] = []): JoinContext {
  const api = { node: async (name: string) => (name === 'm2' || name === 'm1' && facts.nodeName === 'm1' ? known && { role: 'management', machineId: 'f1', ...known } : undefined), fencedNames: async () => fenced, removedNodes: async () => fenced.map(name => ({ name, fenced: true, removal: 'clean' })) };
  const session = { cluster: { name: 'prod', registrationAddress: 'prod.example.com', registrationPort: 6443 }, management: [m1] };
  return { node, session, machine: { label: 'root@10.0.0.12:22' }, server: { api }, facts: { machineId: 'f1', bootstrap: 'done', role: 'management', ...facts }, initialise: false, adopted: false } as unknown as JoinContext;
}

async function adopted(context: JoinContext): Promise<boolean> {
  await recogniseNode(context);
  return context.adopted;
}

test('a clean machine that the cluster does not know is new', async () => {
  expect(await adopted(joining({ bootstrap: 'absent', role: undefined }))).toBe(false);
});

test('a machine that is set up and known is adopted', async () => {
  expect(await adopted(joining({}, {}))).toBe(true);
});

test('a name that the cluster has on another machine is refused', async () => {
  await expect(adopted(joining({ machineId: 'f2' }, {}))).rejects.toThrow(/m2.*machine-id f2.*another machine \(machine-id f1\)/);
});

test('a node of another role is refused', async () => {
  await expect(adopted(joining({ role: 'worker' }, { role: 'worker' }))).rejects.toThrow(/a role does not change in place/);
  await expect(adopted(joining({ bootstrap: 'absent', role: undefined }, { role: 'worker' }))).rejects.toThrow(/a role does not change in place/);
});

test('a management node that registered and is not labelled as one yet is carried on', async () => {
  expect(await adopted(joining({}, { role: 'worker' }))).toBe(true);
  expect(await adopted(joining({ bootstrap: 'running' }, { role: 'worker' }))).toBe(false);
});

test('a worker is never made of a management node, whatever the configuration on its host says', async () => {
  const context = joining({ role: 'worker' }, { role: 'management' });
  await expect(adopted({ ...context, node: { ...node, role: 'worker' } })).rejects.toThrow(/the cluster has it as a management node, and a role does not change in place/);
});

test('a node whose member a removal took out already is not adopted: started again, it would join etcd without being asked', async () => {
  const context = joining({}, { removedMember: 'm2-0badcafe' });
  const server = (members: readonly string[]) => ({ ...context.server, machine: { members: async () => members.map(name => ({ node: name, peerUrls: [] })) } });
  await expect(adopted({ ...context, server: server(['m1']) } as unknown as JoinContext)).rejects.toThrow(/its removal was begun.*take it out of the definition/);
  const rejoined = { ...context, server: server(['m1', 'm2']) } as unknown as JoinContext;
  expect(await adopted(rejoined)).toBe(true);
});

test('a machine that is another node of the cluster is refused, and nobody is told to clean it', async () => {
  await expect(adopted(joining({ nodeName: 'm1' }, {}))).rejects.toThrow(
    "machine 'm2' (root@10.0.0.12:22): it is node 'm1' of this cluster, and a node keeps its name; use another machine, or let 'm1' leave first, in a change of its own",
  );
});

test('a machine that was set up under another name is not waited for under this one', async () => {
  await expect(adopted(joining({ nodeName: 'm7', server: 'https://10.0.0.11:6443' }))).rejects.toThrow(/LLMOS is set up on it, but cluster 'prod' has no node of that name/);
});

test.each(['https://prod.example.com:6443', 'https://10.0.0.11:6443'])('a machine that LLMOS set up to join by %s and that has not registered yet is carried on', async server => {
  expect(await adopted(joining({ server }))).toBe(true);
});

test.each([
  ['its name is fenced: it was removed', { server: 'https://10.0.0.11:6443' }, ['m2']],
  ['it joins by a server of another cluster', { server: 'https://10.9.9.9:6443' }, []],
  ['it started a cluster itself', { server: undefined }, []],
] as const)('a machine that is set up and unknown is refused where %s', async (_, facts, fenced) => {
  await expect(adopted(joining(facts, undefined, fenced))).rejects.toThrow(/has no node of that name: it was removed there, or belongs to another cluster; clean it/);
});
