import type { Duplex, Readable } from 'node:stream';
import type { Client, ClientErrorExtensions, ConnectConfig, ServerHostKeyAlgorithm } from 'ssh2';
import { Problem } from '../../problem';
import { credentials, type Credential } from './credentials';
import { hostKeyProblem, HostUnreachable, loginProblem } from './connection-problems';
import { hostKeys, type HostKeys, type HostKeyVerdict } from './known-hosts';
import type { Endpoint, SshOptions } from './options';
import { Sessions } from './sessions';

const DEFAULT_DIAL_SECONDS = 15;
const DEFAULT_KEEPALIVE_SECONDS = 10;

/** Key types of hosts, the best first, and the signature algorithms each may use. */
const HOST_KEY_ALGORITHMS: Readonly<Record<string, readonly ServerHostKeyAlgorithm[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
};

/** One SSH connection to one host, opened when it is first needed and again after it dropped. All channels share it. */
export class SshConnection {
  /** The commands that run over it. */
  readonly sessions = new Sessions();
  private opening?: Promise<Client>;
  private relayed = 0;

  constructor(readonly host: Endpoint, private readonly options: SshOptions, private readonly bastion?: SshConnection) {}

  /** @throws Problem: HostUnreachable, or one about the host key or the login */
  client(): Promise<Client> {
    if (this.opening !== undefined) return this.opening;
    const opening = this.open();
    const forget = () => {
      if (this.opening === opening) this.opening = undefined;
    };
    opening.then(client => client.once('close', forget), forget);
    this.opening = opening;
    return opening;
  }

  /** A stream to a TCP port as this host reaches it. */
  async reach(host: string, port: number): Promise<Duplex> {
    const client = await this.client();
    return new Promise((resolve, reject) => {
      client.forwardOut('127.0.0.1', 0, host, port, (error, channel) => (error ? reject(error) : resolve(channel)));
    });
  }

  /** Ends the connection; using it again opens another one. */
  async close(): Promise<void> {
    const opening = this.opening;
    if (opening === undefined) return;
    this.opening = undefined;
    const client = await opening.catch(() => undefined);
    if (client === undefined) return;
    await new Promise<void>(resolve => {
      client.once('close', () => resolve());
      client.end();
    });
  }

  private async open(): Promise<Client> {
    const ways = credentials(this.options);
    const keys = hostKeys(this.host, this.options);
    return this.dial(ways, keys, await this.bastion?.relay(this.host));
  }

  private dial(ways: readonly Credential[], keys: HostKeys, through?: Duplex): Promise<Client> {
    // Loading ssh2 takes a while, and most who import the library never dial.
    const { Client } = require('ssh2') as typeof import('ssh2');
    return new Promise((resolve, reject) => {
      const client = new Client();
      // Each command that runs listens for its end.
      client.setMaxListeners(0);
      const notes: string[] = [];
      const untried = ways.map(way => way.authMethod(this.host.user));
      let offered: readonly string[] = [];
      let refused: { readonly verdict: Exclude<HostKeyVerdict, 'trusted'>; readonly key: Buffer } | undefined;

      client.once('ready', () => resolve(client));
      // Stays for the whole life of the connection: an error without a listener would end the process.
      client.on('error', (error: Error & ClientErrorExtensions) => {
        if (error.level === 'agent') notes.push(`the SSH agent: ${error.message}`);
        else if (refused !== undefined) reject(hostKeyProblem(this.host, keys, refused.verdict, refused.key));
        else if (error.level === 'client-authentication') reject(loginProblem(this.host, ways, notes, offered));
        else reject(this.unreachable(error.message));
      });
      client.once('close', () => {
        through?.destroy();
        reject(this.unreachable('the connection was closed'));
      });
      client.connect({
        ...this.settings(keys),
        // ssh2 is content with any duplex stream; its types ask for less than it uses.
        ...(through === undefined ? {} : { sock: through as Readable }),
        authHandler: (left: readonly string[] | null) => {
          // Null before the first try, when the host has not said what it takes.
          offered = left ?? [];
          return untried.shift() ?? false;
        },
        hostVerifier: (key: Buffer) => {
          const verdict = keys.verdict(key);
          if (verdict !== 'trusted') refused = { verdict, key };
          return verdict === 'trusted';
        },
      });
    });
  }

  private settings(keys: HostKeys): ConnectConfig {
    const { dialTimeoutSeconds = DEFAULT_DIAL_SECONDS, keepaliveSeconds = DEFAULT_KEEPALIVE_SECONDS } = this.options;
    return {
      host: this.host.host,
      port: this.host.port,
      username: this.host.user,
      readyTimeout: dialTimeoutSeconds * 1000,
      keepaliveInterval: keepaliveSeconds * 1000,
      keepaliveCountMax: 3,
      // The server shows one of its keys: it must be one of those that are known.
      algorithms: { serverHostKey: hostKeyAlgorithms(keys.types) },
    };
  }

  /** As a bastion: a stream to another host. The last one to close ends the connection, or the process would never exit. */
  private async relay(to: Endpoint): Promise<Duplex> {
    let channel: Duplex;
    try {
      channel = await this.reach(to.host, to.port);
    } catch (error) {
      if (this.relayed === 0) await this.close();
      if (error instanceof Problem) throw error;
      throw new HostUnreachable(to, error instanceof Error ? error.message : String(error), this.host);
    }
    this.relayed += 1;
    channel.once('close', () => {
      this.relayed -= 1;
      if (this.relayed === 0) void this.close();
    });
    return channel;
  }

  private unreachable(reason: string): HostUnreachable {
    return new HostUnreachable(this.host, reason, this.bastion?.host);
  }
}

function hostKeyAlgorithms(known: readonly string[]): ServerHostKeyAlgorithm[] {
  const types = Object.keys(HOST_KEY_ALGORITHMS);
  const ordered = [...types.filter(type => known.includes(type)), ...types.filter(type => !known.includes(type))];
  return ordered.flatMap(type => HOST_KEY_ALGORITHMS[type]!);
}
