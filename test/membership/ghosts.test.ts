import * as fc from 'fast-check';
import { K3S, RKE2 } from '../../src/llmos/paths';
import { findGhosts, type Entry } from '../../src/membership/ghosts';

const at = { host: 'ops@10.0.0.11:22', runtime: K3S };
const member = (name: string, id = `id-${name}`): Entry => ({ id, name });
const node = (name: string, more: { role?: 'worker'; deleting?: boolean } = {}) => ({ name, role: 'management' as const, deleting: false, ...more });
const seen = (...args: Parameters<typeof findGhosts>) => findGhosts(...args).map(({ kind, node: name }) => `${kind}: ${name}`);

test('where every management Node has its member there is nothing to say', () => {
  expect(findGhosts([member('m1'), member('m2')], [node('m2'), node('m1'), node('w1', { role: 'worker' })], at)).toEqual([]);
});

test('a member without a Node, a management Node without a member and two members of one node are found, whatever else there is', () => {
  expect(seen([member('m1'), member('m9'), member('m2', 'a'), member('m2', 'b')], [node('m1'), node('m2'), node('m3')], at)).toEqual([
    'member without a Node: m9', 'two members of one node: m2', 'Node without a member: m3',
  ]);
});

test('a Node that is being deleted may have lost its member already', () => {
  expect(findGhosts([], [node('m3', { deleting: true })], at)).toEqual([]);
});

test('a worker is expected to have no member, and a member that has a Node of any role has one', () => {
  expect(findGhosts([member('m1')], [node('m1', { role: 'worker' }), node('w1', { role: 'worker' })], at)).toEqual([]);
});

test('two members of one node are one thing to mend, with or without a Node', () => {
  expect(seen([member('m2', 'a'), member('m2', 'b')], [], at)).toEqual(['two members of one node: m2']);
});

test('what to type names the host, the certificates of its distribution and the member', () => {
  expect(findGhosts([member('m9', '8e9e05c52164694d')], [], { ...at, runtime: RKE2 })[0]!.problem).toEqual({
    subject: "etcd member of 'm9'", value: '8e9e05c52164694d',
    rule: 'it has no Node, so nothing ever removes it: it counts for the quorum, and no machine can join under its name',
    remedy: 'unless its machine is joining right now, type on ops@10.0.0.11:22: sudo etcdctl --endpoints https://127.0.0.1:2379 --cacert /var/lib/rancher/rke2/server/tls/etcd/server-ca.crt'
      + ' --cert /var/lib/rancher/rke2/server/tls/etcd/client.crt --key /var/lib/rancher/rke2/server/tls/etcd/client.key member remove 8e9e05c52164694d',
  });
});

test('there is a ghost for a name exactly where the two lists differ on it or a member is there twice', () => {
  const names = fc.uniqueArray(fc.constantFrom<string>('m1', 'm2', 'm3', 'm4', 'm5'));
  fc.assert(fc.property(names, names, names, (once, twice, nodes) => {
    const members = [...once, ...twice].map((name, index) => member(name, String(index)));
    const expected = ['m1', 'm2', 'm3', 'm4', 'm5'].filter(name => {
      const count = members.filter(each => each.name === name).length;
      return count !== (nodes.includes(name) ? 1 : 0);
    });
    expect(findGhosts(members, nodes.map(name => node(name)), at).map(ghost => ghost.node).sort()).toEqual(expected);
  }));
});
