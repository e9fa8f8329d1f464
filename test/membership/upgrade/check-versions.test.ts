import type { NodeView } from '../../../src/membership/ports/cluster-api';
import { checkVersions } from '../../../src/membership/upgrade/check-versions';

/** m… are management nodes; each with its minor version. */
function nodes(minors: Readonly<Record<string, number>>): NodeView[] {
  return Object.entries(minors).map(([name, minor]) => ({ name, role: name.startsWith('m') ? 'management' : 'worker', kubeletVersion: `v1.${minor}.0+k3s1` }) as NodeView);
}

const check = (name: string, minor: number, minors: Readonly<Record<string, number>>) => () => checkVersions(name, `v1.${minor}.0+k3s1`, nodes(minors));

test.each([
  ['the first management node', 'm1', 35, { m1: 34, m2: 34, m3: 34, w1: 34 }],
  ['the last management node', 'm3', 35, { m1: 35, m2: 35, m3: 34, w1: 34 }],
  ['a management node with workers three minor versions behind', 'm1', 35, { m1: 34, w1: 32 }],
  ['a worker after the management nodes', 'w1', 35, { m1: 35, m2: 35, w1: 34, w2: 32 }],
])('%s may go', (_what, name, minor, minors) => {
  expect(check(name, minor, minors)).not.toThrow();
});

test('a worker is never ahead of any API server', () => {
  expect(check('w1', 35, { m1: 35, m2: 34, m3: 35, w1: 34 })).toThrow(
    "node 'm2' (v1.34.0+k3s1): a worker is never ahead of an API server, and that runs v1.34.0+k3s1; upgrade the management nodes first",
  );
});

test('no API server leaves another more than one minor version behind', () => {
  expect(check('m1', 36, { m1: 35, m2: 34 })).toThrow("node 'm2' (v1.34.0+k3s1): API servers are one minor version apart at most");
});

test('no API server leaves a worker more than three minor versions behind', () => {
  expect(check('m1', 36, { m1: 35, w1: 32 })).toThrow("node 'w1' (v1.32.0+k3s1): a kubelet may be 3 minor versions behind an API server");
});

test('what really runs counts: a minor version left out is refused whatever was declared, and all reasons are said at once', () => {
  expect(check('m1', 36, { m1: 34, m2: 34, w1: 32 })).toThrow(/3 things are wrong:\n.*no minor version may be left out.*\n.*apart at most.*\n.*behind an API server/);
});
