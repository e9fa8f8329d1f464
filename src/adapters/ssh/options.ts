/** How machines are reached over SSH: what they all have in common. */
export interface SshOptions {
  /** Who logs in: root, or a user who may use sudo without a password. @default 'root' */
  readonly user?: string;
  /** @default 22 */
  readonly port?: number;
  /** A private key itself, in OpenSSH or PEM format. @default - none; see `privateKeyPath` */
  readonly privateKey?: string;
  /** A file with a private key; `~/` is the home directory. @default - the SSH agent, then ~/.ssh/id_ed25519, id_ecdsa, id_rsa */
  readonly privateKeyPath?: string;
  /** Opens an encrypted private key. @default - the key is not encrypted */
  readonly passphrase?: string;
  /** Socket of the SSH agent. @default - SSH_AUTH_SOCK; not asked where a private key is given */
  readonly agentSocket?: string;
  /** A known_hosts file in OpenSSH's format. @default - ~/.ssh/known_hosts and /etc/ssh/ssh_known_hosts */
  readonly knownHostsPath?: string;
  /** A host all connections go through. @default - machines are reached directly */
  readonly bastion?: BastionOptions;
  /** How long opening a connection may take, in seconds. @default 15 */
  readonly dialTimeoutSeconds?: number;
  /** A connection that is silent for three times this long counts as lost, in seconds. @default 10 */
  readonly keepaliveSeconds?: number;
}

/** A host in front of the machines. The same keys and the same agent log in there. */
export interface BastionOptions {
  readonly host: string;
  /** @default 22 */
  readonly port?: number;
  /** @default - the user of the machines */
  readonly user?: string;
  /** Its public host key (`ssh-ed25519 AAAA…`) or the fingerprint of it (`SHA256:…`). @default - looked up in known_hosts */
  readonly hostKey?: string;
}

/** One machine, and what it has of its own. */
export interface SshTarget {
  readonly address: string;
  /** @default - that of the options */
  readonly port?: number;
  /** @default - that of the options */
  readonly user?: string;
  /** Its public host key (`ssh-ed25519 AAAA…`) or the fingerprint of it (`SHA256:…`). @default - looked up in known_hosts */
  readonly hostKey?: string;
}

/** A login on a host, with nothing left to default. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly hostKey?: string;
}

export function endpoint(target: SshTarget, options: SshOptions): Endpoint {
  return { host: target.address, port: target.port ?? options.port ?? 22, user: target.user ?? options.user ?? 'root', hostKey: target.hostKey };
}

/** For messages: `ops@10.0.0.12:22`. */
export function endpointLabel({ user, host, port }: Endpoint): string {
  return `${user}@${host.includes(':') ? `[${host}]` : host}:${port}`;
}
