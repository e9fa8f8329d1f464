import type { NodeRole } from '../llmos/node';

/** What of a node cannot change in place. */
export interface Fixed {
  readonly role: NodeRole;
  /** @default - not known */
  readonly address?: string;
  /** Empty where it has none beside its address. @default - not known */
  readonly internalAddress?: string;
}

/**
 * Why a node that keeps its name leaves and joins again, in words: `its address changes from 10.0.0.11 to 10.0.0.12`.
 * @returns undefined where nothing of it is known to change
 */
export function whyReplaced(before: Fixed, after: Fixed): string | undefined {
  const changes = PROPERTIES.filter(([key]) => before[key] !== undefined && before[key] !== after[key])
    .map(([key, words]) => `its ${words} changes from ${shown(before[key])} to ${shown(after[key])}`);
  return changes.length === 0 ? undefined : changes.join(' and ');
}

const PROPERTIES = [['role', 'role'], ['address', 'address'], ['internalAddress', 'internal address']] as const;

function shown(value: string | undefined): string {
  return value === undefined ? 'one that is not known yet' : value === '' ? 'none' : value;
}
