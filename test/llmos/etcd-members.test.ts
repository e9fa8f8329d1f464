import fc from 'fast-check';
import { nodeOfMember, parseMembers } from '../../src/llmos/etcd-members';

describe("etcd's member list", () => {
  test('keeps 64-bit ids apart that are one JavaScript number', () => {
    const list = '{"members":[{"ID":10276657743932975437,"name":"m1-0a1b2c3d","peerURLs":["https://10.0.0.1:2380"]},{"ID":10276657743932975438,"name":"m2-0a1b2c3e","isLearner":true}]}';
    expect(parseMembers(list)).toEqual([
      { id: '8e9e05c52164694d', name: 'm1-0a1b2c3d', node: 'm1', peerUrls: ['https://10.0.0.1:2380'], learner: false },
      { id: '8e9e05c52164694e', name: 'm2-0a1b2c3e', node: 'm2', peerUrls: [], learner: true },
    ]);
  });

  test('has members without a name, which have not started', () => {
    expect(parseMembers('{"members":[{"ID": 1,"peerURLs":["https://10.0.0.3:2380"]}]}')).toMatchObject([{ name: '', node: '' }]);
  });

  test.each(['', 'forbidden', '{}', '{"members":null}', '[]'])('is not what %j is', text => {
    expect(() => parseMembers(text)).toThrow();
  });

  test('gives every id back as etcdctl prints it', () => {
    fc.assert(fc.property(fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }), id => {
      expect(parseMembers(`{"members":[{"ID":${id}}]}`)[0]!.id).toBe(id.toString(16));
    }));
  });

  test.each([['m1-0a1b2c3d', 'm1'], ['node-with-dashes-0a1b2c3d', 'node-with-dashes'], ['m1', 'm1'], ['deadbeef-0a1b2c3d', 'deadbeef']])('calls the node of member %s %s', (member, node) => {
    expect(nodeOfMember(member)).toBe(node);
  });
});
