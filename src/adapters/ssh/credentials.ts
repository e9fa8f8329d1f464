import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { AnyAuthMethod } from 'ssh2';
import { Problem } from '../../problem';
import type { SshOptions } from './options';

/** One way to log in, and what to call it when it was refused. */
export interface Credential {
  readonly title: string;
  authMethod(user: string): AnyAuthMethod;
}

const DEFAULT_KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa'];

/**
 * The ways to log in, in the order in which they are tried: the key that is given; else the agent and the keys OpenSSH would
 * take by itself.
 * @throws Problem when the given key cannot be read or opened, or there is no way at all
 */
export function credentials(options: SshOptions): readonly Credential[] {
  const { privateKey, privateKeyPath, passphrase } = options;
  if (privateKey !== undefined) return [keyCredential('the private key', privateKey, passphrase)];
  if (privateKeyPath !== undefined) return [keyFile(expandHome(privateKeyPath), passphrase)];

  const agent = options.agentSocket ?? process.env.SSH_AUTH_SOCK;
  const ways = [
    ...(agent === undefined || agent === '' ? [] : [agentCredential(agent)]),
    ...DEFAULT_KEYS.map(name => join(homedir(), '.ssh', name)).filter(existsSync).flatMap(path => usable(() => keyFile(path, passphrase))),
  ];
  if (ways.length > 0) return ways;
  throw new Problem({
    subject: 'SSH connection',
    rule: 'there is nothing to log in with: no private key is given, no SSH agent runs and ~/.ssh has no key that opens',
    remedy: 'set `privateKeyPath` in the connection, or start an agent (eval "$(ssh-agent)"; ssh-add)',
  });
}

/** `~/x` as the shell would read it. */
export function expandHome(path: string): string {
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : path;
}

function keyFile(path: string, passphrase?: string): Credential {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new Problem({
      subject: 'SSH private key', value: path,
      rule: `it cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`, remedy: 'correct `privateKeyPath` in the connection',
    });
  }
  return keyCredential(path, text, passphrase);
}

function keyCredential(title: string, text: string, passphrase?: string): Credential {
  const { utils } = require('ssh2') as typeof import('ssh2');
  const key = utils.parseKey(text, passphrase);
  if (key instanceof Error) throw unusableKey(title, key.message, passphrase !== undefined);
  // Opening an encrypted key is slow on purpose, so it is done once and not at every connection.
  return { title, authMethod: username => ({ type: 'publickey', username, key }) };
}

function unusableKey(title: string, reason: string, hasPassphrase: boolean): Problem {
  const subject = 'SSH private key';
  if (/no passphrase/i.test(reason)) {
    return new Problem({ subject, value: title, rule: 'it is encrypted and no passphrase is given', remedy: 'set `passphrase` in the connection, or add the key to an SSH agent' });
  }
  if (hasPassphrase && /passphrase|bad decrypt|integrity/i.test(reason)) {
    return new Problem({ subject, value: title, rule: 'the passphrase does not open it', remedy: 'correct `passphrase` in the connection' });
  }
  return new Problem({ subject, value: title, rule: 'it is no private key in OpenSSH or PEM format', remedy: 'give the private half, as ssh-keygen writes it (not the .pub file)' });
}

function agentCredential(socket: string): Credential {
  return { title: 'the SSH agent', authMethod: username => ({ type: 'agent', username, agent: socket }) };
}

/** A key nobody asked for is left out where it does not open. */
function usable(open: () => Credential): readonly Credential[] {
  try {
    return [open()];
  } catch {
    return [];
  }
}
