import type { ConfirmedRemoval } from './removal';

/** What the fence remembers of a removed node's machine. */
export interface RemovalRecord {
  /** How it was removed: a machine that was not removed `clean` still holds LLMOS, its data and the join token. */
  readonly removal: NonNullable<ConfirmedRemoval['removal']>;
  /** The machine that was the node. @default - not known */
  readonly machineId?: string;
  /**
   * Whether the join token on that machine is of any use: `due`, it is until the token is changed; `begun`, it is refused by some
   * management nodes and not by all; `done`, nothing takes it any more. @default - the machine has no say: it was cleaned, or was a worker
   */
  readonly tokenRotation?: 'due' | 'begun' | 'done';
}

/** A node that was removed, as the cluster remembers it. */
export interface RemovedNode extends RemovalRecord {
  readonly name: string;
  /** ISO 8601. */
  readonly removedAt: string;
  /** No Node of that name can be created. Where another machine has joined under the name meanwhile, only the token is left to change. */
  readonly fenced: boolean;
}

/** Something of the machine may still get into the cluster. */
export function mayComeBack({ tokenRotation }: RemovalRecord): boolean {
  return tokenRotation === 'due' || tokenRotation === 'begun';
}

/** No Node can be called so, which keeps the fence from refusing one: an entry whose name has joined again. */
const LIFTED = '_lifted';

/** Likewise no Node's name: the key that names the management node by which the join token is being changed. */
const TOKEN_CHANGE = '_token-change';

/** The key of an entry in the ConfigMap of removed nodes. The fence reads a key without more as a name that is kept out. */
function entryKey({ name, fenced }: Pick<RemovedNode, 'name' | 'fenced'>): string {
  return fenced ? name : `${name}${LIFTED}`;
}

/** The value of an entry. One that a machine was cleaned for is a date, for people. */
function entryValue({ removedAt, removal, machineId, tokenRotation }: Omit<RemovedNode, 'name' | 'fenced'>): string {
  return removal === 'clean' ? removedAt : JSON.stringify({ removedAt, removal, machineId, tokenRotation });
}

/**
 * The entries after one of `removed` was fenced, and let in again or had the token changed for it: what they are to be, or null where
 * one goes. In one place, because the cluster and the rehearsal must not differ in it.
 */
export const entryChanges = {
  fence(name: string, record: RemovalRecord, removedAt: string): EntryChanges {
    return { [name]: entryValue({ ...record, removedAt }) };
  },

  /** A token that still has to be changed is remembered under a key that keeps nobody out. */
  unfence(removed: RemovedNode): EntryChanges {
    return { [removed.name]: null, ...(mayComeBack(removed) ? { [entryKey({ ...removed, fenced: false })]: entryValue(removed) } : {}) };
  },

  /** The change has an entry of its own: it has to be ended even where none of these is of interest any more. */
  beginTokenChange(by: string, removed: readonly RemovedNode[]): EntryChanges {
    return { ...Object.fromEntries(removed.map(each => [entryKey(each), entryValue({ ...each, tokenRotation: 'begun' })])), [TOKEN_CHANGE]: by };
  },

  endTokenChange(removed: readonly RemovedNode[]): EntryChanges {
    return { ...Object.fromEntries(removed.map(each => [entryKey(each), each.fenced ? entryValue({ ...each, tokenRotation: 'done' }) : null])), [TOKEN_CHANGE]: null };
  },
};

/** Keys and their new values; null where an entry goes. */
export type EntryChanges = Readonly<Record<string, string | null>>;

/** All nodes that the ConfigMap's data tells of. */
export function readEntries(data: Readonly<Record<string, string>>): RemovedNode[] {
  return Object.entries(data).filter(([key]) => key !== TOKEN_CHANGE).sort(([a], [b]) => a.localeCompare(b)).map(([key, value]) => readEntry(key, value));
}

/** The management node by which the join token is being changed. @default - no change was begun, or it has ended */
export function readTokenChange(data: Readonly<Record<string, string>>): string | undefined {
  return data[TOKEN_CHANGE];
}

/** Reads an entry. A value that is none of ours still fences its name. */
export function readEntry(key: string, value: string): RemovedNode {
  const fenced = !key.endsWith(LIFTED);
  const name = fenced ? key : key.slice(0, -LIFTED.length);
  try {
    const parsed = JSON.parse(value) as Partial<RemovedNode>;
    return { name, fenced, removedAt: parsed.removedAt ?? value, removal: parsed.removal ?? 'clean', machineId: parsed.machineId, tokenRotation: parsed.tokenRotation };
  } catch {
    return { name, fenced, removedAt: value, removal: 'clean' };
  }
}
