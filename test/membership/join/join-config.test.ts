import { joinConfig } from '../../../src/membership/join/join-config';
import type { JoinContext } from '../../../src/membership/join/join-context';
import { target } from '../scene';

const SETTINGS = {
  kubernetesVersion: 'v1.34.4+k3s1', tlsSans: ['prod.example.com'], llmosInstallerImage: 'registry.example.com/operator:v0.3.1',
  mirror: 'cn', systemDefaultRegistry: 'registry.example.com', globalSystemImageRegistry: 'registry.example.com', runtimeInstallerImage: 'registry.example.com/k3s:v1.34.4-k3s1',
} as const;
const EVERYWHERE = ['mirror', 'systemDefaultRegistry', 'globalSystemImageRegistry', 'runtimeInstallerImage'];
const FIRST_ONLY = ['kubernetesVersion', 'tlsSans', 'llmosInstallerImage'];

function configOf(name: string, more: Partial<JoinContext>, at = {}) {
  const session = { cluster: { name: 'prod', registrationAddress: '2001:db8::1', registrationPort: 6443 } };
  return joinConfig({ node: target(name, at), session, settings: SETTINGS, initialise: false, registration: 'https://[2001:db8::1]:6443', token: 't', ...more } as JoinContext);
}

test('the first node gets every setting, those that join only what counts on every node', () => {
  expect(configOf('m1', { initialise: true })).toMatchObject({ ...SETTINGS, role: 'cluster-init', tlsSans: ['2001:db8::1', 'prod.example.com'] });
  for (const [name, role] of [['m2', 'server'], ['w1', 'agent']] as const) {
    const config = configOf(name, {});
    expect(config).toMatchObject({ role, server: 'https://[2001:db8::1]:6443' });
    expect(Object.keys(config)).toEqual(expect.arrayContaining(EVERYWHERE));
    for (const key of FIRST_ONLY) expect(config).not.toHaveProperty(key);
  }
});

test('with two networks, the one SSH uses is the external address; IPv6 stands there bare', () => {
  expect(configOf('w1', {}, { address: '2001:db8::21', internalAddress: 'fd00::21' })).toMatchObject({ address: '2001:db8::21', internalAddress: 'fd00::21' });
  expect(configOf('w1', {}, { address: 'w1.example.com', internalAddress: '10.0.0.21' })).not.toHaveProperty('address');
});
