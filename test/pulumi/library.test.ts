import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

// What users' programs and the states of their stacks load: the compiled library, by its name.
const program = join(__dirname, '..', 'e2e', 'program');

/** Runs this in a process of its own, where users' programs stand, and returns what it prints. */
function runAsUser(script: string): unknown {
  return JSON.parse(execFileSync(process.execPath, ['-e', script], { cwd: program, encoding: 'utf8' }));
}

/** Prints which of the packages were loaded that cost time or cannot be had everywhere. */
const HEAVY = `
  const packages = ['@kubernetes/client-node', '@pulumi/kubernetes', 'ssh2'];
  console.log(JSON.stringify(packages.filter(name => Object.keys(require.cache).some(path => path.includes('/node_modules/' + name + '/')))));
`;

test('a state of version 0.1.0 finds its provider: the path, the three names and their methods', () => {
  const found = runAsUser(`
    const methods = ['configure', 'check', 'diff', 'create', 'read', 'update', 'delete'];
    const shims = ['membership', 'node', 'kubeconfig'].map(name => [name, "exports.handler = () => require('llmos-nodes/lib/pulumi/handlers')." + name + ';']);
    console.log(JSON.stringify(Object.fromEntries(shims.map(([name, text]) => {
      const shim = {};
      new Function('exports', 'require', text)(shim, require);
      const handler = shim.handler();
      return [name, methods.filter(method => typeof handler[method] === 'function')];
    }))));
  `);
  expect(found).toEqual({
    membership: ['configure', 'check', 'diff', 'create', 'read', 'update', 'delete'],
    node: ['configure', 'check', 'diff', 'create', 'read', 'update', 'delete'],
    kubeconfig: ['configure', 'diff', 'create', 'update', 'delete'],
  });
});

test('importing the library loads neither SSH nor Kubernetes clients', () => {
  expect(runAsUser(`require('llmos-nodes'); ${HEAVY}`)).toEqual([]);
});

test('a program that only previews loads neither, in the program or in the provider', () => {
  const inputs = `{
    cluster: 'prod', registrationAddress: '192.0.2.11', registrationPort: 6443, connection: {}, settings: {}, confirmRemoval: [], installer: {}, deadlines: {},
    nodes: [{ name: 'm1', role: 'management', address: '192.0.2.11' }],
  }`;
  expect(runAsUser(`
    const pulumi = require('@pulumi/pulumi');
    const { App } = require('cdk8s');
    const { Cluster, ClusterChart } = require('llmos-nodes');
    const { membership, node } = require('llmos-nodes/lib/pulumi/handlers');
    (async () => {
      await pulumi.runtime.setMocks({ newResource: ({ name, inputs }) => ({ id: name, state: inputs }), call: () => ({}) }, 'project', 'stack', true);
      const chart = new ClusterChart(new App(), 'prod', { kubernetesVersion: 'v1.34.4+k3s1', registrationAddress: '192.0.2.11' });
      chart.addManagementPool('management', { machines: [{ name: 'm1', address: '192.0.2.11' }] });
      new Cluster('prod', { chart, applyManifests: false });
      await pulumi.runtime.disconnect();
      await membership.configure({ config: { get: () => undefined } });
      await membership.check({}, ${inputs});
      await node.check({}, { cluster: 'prod', ...${inputs}.nodes[0] });
      await node.diff('m1', { ...${inputs}, ...${inputs}.nodes[0], peers: [] }, { cluster: 'prod', ...${inputs}.nodes[0], labels: { rack: 'r1' } });
      ${HEAVY}
    })();
  `)).toEqual([]);
});
