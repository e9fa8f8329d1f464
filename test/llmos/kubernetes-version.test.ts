import { parseKubernetesVersion } from '../../src/llmos/kubernetes-version';

test.each([
  ['v1.34.4+k3s1', 'k3s', '1.34.4'], ['v1.30.0+rke2r1', 'rke2', '1.30.0'], ['v1.35.0-rc1+k3s2', 'k3s', '1.35.0-rc1'],
])('%s is a version', (text, distribution, kubernetes) => {
  expect(parseKubernetesVersion(text)).toEqual({ distribution, kubernetes });
});

test.each(['1.34.4+k3s1', 'v1.34+k3s1', 'v1.34.4', 'v1.34.4+k3s', 'v1.34.4+k0s1', 'v1.34.4+k3s1.x', 'latest', ''])('%p is refused with an example of both distributions', (text) => {
  expect(() => parseKubernetesVersion(text)).toThrow(
    `kubernetesVersion (${text}): it names a release of k3s or RKE2, with v in front and the distribution after the plus sign; write it like 'v1.34.4+k3s1' or 'v1.34.4+rke2r1'`,
  );
});

test.each(['v1.29.15+k3s1', 'v1.30.0-rc1+k3s1', 'v0.9.0+rke2r1'])('%s is too old for the fence', (text) => {
  expect(() => parseKubernetesVersion(text)).toThrow('Kubernetes before 1.30 does not serve ValidatingAdmissionPolicy v1');
});
