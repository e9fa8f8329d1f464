import { assert, nat, property } from 'fast-check';

import { KUBELET_SKEW, mayServeTogether, olderKubernetes, refusedBeside, refusedChange } from '../../src/llmos/version-change';

const minors = nat({ max: 20 }).map(minor => 30 + minor);
const of = (minor: number, patch = 0) => `v1.${minor}.${patch}+k3s1`;

test.each([
  ['v1.34.4+k3s1', 'v1.34.4+k3s1'], ['v1.34.4+k3s1', 'v1.34.5+k3s1'], ['v1.34.4+k3s1', 'v1.34.4+k3s2'], ['v1.34.4+k3s9', 'v1.34.4+k3s10'], ['v1.34.4+rke2r1', 'v1.35.0+rke2r1'],
])('from %s to %s nothing is in the way', (from, to) => {
  expect(refusedChange(from, to)).toBeUndefined();
});

test.each([
  ['v1.34.4+k3s1', 'v1.34.3+k3s1', 'has no way back', "declare 'v1.34.4+k3s1' or a newer one"],
  ['v1.34.4+k3s2', 'v1.34.4+k3s1', 'has no way back', "declare 'v1.34.4+k3s2' or a newer one"],
  ['v1.33.6+k3s1', 'v1.35.0+k3s1', 'no minor version may be left out', 'declare the latest v1.34 first'],
  ['v1.34.4+k3s1', 'v1.34.4+rke2r1', 'from k3s to rke2', 'stay with k3s'],
])('from %s to %s is refused with a way out', (from, to, rule, remedy) => {
  expect(refusedChange(from, to)).toEqual({ rule: expect.stringContaining(rule), remedy: expect.stringContaining(remedy) });
});

test('a node goes up by at most one minor version, and never back', () => {
  assert(property(minors, minors, (from, to) => {
    expect(refusedChange(of(from), of(to)) === undefined).toBe(to - from === 0 || to - from === 1);
  }));
});

test('a kubelet is never ahead of an API server and at most so many minor versions behind', () => {
  assert(property(minors, minors, (kubelet, apiServer) => {
    expect(refusedBeside(of(kubelet), of(apiServer)) === undefined).toBe(kubelet <= apiServer && apiServer - kubelet <= KUBELET_SKEW);
  }));
  expect(refusedBeside('v1.34.5+k3s1', 'v1.34.4+k3s1')).toMatchObject({ remedy: 'upgrade the management nodes first' });
  expect(refusedBeside('v1.34.4+rke2r1', 'v1.34.4+k3s1')).toMatchObject({ remedy: 'name a release of k3s' });
});

test('API servers are at most one minor version apart, whichever is the newer', () => {
  assert(property(minors, minors, (a, b) => { expect(mayServeTogether(of(a), of(b))).toBe(Math.abs(a - b) <= 1); }));
});

test.each([['v1.34.4+k3s1', 'v1.34.5+k3s1', 'v1.34.4+k3s1'], ['v1.34.5+k3s1', 'v1.34.4+k3s1', 'v1.34.4+k3s1'], ['v1.34.5+k3s1', 'unknown', 'v1.34.5+k3s1']])('of %s and %s, %s is the older', (a, b, older) => {
  expect(olderKubernetes(a, b)).toBe(older);
});
