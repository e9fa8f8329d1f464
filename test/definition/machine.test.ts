import type { MachineProps } from '../../src/definition';
import type { Taint } from '../../src/llmos/node';
import { managed, output, problems } from './definitions';

function problemsOf(machine: Partial<MachineProps>): string[] {
  return problems(managed(1, { machines: [{ name: 'm1', address: '192.0.2.11', ...machine }] }))
    .map((problem) => problem.replace('[prod/management] ', ''));
}

test('a machine with everything right has no problem', () => {
  expect(problemsOf({
    name: 'm1.rack-2.example', address: 'm1.example.com', internalAddress: 'fd00::11', zone: 'rack-2', port: 22, user: 'ops',
    hostKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEg0FqgkWqQ3oC1n6kRBDPxFpSLtKf7Z1qqfQ6nS4Xq1 root@m1',
    labels: { 'example.com/rack': '2', empty: '', 'node.kubernetes.io/pool': 'x' }, taints: [{ key: 'example.com/a', effect: 'NoExecute' }, { key: 'example.com/a', effect: 'NoSchedule' }],
  })).toEqual([]);
});

test('address, internal address and host key may be Outputs', () => {
  expect(problemsOf({ address: output(), internalAddress: output(), hostKey: output() })).toEqual([]);
});

test.each(['M1', 'm_1', '-m1', 'm1-', 'm1..a', '', 'a'.repeat(64)])('the name %p is refused', (name) => {
  expect(problemsOf({ name })).toEqual([
    `machine '${name}': a node name is up to 63 lower-case letters, digits, dashes and dots, beginning and ending with a letter or digit (RFC 1123); rename it, for example to 'm1'`,
  ]);
});

test.each(['ssh://m1', 'm1:22', 'root@m1', '10.0.0', '300.1.1.1', ''])('the address %p is refused', (address) => {
  expect(problemsOf({ address })).toEqual([
    `address of machine 'm1' (${address}): it is a host name or an IP address alone; write it like '192.0.2.11', and a port or user other than the usual one as 'port' and 'user'`,
  ]);
});

test('an address left out is refused', () => {
  expect(problemsOf({ address: undefined })).toEqual([expect.stringContaining("address of machine 'm1' (undefined)")]);
});

test.each([
  [{ zone: 'a b' }, "zone of machine 'm1' (a b): a zone becomes a label value: up to 63 letters, digits, dashes, dots and underscores; write it like 'rack-1', or leave it out"],
  [{ port: 70000 }, "port of machine 'm1' (70000): a port is a whole number from 1 to 65535; correct it, or leave it out for 22"],
  [{ user: 'a b' }, "user of machine 'm1' (a b): it is the name of a login on that machine; write it like 'root'"],
])('%j is refused', (machine, message) => {
  expect(problemsOf(machine)).toEqual([message]);
});

test('what is no public host key is refused and not repeated, because it may be a private one', () => {
  const [problem, ...others] = problemsOf({ hostKey: '-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0' });
  expect(others).toEqual([]);
  expect(problem).toContain("hostKey of machine 'm1': it is the public key of the host or its SHA-256 fingerprint;");
  expect(problem).not.toContain('c2VjcmV0');
});

test.each(['', 'a b', '-a', 'a/b/c', '/a', 'UPPER.example/a', 'a'.repeat(64), `${'a'.repeat(254)}/a`])('the label key %p is refused', (key) => {
  expect(problemsOf({ labels: { [key]: 'x' } })).toEqual([expect.stringContaining(`label '${key}' of machine 'm1': a label key is up to 63 letters`)]);
});

test.each(['a b', '-a', 'a/b', 'a'.repeat(64), 'ä'])('the label value %p is refused', (value) => {
  expect(problemsOf({ labels: { key: value } })).toEqual([expect.stringContaining(`label 'key' of machine 'm1' (${value}): a label value is text`)]);
});

test('a label value that is not text is refused', () => {
  expect(problemsOf({ labels: { gpus: 8 as unknown as string } })).toEqual([expect.stringContaining("label 'gpus' of machine 'm1' (a number): a label value is text")]);
});

test.each(['node-role.kubernetes.io/gpu', 'kubernetes.io/team', 'x.k8s.io/a'])('the label %s is refused, because a kubelet does not start with it', (key) => {
  expect(problemsOf({ labels: { [key]: '' } })).toEqual([expect.stringContaining('a kubelet may not set this label in the domains of Kubernetes and does not start with it')]);
});

test('the zone is said as zone, not as label', () => {
  expect(problemsOf({ labels: { 'topology.kubernetes.io/zone': 'a' } })).toEqual([expect.stringContaining("take the label out and give the machine 'zone' instead")]);
});

test.each<[Taint, string]>([
  [{ key: 'a b', effect: 'NoSchedule' }, 'key and value of a taint are written like those of a label'],
  [{ key: 'a', value: 'b c', effect: 'NoSchedule' }, 'key and value of a taint are written like those of a label'],
  [{ key: 'a', effect: 'noschedule' as 'NoSchedule' }, 'Kubernetes does not know this effect; use one of NoSchedule, PreferNoSchedule, NoExecute'],
])('the taint %j is refused', (taint, rule) => {
  expect(problemsOf({ taints: [taint] })).toEqual([expect.stringContaining(rule)]);
});

test('two taints of one key and effect are refused', () => {
  expect(problemsOf({ taints: [{ key: 'a', value: 'x', effect: 'NoSchedule' }, { key: 'a', value: 'y', effect: 'NoSchedule' }] })).toEqual([
    "taint of machine 'm1' (a=y:NoSchedule): a node has at most one taint of each key and effect; leave one of them out",
  ]);
});
