import { ARCHITECTURES, RECOMMENDED } from '../../llmos/requirements';
import type { ProblemProps } from '../../problem';
import { manyProblems } from '../many-problems';
import type { NodeTarget } from '../node-target';
import type { MachineFacts } from '../ports/machine';

/** TLS certificates and etcd's leases suffer from more. */
const MAX_CLOCK_SKEW_SECONDS = 30;

/**
 * Refuses a host that LLMOS could not be installed on, with all reasons at once; what is only unwise is reported.
 * Source: LLMOS's requirements, and what its installer and k3s fail on.
 */
export function checkHost(node: NodeTarget, facts: MachineFacts, warn: (message: string) => void): void {
  const problems = [...hostProblems(node, facts)];
  if (problems.length > 0) throw manyProblems(`machine '${node.name}'`, problems, 'mend them all, then run `pulumi up` again');
  // A machine sold with 16 GiB shows a little less.
  if (facts.cores < RECOMMENDED.cores || facts.memoryBytes < RECOMMENDED.memoryBytes * 0.9) {
    warn(`${facts.cores} cores and ${gibibytes(facts.memoryBytes)} of memory: LLMOS recommends ${RECOMMENDED.cores} and ${gibibytes(RECOMMENDED.memoryBytes)}`);
  }
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(0)} GiB`;
}

function* hostProblems(node: NodeTarget, facts: MachineFacts): Generator<ProblemProps> {
  const subject = `machine '${node.name}'`;
  if (!ARCHITECTURES.includes(facts.arch)) {
    yield { subject, value: facts.arch, rule: `LLMOS runs on ${ARCHITECTURES.join(' and ')} only`, remedy: 'use another machine' };
  }
  if (!facts.systemd) {
    yield { subject, value: facts.os, rule: 'LLMOS is followed through systemd, which does not run there', remedy: 'use a distribution with systemd' };
  }
  if (!facts.privileged) {
    yield { subject, rule: 'installing needs root', remedy: 'connect as root, or allow this user sudo without a password (NOPASSWD)' };
  }
  if (Math.abs(facts.clockSkewSeconds) > MAX_CLOCK_SKEW_SECONDS) {
    yield {
      subject, value: `${facts.clockSkewSeconds.toFixed(0)} s off`,
      rule: `its clock may differ by ${MAX_CLOCK_SKEW_SECONDS} s at most, or certificates are refused`, remedy: 'switch on time synchronisation (chrony or systemd-timesyncd)',
    };
  }
  if (facts.otherKubernetes.length > 0) {
    yield {
      subject, value: facts.otherKubernetes.join(', '),
      rule: 'another Kubernetes lives there and both would use the same ports and iptables', remedy: 'uninstall it or use another machine',
    };
  } else if (facts.portsInUse.length > 0 && facts.bootstrap === 'absent') {
    yield { subject, value: facts.portsInUse.join(', '), rule: 'these ports are needed and taken', remedy: 'stop what listens there (ss -ltnp shows it)' };
  }
  if (facts.nodeName !== undefined && facts.nodeName !== node.name) {
    yield {
      subject, value: facts.nodeName,
      rule: 'the host is set up as a node of another name', remedy: 'declare it under that name, or clean it with llmos-uninstall.sh and delete /etc/llmos',
    };
  }
}
