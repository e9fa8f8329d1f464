import { type RemovalConfirmations, readConfirmations } from '../llmos/removal';
import type { Credentials } from './state';

/** What a dynamic provider is configured with: the stack's configuration, at every operation. */
export interface StackConfig {
  get(key: string): string | undefined;
}

/** The keys of the namespace `llmos` that the library reads. */
export interface Settings {
  /** `llmos:rehearsal`: a folder; machines are simulated there instead of reached over SSH. */
  readonly rehearsal?: string;
  /** `llmos:confirmRemoval`: nodes whose removal is meant. */
  readonly confirmRemoval: RemovalConfirmations;
  /** `llmos:confirmDestroy`: the cluster's name, without which `pulumi destroy` removes nothing. */
  readonly confirmDestroy?: string;
  /** `llmos:privateKey`, `llmos:passphrase`: set with `pulumi config set --secret`. */
  readonly credentials: Credentials;
}

export function readSettings(config: StackConfig): Settings {
  return {
    rehearsal: config.get('llmos:rehearsal'),
    confirmRemoval: readConfirmations(list(config.get('llmos:confirmRemoval')), 'llmos:confirmRemoval'),
    confirmDestroy: config.get('llmos:confirmDestroy'),
    credentials: { privateKey: config.get('llmos:privateKey'), passphrase: config.get('llmos:passphrase') },
  };
}

/** A list written with `--path` arrives as JSON; one written by hand may be `m2, m3`. */
function list(value: string | undefined): unknown {
  if (!value) return [];
  try {
    const parsed: unknown = JSON.parse(value);
    if (typeof parsed === 'object') return parsed;
  } catch {
    // Not JSON: a plain list.
  }
  return value.split(',').map(name => name.trim()).filter(name => name !== '');
}
