import { gateVersions } from '../../src/membership/gate-versions';

const OLD = 'v1.34.4+k3s1';

test.each([[undefined, OLD], [OLD, undefined], [OLD, OLD], [OLD, 'v1.34.5+k3s1'], [OLD, 'v1.35.0+k3s1'], ['made by hand', OLD]])('from %s to %s nothing is in the way', (before, after) => {
  expect(gateVersions('m1', before, after)).toEqual([]);
});

test.each([
  ['v1.36.0+k3s1', 'no minor version may be left out; declare the latest v1.35 first and run `pulumi up`, then go on'],
  ['v1.33.9+k3s1', "Kubernetes has no way back to an older release: its data may be written as only the newer one reads it; declare 'v1.34.4+k3s1' or a newer one"],
  ['v1.34.4+rke2r1', 'a node does not change from k3s to rke2 in place; stay with k3s, or make a new cluster and move to it'],
])('%s is refused with a way out', (after, message) => {
  expect(gateVersions('m1', OLD, after)).toEqual([`kubernetesVersion of node 'm1' (${OLD} → ${after}): ${message}`]);
});
