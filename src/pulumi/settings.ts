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
  /** How many entries that list has, whatever they are; what it says where it is a text. @default - it is empty */
  readonly listedRemovals?: number | string;
  /** `llmos:confirmDestroy`: the cluster's name, without which `pulumi destroy` removes nothing. */
  readonly confirmDestroy?: string;
  /** `llmos:privateKey`, `llmos:passphrase`: set with `pulumi config set --secret`. */
  readonly credentials: Credentials;
}

export function readSettings(config: StackConfig): Settings {
  const { list, listed } = writtenRemovals(config.get('llmos:confirmRemoval'));
  return {
    rehearsal: config.get('llmos:rehearsal'),
    confirmRemoval: readConfirmations(list, 'llmos:confirmRemoval'),
    listedRemovals: listed,
    confirmDestroy: config.get('llmos:confirmDestroy'),
    credentials: { privateKey: config.get('llmos:privateKey'), passphrase: config.get('llmos:passphrase') },
  };
}

/** What stands in `llmos:confirmRemoval`. A list written with `--path` arrives as JSON; one written by hand may be `m2, m3`. */
export function writtenRemovals(value = ''): { readonly list: unknown; readonly listed: number | string } {
  try {
    const list: unknown = JSON.parse(value);
    if (typeof list === 'object') return { list, listed: Array.isArray(list) ? list.length : 0 };
  } catch {
    // Not JSON: a plain list.
  }
  const list = value.split(',').map(name => name.trim()).filter(name => name !== '');
  return { list, listed: list.join(', ') || 0 };
}
