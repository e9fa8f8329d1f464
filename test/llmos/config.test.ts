import fc from 'fast-check';
import { parse } from 'yaml';
import { nodeRole, renderConfig } from '../../src/llmos/config';

describe('the LLMOS config', () => {
  test('of a first node', () => {
    expect(renderConfig({ role: 'cluster-init', nodeName: 'm1', kubernetesVersion: 'v1.33.1+k3s1', tlsSans: ['prod.example.com'], chartRepo: 'rc' })).toBe(
      `# Written by llmos-nodes.\nrole: cluster-init\nnodeName: m1\nkubernetesVersion: v1.33.1+k3s1\ntlsSans:\n  - prod.example.com\nchartRepo: rc\n`,
    );
  });

  test('of a joining worker, with labels and taints as LLMOS lists them', () => {
    const config = renderConfig({
      role: 'agent',
      server: 'https://prod.example.com:6443',
      token: 'secret',
      nodeName: 'w1',
      address: '203.0.113.7',
      internalAddress: '10.0.0.7',
      labels: { 'accelerator': 'h200', 'topology.kubernetes.io/zone': 'a', 'bare': '' },
      taints: [{ key: 'gpu', value: 'true', effect: 'NoSchedule' }, { key: 'spot', effect: 'PreferNoSchedule' }],
    });
    expect(config).toMatchInlineSnapshot(`
"# Written by llmos-nodes.
role: agent
server: https://prod.example.com:6443
token: secret
nodeName: w1
address: 203.0.113.7
internalAddress: 10.0.0.7
labels:
  - accelerator=h200
  - topology.kubernetes.io/zone=a
  - bare=
taints:
  - gpu=true:NoSchedule
  - spot:PreferNoSchedule
"
`);
  });

  test('of a closed network carries every image setting', () => {
    const config = {
      role: 'server' as const, server: 'https://10.0.0.1:6443', token: 't', nodeName: 'm2', mirror: 'cn' as const,
      registries: { mirrors: { 'docker.io': { endpoint: ['https://mirror.example.com'] } } },
      systemDefaultRegistry: 'r', globalSystemImageRegistry: 'g', runtimeInstallerImage: 'ri', llmosInstallerImage: 'li', extraConfig: { disable: ['traefik'] },
    };
    expect(parse(renderConfig(config))).toEqual(config);
  });

  test('keeps every token and name a string for the YAML 1.1 that LLMOS reads', () => {
    fc.assert(fc.property(fc.oneof(fc.constantFrom('on', 'yes', 'no', '0777', '1e3', '1:30', '~', 'null', '0x1f', '1_000', '2001-01-01'), fc.string({ minLength: 1 })), text => {
      const config = renderConfig({ role: 'server', server: 'https://a:6443', token: text, nodeName: 'm1' });
      expect(parse(config, { version: '1.1' })).toMatchObject({ token: text });
    }));
  });
});

test.each([['cluster-init', 'management'], ['server', 'management'], ['agent', 'worker'], ['other', undefined], [undefined, undefined]])('role %s is a %s node', (role, expected) => {
  expect(nodeRole(role)).toBe(expected);
});
