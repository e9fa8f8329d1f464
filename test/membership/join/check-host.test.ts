import { checkHost } from '../../../src/membership/join/check-host';
import type { MachineFacts } from '../../../src/membership/ports/machine';
import { target } from '../scene';

const good: MachineFacts = {
  hostname: 'w1', machineId: 'f1', os: 'Debian GNU/Linux 12', arch: 'amd64', cores: 8, memoryBytes: 16 * 2 ** 30, systemd: true, privileged: true,
  clockSkewSeconds: 0, portsInUse: [], otherKubernetes: [], bootstrap: 'absent',
};

function check(facts: Partial<MachineFacts>): string[] {
  const warnings: string[] = [];
  checkHost(target('w1'), { ...good, ...facts }, warning => warnings.push(warning));
  return warnings;
}

test('a host as LLMOS recommends it passes without a word', () => {
  expect(check({})).toEqual([]);
  expect(check({ arch: 'arm64', memoryBytes: 15.5 * 2 ** 30, clockSkewSeconds: -30 })).toEqual([]);
});

test('a small host is warned of and not refused', () => {
  expect(check({ cores: 4, memoryBytes: 8 * 2 ** 30 })).toEqual(['4 cores and 8 GiB of memory: LLMOS recommends 8 and 16 GiB']);
});

test.each<[string, Partial<MachineFacts>, string]>([
  ['an architecture without LLMOS', { arch: 'riscv64' }, "machine 'w1' (riscv64): LLMOS runs on amd64 and arm64 only; use another machine"],
  ['no systemd', { systemd: false, os: 'Alpine' }, "machine 'w1' (Alpine): LLMOS is followed through systemd, which does not run there"],
  ['no root', { privileged: false }, "machine 'w1': installing needs root; connect as root, or allow this user sudo without a password (NOPASSWD)"],
  ['a clock that is behind', { clockSkewSeconds: -31 }, "machine 'w1' (-31 s off): its clock may differ by 30 s at most"],
  ['a clock that is ahead', { clockSkewSeconds: 31 }, "machine 'w1' (31 s off)"],
  ['another Kubernetes', { otherKubernetes: ['kubelet.service'] }, "machine 'w1' (kubelet.service): another Kubernetes lives there"],
  ['taken ports', { portsInUse: [6443, 10250] }, "machine 'w1' (6443, 10250): these ports are needed and taken; stop what listens there"],
  ['another name', { nodeName: 'w9' }, "machine 'w1' (w9): the host is set up as a node of another name"],
])('a host with %s is refused', (_, facts, message) => {
  expect(() => check(facts)).toThrow(message);
});

test('all reasons are said at once', () => {
  expect(() => check({ arch: 'riscv64', privileged: false })).toThrow(/^machine 'w1': 2 things are wrong:\n {2}- machine 'w1' \(riscv64\).*\n {2}- machine 'w1': installing needs root.*; mend them all, then run `pulumi up` again$/);
});

test('ports that LLMOS itself has taken on a half-joined host are no obstacle', () => {
  expect(check({ portsInUse: [6443], bootstrap: 'running', nodeName: 'w1' })).toEqual([]);
});
