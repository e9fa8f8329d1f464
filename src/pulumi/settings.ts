import type { Credentials } from './state';

/** What a dynamic provider is configured with: the stack's configuration, at every operation. */
export interface StackConfig {
  get(key: string): string | undefined;
}

/** The keys of the namespace `llmos` that the library reads. */
export interface Settings {
  /** `llmos:rehearsal`: a folder; machines are simulated there instead of reached over SSH. */
  readonly rehearsal?: string;
  /** `llmos:confirmRemoval`: names of nodes whose removal is meant. */
  readonly confirmRemoval: readonly string[];
  /** `llmos:confirmDestroy`: the cluster's name, without which `pulumi destroy` removes nothing. */
  readonly confirmDestroy?: string;
  /** `llmos:privateKey`, `llmos:passphrase`: set with `pulumi config set --secret`. */
  readonly credentials: Credentials;
}

export function readSettings(config: StackConfig): Settings {
  return {
    rehearsal: config.get('llmos:rehearsal'),
    confirmRemoval: names(config.get('llmos:confirmRemoval')),
    confirmDestroy: config.get('llmos:confirmDestroy'),
    credentials: { privateKey: config.get('llmos:privateKey'), passphrase: config.get('llmos:passphrase') },
  };
}

/** A list written with `--path` arrives as JSON; one written by hand may be `m2, m3`. */
function names(value: string | undefined): string[] {
  if (!value) return [];
  try {
    const parsed: unknown = JSON.parse(value);
    if (Array.isArray(parsed)) return parsed.map(String);
  } catch {
    // Not JSON: a plain list.
  }
  return value.split(',').map(name => name.trim()).filter(name => name !== '');
}
