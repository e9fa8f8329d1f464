/** What a line of `llmos bootstrap` means for the one who waits. Source: LLMOS's bootstrap and its server check. */
export type LogMeaning =
  /** The server did not answer /ping. LLMOS ends the unit as failed, as if its config were invalid; it heals by a restart. */
  | 'server-away'
  /** The operator gave no cluster-info. A wrong token looks the same, and LLMOS tries for ever. */
  | 'no-cluster-info'
  | 'other';

export function logMeaning(line: string): LogMeaning {
  if (/failed to check server URL|failed to validate server url|server url is not ready/i.test(line)) return 'server-away';
  if (/failed to get cluster info/i.test(line)) return 'no-cluster-info';
  return 'other';
}

/** The words of a line in LLMOS's log format (`time="…" level=info msg="…"`); any other line as it is. */
export function logMessage(line: string): string {
  const [, message] = /\bmsg=("(?:[^"\\]|\\.)*"|\S+)/.exec(line) ?? [];
  if (message === undefined || !/\blevel=\w+/.test(line)) return line.trim();
  return message.startsWith('"') ? message.slice(1, -1).replaceAll(/\\(.)/g, (_, character: string) => (character === 'n' ? ' ' : character)) : message;
}

/** The line without the secrets: LLMOS prints the plan it carries out, with the token in it. */
export function redact(line: string, secrets: readonly (string | undefined)[]): string {
  return secrets.reduce<string>((shown, secret) => (secret === undefined || secret === '' ? shown : shown.replaceAll(secret, '***')), line);
}
