import * as pulumi from '@pulumi/pulumi';
import { App } from 'cdk8s';

import { Cluster, type ClusterChart, type MachineProps } from '../../src';

/** What the example imports is the source, so that the package need not be built first. */
jest.mock('llmos-nodes', () => jest.requireActual('../../src'), { virtual: true });

type Make = (planned: unknown) => Pick<MachineProps, 'address' | 'internalAddress' | 'hostKey'>;
const { defineCluster } = jest.requireActual<{ defineCluster(app: App, made: Make): ClusterChart }>('../../examples/cloud-machines/cluster');
const { Machines } = jest.requireActual<{ Machines: new (publicKey: string) => { make: Make } }>('../../examples/cloud-machines/machines');

interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

const registered: Registered[] = [];
const byName = (type: string) => new Map(registered.filter(each => each.type.endsWith(type)).map(({ name, inputs }) => [name, inputs]));

/** What the providers would answer: the plugins cannot be had everywhere, and machines cost money. */
beforeAll(async () => {
  let made = 0;
  await pulumi.runtime.setMocks({
    newResource({ type, name, inputs }) {
      registered.push({ type, name, inputs });
      const state: Record<string, unknown> = { ...inputs, initialise: 'm1' };
      if (type === 'hcloud:index/server:Server') state.ipv4Address = `203.0.113.${(name.startsWith('m') ? 10 : 100) + Number(name.slice(1))}`;
      if (type === 'tls:index/privateKey:PrivateKey') Object.assign(state, { publicKeyOpenssh: `ssh-ed25519 ${Buffer.from(name).toString('base64')}\n`, privateKeyOpenssh: `the private key of ${name}` });
      made += 1;
      return { id: type.startsWith('hcloud:') ? String(made) : `${name}-id`, state };
    },
    call({ token }) { throw new Error(`nothing calls ${token} in this test`); },
  });
  const machines = new Machines('ssh-ed25519 AAAA ops');
  const chart = defineCluster(new App(), planned => machines.make(planned));
  const cluster = new Cluster('cloud-machines', { chart, applyManifests: false, connection: { user: 'root' }, maxParallelJoins: 20 });
  await new Promise<void>(resolve => { cluster.quorum.apply(() => resolve()); });
  await pulumi.runtime.disconnect();
});

test('each machine is made where its zone is, the management machines apart from each other', () => {
  const servers = byName('hcloud:index/server:Server');
  expect([...servers].map(([name, { location }]) => `${name} ${String(location)}`).sort()).toEqual(['m1 fsn1', 'm2 nbg1', 'm3 hel1', 'w1 fsn1', 'w2 nbg1', 'w3 hel1']);
  expect([...servers].filter(([, { placementGroupId }]) => placementGroupId !== undefined).map(([name]) => name).sort()).toEqual(['m1', 'm2', 'm3']);
  expect(servers.get('w2')).toMatchObject({ networks: [{ ip: '10.20.0.101', networkId: expect.any(Number) }] });
});

test('the addresses and host keys that came out become those of the nodes', () => {
  const nodes = byName('llmos:Node');
  expect(nodes.get('cloud-machines-m2')).toMatchObject({ address: '203.0.113.12', internalAddress: '10.20.0.11', zone: 'nbg1', hostKey: expect.stringMatching(/^(SHA256:|ssh-ed25519 )/) });
  expect(nodes.get('cloud-machines-w3')).toMatchObject({ address: '203.0.113.103', internalAddress: '10.20.0.102', role: 'worker' });
  const keys = [...nodes.values()].map(({ hostKey }) => hostKey);
  expect(new Set(keys).size).toBe(6);
});

test('a machine gets the host key that its node is checked by', () => {
  const { userData } = byName('hcloud:index/server:Server').get('m1')!;
  expect(userData).toMatch(/^#cloud-config\n/);
  expect(JSON.parse(String(userData).replace('#cloud-config\n', ''))).toMatchObject({ ssh_keys: { ed25519_private: 'the private key of m1-host-key' } });
});

test('machines whose addresses come out of the program are given time to boot, and join so many at once', () => {
  expect(byName('llmos:Membership').get('cloud-machines')).toMatchObject({ bootSeconds: 300, maxParallelJoins: 20 });
});
