import { llmosConfigOfRelease, runtimeRelease } from '../../src/llmos/upgrade';

test.each([
  ['v1.34.5+k3s1', {}, 'docker.io/rancher/system-agent-installer-k3s:v1.34.5-k3s1'],
  ['v1.34.5+rke2r1', {}, 'docker.io/rancher/system-agent-installer-rke2:v1.34.5-rke2r1'],
  ['v1.34.5+k3s1', { mirror: 'cn' as const }, 'registry.cn-hangzhou.aliyuncs.com/rancher/system-agent-installer-k3s:v1.34.5-k3s1'],
  ['v1.34.5+k3s1', { mirror: 'cn' as const, globalSystemImageRegistry: 'registry.example.com' }, 'registry.example.com/rancher/system-agent-installer-k3s:v1.34.5-k3s1'],
  ['v1.34.5+k3s1', { runtimeInstallerImage: 'registry.example.com/k3s:mine' }, 'registry.example.com/k3s:mine'],
])('%s with %j comes from %s', (version, settings, image) => {
  expect(runtimeRelease(version, settings)).toEqual({ version, image });
});

test('a config that names a release names the new one, and everything else stays', () => {
  expect(llmosConfigOfRelease('# ours\nrole: server\nkubernetesVersion: v1.34.4+k3s1\ntoken: abc\n', 'v1.34.5+k3s1')).toBe('# ours\nrole: server\nkubernetesVersion: v1.34.5+k3s1\ntoken: abc\n');
});

test.each(['role: agent\n', 'kubernetesVersion:   v1.34.5+k3s1\n'])('%j stays as it is', yaml => {
  expect(llmosConfigOfRelease(yaml, 'v1.34.5+k3s1')).toBe(yaml);
});
