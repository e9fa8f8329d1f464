import { createHmac, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { readText, writeAtomically } from './documents';

/** The one file with secrets, 0600: the join tokens. Everywhere else in the folder a token is a digest. */
const SECRETS_FILE = 'secrets.json';

interface Content {
  /** Makes digests worthless outside this folder, also those of tokens that people can guess. */
  readonly digestKey: string;
  /** Digest to token. */
  readonly tokens: Record<string, string>;
}

/** The join tokens of a rehearsal. Used under the folder's lock. */
export class Secrets {
  private content?: Content;

  constructor(private readonly folder: string) {}

  digest(token: string): string {
    return createHmac('sha256', this.read().digestKey).update(token).digest('hex').slice(0, 16);
  }

  /** Keeps a token, or makes one. @returns its digest */
  keep(token = `rehearsal::${randomBytes(16).toString('hex')}`): string {
    const digest = this.digest(token);
    const { tokens } = this.read();
    if (tokens[digest] === undefined) {
      tokens[digest] = token;
      this.write();
    }
    return digest;
  }

  token(digest: string): string | undefined {
    return this.read().tokens[digest];
  }

  private read(): Content {
    if (this.content) return this.content;
    const text = readText(join(this.folder, SECRETS_FILE));
    this.content = text === null ? { digestKey: randomBytes(16).toString('hex'), tokens: {} } : JSON.parse(text) as Content;
    if (text === null) this.write();
    return this.content;
  }

  private write(): void {
    writeAtomically(join(this.folder, SECRETS_FILE), `${JSON.stringify(this.content, undefined, 2)}\n`, 0o600);
  }
}
