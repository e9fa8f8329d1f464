import { LoginRefused, Unreachable } from '../../membership/ports/unreachable';
import { Problem } from '../../problem';
import type { Credential } from './credentials';
import { fingerprint, keyType, knownHostsLine, type HostKeys, type HostKeyVerdict } from './known-hosts';
import { endpointLabel, type Endpoint } from './options';

/** The host did not answer, or the connection to it broke. */
export class HostUnreachable extends Unreachable {
  constructor(host: Endpoint, reason: string, bastion?: Endpoint) {
    super({
      subject: `host ${endpointLabel(host)}`,
      rule: `it does not answer over SSH (${reason})`,
      remedy: bastion === undefined
        ? `check that it is on, that its address is right, and that a firewall lets TCP port ${host.port} through`
        : `check that it is on and that the bastion ${endpointLabel(bastion)} reaches its TCP port ${host.port}`,
    });
  }
}

export function hostKeyProblem(host: Endpoint, keys: HostKeys, verdict: Exclude<HostKeyVerdict, 'trusted'>, key: Buffer): Problem {
  const subject = `host ${endpointLabel(host)}`;
  const value = `${keyType(key)} ${fingerprint(key)}`;
  const line = knownHostsLine(host.host, host.port, key);
  const compare = `compare this fingerprint with what \`ssh-keygen -lf\` says of the key in /etc/ssh on its own console`;
  switch (verdict) {
    case 'unknown':
      return new Problem({ subject, value, rule: `its host key is not known (${keys.source}), so it might be somebody else's machine`, remedy: `${compare}, then add this line to ${keys.source}:\n${line}` });
    case 'changed':
      return new Problem({ subject, value, rule: `its host key has changed: it is not the one of ${keys.source}`, remedy: `if the machine was reinstalled, ${compare}, then replace the old key by:\n${line}` });
    case 'revoked':
      return new Problem({ subject, value, rule: `its host key is revoked in ${keys.source}`, remedy: 'give the machine a new host key (ssh-keygen -A after deleting the old ones)' });
  }
}

/** @param offered the ways of logging in that the host takes, in SSH's words; empty where it did not say */
export function loginProblem(host: Endpoint, tried: readonly Credential[], notes: readonly string[], offered: readonly string[] = []): LoginRefused {
  const subject = `host ${endpointLabel(host)}`;
  if (offered.length > 0 && !offered.includes('publickey')) {
    return new LoginRefused({
      subject, value: offered.join(', '), rule: `it does not take keys from user '${host.user}', and this library logs in with nothing else`,
      remedy: 'allow keys in its sshd_config (PubkeyAuthentication yes) and put the public key into authorized_keys there',
    });
  }
  const ways = tried.map(({ title }) => title).join(', ');
  return new LoginRefused({
    subject,
    rule: `it refuses user '${host.user}' with ${ways}${notes.length === 0 ? '' : ` (${notes.join(' · ')})`}`,
    remedy: `check \`user\`, and that the public key is in ~${host.user}/.ssh/authorized_keys there`,
  });
}
