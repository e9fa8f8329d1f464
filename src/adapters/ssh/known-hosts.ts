import { createHash, createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Problem } from '../../problem';
import { expandHome } from './credentials';
import type { Endpoint, SshOptions } from './options';

/** What is known of a host's key. */
export type HostKeyVerdict = 'trusted' | 'unknown' | 'changed' | 'revoked';

/** The keys one host may show. */
export interface HostKeys {
  /** Key types that are known, `ssh-ed25519`; empty where only a fingerprint is, or nothing. */
  readonly types: readonly string[];
  /** Where they are from, for messages. */
  readonly source: string;
  verdict(key: Buffer): HostKeyVerdict;
}

const DEFAULT_FILES = ['~/.ssh/known_hosts', '/etc/ssh/ssh_known_hosts'];

/**
 * The keys of a host: those given for it, else those of known_hosts.
 * @throws Problem when the given key is neither a public key nor a fingerprint, or the given file cannot be read
 */
export function hostKeys({ host, port, hostKey }: Endpoint, { knownHostsPath }: Pick<SshOptions, 'knownHostsPath'> = {}): HostKeys {
  if (hostKey !== undefined) return pinnedKey(hostKey);
  if (knownHostsPath !== undefined) return knownHosts(readKnownHosts(knownHostsPath), host, port, knownHostsPath);
  return knownHosts(DEFAULT_FILES.map(readIfThere).join('\n'), host, port, DEFAULT_FILES[0]!);
}

/** `SHA256:…`, as ssh-keygen -l shows it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** What known_hosts calls a host: the port is named only where it is not 22. */
export function knownHostsName(host: string, port: number): string {
  return port === 22 ? host : `[${host}]:${port}`;
}

/** The line that makes this key known. */
export function knownHostsLine(host: string, port: number, key: Buffer): string {
  return `${knownHostsName(host, port)} ${keyType(key)} ${key.toString('base64')}`;
}

/** A public key starts with the length and the name of its type (RFC 4253, 6.6). */
export function keyType(key: Buffer): string {
  return key.subarray(4, 4 + key.readUInt32BE(0)).toString('latin1');
}

function pinnedKey(text: string): HostKeys {
  const source = 'the given hostKey';
  const [print] = /SHA256:[A-Za-z0-9+/]{43}/.exec(text) ?? [];
  if (print !== undefined) return { types: [], source, verdict: key => (fingerprint(key) === print ? 'trusted' : 'changed') };
  const [, type, blob] = /(?:^|\s)([\w@.-]+)\s+(AAAA[A-Za-z0-9+/]+=*)/.exec(text) ?? [];
  if (type === undefined || blob === undefined) {
    throw new Problem({
      subject: 'hostKey', value: text,
      rule: 'it is neither a public key nor the fingerprint of one', remedy: "give 'ssh-ed25519 AAAA…' (ssh-keyscan shows it) or 'SHA256:…' (ssh-keygen -lf shows it)",
    });
  }
  return { types: [type], source, verdict: key => (key.toString('base64') === blob ? 'trusted' : 'changed') };
}

interface Entry {
  readonly revoked: boolean;
  readonly type: string;
  readonly blob: string;
}

/** The keys a known_hosts text has for a host. Source: sshd(8), SSH_KNOWN_HOSTS FILE FORMAT. */
export function knownHosts(text: string, host: string, port: number, source: string): HostKeys {
  const name = knownHostsName(host, port);
  const entries = text.split('\n').flatMap(line => matchingEntry(line, name));
  const valid = entries.filter(({ revoked }) => !revoked);
  return {
    source,
    types: [...new Set(valid.map(({ type }) => type))],
    verdict(key) {
      const blob = key.toString('base64');
      if (entries.some(entry => entry.revoked && entry.blob === blob)) return 'revoked';
      if (valid.some(entry => entry.blob === blob)) return 'trusted';
      return valid.length > 0 ? 'changed' : 'unknown';
    },
  };
}

function matchingEntry(line: string, name: string): readonly Entry[] {
  const fields = line.trim().split(/\s+/);
  const marker = fields[0]?.startsWith('@') ? fields.shift() : undefined;
  const [patterns, type, blob] = fields;
  // A line of a certificate authority signs other keys; it is none itself.
  if (patterns === undefined || type === undefined || blob === undefined || patterns.startsWith('#') || marker === '@cert-authority') return [];
  return matches(patterns, name) ? [{ revoked: marker === '@revoked', type, blob }] : [];
}

function matches(patterns: string, name: string): boolean {
  if (patterns.startsWith('|1|')) {
    const [, , salt = '', hash = ''] = patterns.split('|');
    return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
  }
  const list = patterns.split(',');
  const refused = list.some(pattern => pattern.startsWith('!') && wildcard(pattern.slice(1), name));
  return !refused && list.some(pattern => wildcard(pattern, name));
}

function wildcard(pattern: string, name: string): boolean {
  const expression = pattern.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.');
  return new RegExp(`^${expression}$`, 'i').test(name);
}

function readKnownHosts(path: string): string {
  try {
    return readFileSync(expandHome(path), 'utf8');
  } catch (error) {
    throw new Problem({
      subject: 'knownHostsPath', value: path,
      rule: `it cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`, remedy: 'correct the path, or make the file with ssh-keyscan and compare the fingerprints',
    });
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(expandHome(path), 'utf8');
  } catch {
    return '';
  }
}
