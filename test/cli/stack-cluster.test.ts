import type { Deployment } from '../../src/cli/pulumi-stack';
import { readDeclared, readStackCluster } from '../../src/cli/stack-cluster';

const MEMBERSHIP = 'pulumi-nodejs:dynamic/llmos:Membership';
const NODE = 'pulumi-nodejs:dynamic/llmos:Node';

const nodeInputs = (name: string) => ({ name, role: name.startsWith('m') ? 'management' : 'worker', address: `192.0.2.${name.slice(1)}`, cluster: 'prod' });
const joined = (name: string) => ({ type: NODE, inputs: nodeInputs(name), outputs: { ...nodeInputs(name), machineId: `${name}-machine`, identity: 'uid' } });
const membership = (names: readonly string[], more: object = {}) => ({
  type: MEMBERSHIP,
  inputs: {
    cluster: 'prod', nodes: names.map(nodeInputs), settings: { kubernetesVersion: 'v1.34.4+k3s1' }, connection: { user: 'ops' },
    registrationAddress: '192.0.2.1', registrationPort: 6443, ...more,
  },
});

const stack = (deployment: Deployment, config: Record<string, string> = {}, open: Deployment = deployment) => ({
  deployment: async (secrets = false) => (secrets ? open : deployment), config: async () => config,
}) as unknown as Parameters<typeof readStackCluster>[0];

test('in the middle of a run the stack says what joins, what leaves and what is still to come', async () => {
  const { declared, management } = await readStackCluster(stack({
    resources: [membership(['m1', 'm2', 'w1']), joined('m1'), joined('m3'), joined('w2')],
    pending_operations: [{ type: 'creating', resource: { type: NODE, inputs: nodeInputs('m2') } }, { type: 'deleting', resource: joined('w2') }],
  }));
  expect(declared).toMatchObject({ name: 'prod', identity: 'uid' });
  expect(new Set(declared.nodes.map(({ kubernetesVersion }) => kubernetesVersion))).toEqual(new Set(['v1.34.4+k3s1', undefined]));
  expect(declared.nodes.map(({ name, machineId, leaving, operation }) => [name, machineId, leaving, operation])).toEqual([
    ['m1', 'm1-machine', undefined, undefined], ['m2', undefined, undefined, 'joining'], ['w1', undefined, undefined, undefined],
    ['m3', 'm3-machine', true, undefined], ['w2', 'w2-machine', true, 'removing'],
  ]);
  expect(management.map(({ name }) => name).sort()).toEqual(['m1', 'm2', 'm3']);
});

test('a membership that is just being changed counts as it will be', async () => {
  const { declared } = await readStackCluster(stack({ resources: [membership(['m1'])], pending_operations: [{ type: 'updating', resource: membership(['m1', 'w1']) }] }));
  expect(declared.nodes.map(({ name }) => name)).toEqual(['m1', 'w1']);
});

test('credentials that are secret are asked for, and only then', async () => {
  const secret = { '4dabf18193072939515e22adb298388d': '1b47061264138c4ac30d75fd1eb44270' };
  const { connection, kubeconfig } = await readStackCluster(stack(
    { resources: [membership(['m1'], { credentials: { ...secret, ciphertext: 'v1:abc' } })] }, { 'llmos:passphrase': 'of the stack' },
    { resources: [membership(['m1'], { credentials: { ...secret, plaintext: JSON.stringify({ privateKey: 'key', kubeconfig: 'config' }) } })] },
  ));
  expect(connection).toEqual({ user: 'ops', privateKey: 'key', passphrase: 'of the stack' });
  expect(kubeconfig).toBe('config');
});

test('nodes that are a secret, because an address is, are read in the clear', async () => {
  const secret = { '4dabf18193072939515e22adb298388d': '1b47061264138c4ac30d75fd1eb44270' };
  const hidden = (nodes: object) => ({ resources: [{ ...membership(['m1']), inputs: { ...membership(['m1']).inputs, nodes } }] });
  const { nodes } = membership(['m1']).inputs as { readonly nodes: unknown };
  const given = stack(hidden({ ...secret, ciphertext: 'v1:abc' }), {}, hidden({ ...secret, plaintext: JSON.stringify(nodes) }));
  expect(await readStackCluster(given)).toMatchObject({ declared: { nodes: [{ name: 'm1' }] }, management: [{ name: 'm1', address: expect.any(String) }] });
  expect(await readDeclared(given)).toMatchObject({ nodes: [{ name: 'm1' }] });
});

test('a stack without a cluster is refused, and so is one of several that was not named', async () => {
  await expect(readStackCluster(stack({}))).rejects.toThrow('stack: it has no cluster');
  const two = stack({ resources: [membership(['m1']), membership(['m1'], { cluster: 'test' })] });
  await expect(readStackCluster(two)).rejects.toThrow('it has several clusters, and one of them is wanted; name it with --cluster');
  await expect(readStackCluster(two, 'other')).rejects.toThrow('cluster (other): the stack has none of that name');
  await expect(readStackCluster(two, 'test')).resolves.toMatchObject({ declared: { name: 'test' } });
});
