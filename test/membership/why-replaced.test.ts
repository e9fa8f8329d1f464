import { gate } from '../../src/membership/gate';
import { whyReplaced, type Fixed } from '../../src/membership/why-replaced';

const before: Fixed = { role: 'worker', address: '10.0.0.1', internalAddress: '' };

test.each<[string, Partial<Fixed>, string | undefined]>([
  ['nothing', {}, undefined],
  ['its role', { role: 'management' }, 'its role changes from worker to management'],
  ['its address', { address: '10.0.0.2' }, 'its address changes from 10.0.0.1 to 10.0.0.2'],
  ['an address that is not known yet', { address: undefined }, 'its address changes from 10.0.0.1 to one that is not known yet'],
  ['an internal address it had not', { internalAddress: '192.168.0.1' }, 'its internal address changes from none to 192.168.0.1'],
  ['two of them', { role: 'management', address: '10.0.0.2' }, 'its role changes from worker to management and its address changes from 10.0.0.1 to 10.0.0.2'],
])('where %s changes the reason is said in words', (_, change, reason) => {
  expect(whyReplaced(before, { ...before, ...change })).toBe(reason);
});

test('the gate says of a node that would be replaced why, and of one that just leaves nothing', () => {
  const nodes = [{ name: 'm1', role: 'management' }, { name: 'w1', ...before }, { name: 'w2', ...before, address: '10.0.0.9' }] as const;
  const [problem] = gate('prod', nodes, [nodes[0], { ...nodes[1], address: '10.0.0.2' }], []);
  expect(problem).toMatch(/^removal from cluster 'prod' \(w1, w2\): a node is removed only when its name was confirmed; w1 cannot change in place and would leave and join again, because its address changes from 10\.0\.0\.1 to 10\.0\.0\.2; if that is meant: /);
});
