import * as pulumi from '@pulumi/pulumi';
import { App } from 'cdk8s';

import { ClusterChart } from '../../src';
import { Cluster } from '../../src/pulumi/cluster';
import type { ClusterArgs } from '../../src/pulumi/cluster-args';

interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

/** How the engine's protocol marks a secret value. */
const SECRET = '4dabf18193072939515e22adb298388d';
const SECRET_MARK = '1b47061264138c4ac30d75fd1eb44270';

let registered: Registered[];

beforeEach(async () => {
  registered = [];
  await pulumi.runtime.setMocks({
    newResource({ type, name, inputs }) {
      registered.push({ type, name, inputs });
      return { id: `${name}-id`, state: { ...inputs, initialise: 'm1', kubeconfig: 'apiVersion: v1' } };
    },
    call({ token }) {
      throw new Error(`nothing calls ${token} in this test`);
    },
  });
});

function chart(): ClusterChart {
  const cluster = new ClusterChart(new App(), 'prod', { kubernetesVersion: 'v1.34.4+k3s1', registrationAddress: '192.0.2.11' });
  cluster.addManagementPool('management', {
    machines: ['a', 'b', 'c'].map((zone, index) => ({ name: `m${index + 1}`, address: `192.0.2.1${index + 1}`, zone })), zoneFailureTolerance: 1,
  });
  cluster.addWorkerPool('workers', { machines: [{ name: 'w1', address: '192.0.2.21' }] });
  return cluster;
}

async function settled(args: Partial<ClusterArgs> = {}, opts?: pulumi.ComponentResourceOptions): Promise<Cluster> {
  const cluster = new Cluster('prod', { chart: chart(), applyManifests: false, ...args }, opts);
  await valueOf(cluster.quorum);
  await pulumi.runtime.disconnect();
  return cluster;
}

function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise(resolve => { output.apply(value => { resolve(value); return value; }); });
}

const ofType = (type: string) => registered.filter(resource => resource.type.endsWith(type));

test('one Membership and one Node for each machine are registered under the component', async () => {
  await settled();
  expect(registered.map(({ type, name }) => `${type} ${name}`).sort()).toEqual([
    'llmos:index:Cluster prod',
    'pulumi-nodejs:dynamic/llmos:Membership prod',
    'pulumi-nodejs:dynamic/llmos:Node prod-m1', 'pulumi-nodejs:dynamic/llmos:Node prod-m2',
    'pulumi-nodejs:dynamic/llmos:Node prod-m3', 'pulumi-nodejs:dynamic/llmos:Node prod-w1',
  ]);
});

test('what the state keeps of the provider is one constant line that loads this library', async () => {
  await settled();
  expect(ofType('Node')[0]!.inputs.__provider).toBe("exports.handler = () => require('llmos-nodes/lib/pulumi/handlers').node;");
  expect(ofType('Membership')[0]!.inputs.__provider).toBe("exports.handler = () => require('llmos-nodes/lib/pulumi/handlers').membership;");
});

test('only the first management node may be given the right to start the cluster', async () => {
  await settled();
  expect(ofType('Node').filter(({ inputs }) => inputs.initialise !== undefined).map(({ name }) => name)).toEqual(['prod-m1']);
});

test('a management node depends on all earlier ones, so that any two of them are deleted one after the other; workers on the last', async () => {
  const dependsOn = new Map<string, pulumi.Resource[]>();
  await settled({}, {
    transformations: [({ name, type, opts }) => {
      if (type.endsWith('Node')) dependsOn.set(name, [opts.dependsOn].flat() as pulumi.Resource[]);
      return undefined;
    }],
  });
  const urns = async (name: string) => Promise.all(dependsOn.get(name)!.map(async resource => (await valueOf(resource.urn)).split('::').at(-1)));
  expect(await urns('prod-m3')).toEqual(['prod-m1', 'prod-m2']);
  expect(await urns('prod-w1')).toEqual(['prod-m3']);
  // Through it all the others depend on the Membership.
  expect(await urns('prod-m1')).toEqual(['prod']);
});

test('the quorum is an output in figures', async () => {
  const cluster = await settled();
  await expect(valueOf(cluster.quorum)).resolves.toEqual({ members: ['m1', 'm2', 'm3'], majority: 2, failureTolerance: 1, zoneFailureTolerance: 1 });
});

test('neither kubeconfig nor provider is made unless somebody asks for it', async () => {
  await settled();
  expect(ofType('Kubeconfig')).toEqual([]);
  expect(registered.filter(({ type }) => type === 'pulumi:providers:kubernetes')).toEqual([]);
});

test('asking for the kubeconfig makes it once, and it is secret', async () => {
  const cluster = new Cluster('prod', { chart: chart(), applyManifests: false });
  const [first, second] = [cluster.kubeconfig, cluster.kubeconfig];
  await expect(valueOf(first)).resolves.toBe('apiVersion: v1');
  await expect(pulumi.isSecret(second)).resolves.toBe(true);
  await pulumi.runtime.disconnect();
  expect(ofType('Kubeconfig')).toHaveLength(1);
});

test('the chart\'s manifests are applied through the cluster\'s own provider', async () => {
  await settled({ applyManifests: true });
  const kinds = registered.filter(({ type }) => type.startsWith('kubernetes:')).map(({ inputs }) => inputs.kind).filter(kind => kind !== undefined);
  expect([...new Set(kinds)].sort()).toEqual([
    'ClusterRole', 'ClusterRoleBinding', 'ConfigMap', 'Role', 'RoleBinding', 'ServiceAccount', 'ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding',
  ]);
  expect(registered.filter(({ type }) => type === 'pulumi:providers:kubernetes')).toHaveLength(1);
});

test('the fence stays when the manifests go: of a destroy that is refused they would be gone before the nodes are asked for', async () => {
  const kept: (boolean | undefined)[] = [];
  const note: pulumi.ResourceTransformation = ({ type, props, opts }) => {
    if (type.startsWith('kubernetes:admissionregistration')) kept.push(opts.retainOnDelete);
    return { props, opts };
  };
  await settled({ applyManifests: true }, { transformations: [note] });
  expect(kept).toEqual([true, true]);
});

test('customTimeouts are handed on as deadlines, in seconds', async () => {
  await settled({}, { customTimeouts: { create: '1h30m', delete: '45s' } });
  expect(ofType('Membership')[0]!.inputs.deadlines).toEqual({ create: 5400, delete: 45 });
});

test('a private key given in the program goes into secret inputs and into no other', async () => {
  await settled({ connection: { user: 'ops', privateKey: 'THE KEY' } });
  const [node] = ofType('Node');
  expect(node!.inputs.credentials).toEqual({ [SECRET]: SECRET_MARK, value: { privateKey: 'THE KEY' } });
  expect(JSON.stringify({ ...node!.inputs, credentials: undefined })).not.toContain('THE KEY');
  expect(JSON.stringify({ ...ofType('Membership')[0]!.inputs, credentials: undefined })).not.toContain('THE KEY');
});

test('a wrong definition registers nothing and says everything that is wrong', () => {
  const wrong = new ClusterChart(new App(), 'prod', { kubernetesVersion: 'v1.20.0+k3s1', registrationAddress: '192.0.2.11' });
  wrong.addManagementPool('management', { machines: [{ name: 'm1', address: '192.0.2.11' }, { name: 'M2', address: '192.0.2.12' }] });
  const make = () => new Cluster('prod', { chart: wrong });
  expect(make).toThrow('v1.20.0');
  expect(make).toThrow("machine 'M2'");
  expect(make).toThrow("management pool 'management'");
  expect(registered).toEqual([]);
});

test('registries are a secret of Membership alone', async () => {
  await settled({ registries: { configs: { 'registry.example.com': { auth: { password: 'hunter2' } } } } });
  const [membership] = ofType('llmos:Membership');
  expect(membership!.inputs.registries).toMatchObject({ [SECRET]: SECRET_MARK });
  expect(JSON.stringify({ ...membership!.inputs, registries: undefined })).not.toContain('hunter2');
  expect(JSON.stringify(ofType('llmos:Node'))).not.toContain('hunter2');
});

test('everything that is wrong with the arguments is said at once, and nothing is registered', () => {
  const connection = { password: 'hunter2', bootTimeoutSeconds: -1 };
  const wrong = () => new Cluster('prod', { chart: chart(), connection, maxParallelJoins: 1.5, installer: { images: [{ path: 'a/x.tar' }, { path: 'b/x.tar' }] } });
  expect(wrong).toThrow(/maxParallelJoins \(1\.5\)[^]*bootTimeoutSeconds of the connection \(-1\)[^]*password of the connection[^]*installer images \(x\.tar\)/);
  expect(wrong).not.toThrow(/hunter2/);
  expect(registered).toEqual([]);
});

test('machines are given time to boot where an address is an Output, or where it is asked for', async () => {
  await settled();
  await settled({ connection: { bootTimeoutSeconds: 60 } });
  expect(ofType('llmos:Membership').map(({ inputs }) => inputs.bootSeconds)).toEqual([undefined, 60]);
  expect(ofType('llmos:Membership')[1]!.inputs.connection).toEqual({});
});
