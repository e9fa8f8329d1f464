import { lostRegistration, type Reachable } from '../../src/llmos/registration';

const management = (...names: string[]): Reachable[] => names.map(name => ({ name, role: 'management', address: `192.0.2.${name.slice(1)}` }));
const worker: Reachable = { name: 'w1', role: 'worker', address: '192.0.2.101' };

test('the address machines join through does not leave with its node', () => {
  expect(lostRegistration('prod', '192.0.2.1', management('m1', 'm2', 'm3'), management('m4', 'm2', 'm3'))).toEqual({
    subject: "registrationAddress of cluster 'prod'", value: '192.0.2.1',
    rule: 'it is the address of m1, and after this change no management node has it: machines that join and every kubeconfig would be sent to a host that is none',
    remedy: 'in the same change, set it to a name or a load balancer in front of all management nodes, or to the address of one that stays (m2: 192.0.2.2)',
  });
});

test.each<[string, readonly Reachable[]]>([
  ['its node moves to another machine', [{ ...management('m1')[0]!, address: '198.51.100.1' }, ...management('m2', 'm3')]],
  ['its node becomes a worker', [{ ...management('m1')[0]!, role: 'worker' }, ...management('m2', 'm3')]],
  ['its node leaves', management('m2')],
])('nor when %s', (_, after) => {
  expect(lostRegistration('prod', '192.0.2.1', management('m1', 'm2', 'm3'), after)).toBeDefined();
});

test.each<[string, string, readonly Reachable[]]>([
  ['it is a name or a load balancer', 'prod.example.com', management('m2', 'm3')],
  ['another node takes over the address', '192.0.2.1', [{ ...management('m4')[0]!, address: '192.0.2.1' }, ...management('m2', 'm3')]],
  ['the new definition names another one', '192.0.2.2', management('m2', 'm3')],
  ['an address that is not known yet may be it', '192.0.2.1', [{ ...management('m4')[0]!, address: undefined }, ...management('m2', 'm3')]],
  ['it is the internal address of one that stays', '10.0.0.1', [{ ...management('m1')[0]!, internalAddress: '10.0.0.1' }]],
])('nothing is wrong where %s', (_, registrationAddress, after) => {
  const before = [{ ...management('m1')[0]!, internalAddress: '10.0.0.1' }, ...management('m2', 'm3'), worker];
  expect(lostRegistration('prod', registrationAddress, before, after)).toBeUndefined();
});
