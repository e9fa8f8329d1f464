import type { ProblemProps } from '../problem';

/** How the removal of a node was confirmed: LLMOS asks for the node's name to be typed, and this is that name, written down. */
export interface ConfirmedRemoval {
  /** Name of the node. */
  readonly name: string;
  /**
   * What becomes of the machine.
   * - `clean`: it is drained, taken out, and LLMOS is uninstalled from it.
   * - `unreachable`: it does not answer and cannot be cleaned. The name stays fenced, and for a management node the join token is
   *   changed, so that the machine stays out should it start again. Refused while the machine does answer.
   * - `reinstall`: somebody reinstalls it. It is taken out and not cleaned; the name joins again only from another machine-id.
   * @default 'clean'
   */
  readonly removal?: 'clean' | 'unreachable' | 'reinstall';
  /**
   * What happens when the drain's time is over and pods are left: `fail` ends the removal and takes back what it prepared; `force`
   * deletes the pods that a PodDisruptionBudget held back, and goes on. The pods of a machine that does not answer end in any case.
   * @default 'fail'
   */
  readonly drain?: 'fail' | 'force';
  /** Pods that no controller would make again: `keep` refuses the removal because of them, `delete` evicts them like all others. @default 'keep' */
  readonly barePods?: 'keep' | 'delete';
  /**
   * Whether its etcd member counts for the quorum: `lost` says that `llmos-nodes recover` made the cluster whole without it. That is
   * for the preview, which cannot look; right before each step etcd's own list decides, whatever is written here.
   * @default 'counts'
   */
  readonly vote?: 'counts' | 'lost';
}

/** A confirmation as people write it: the name alone, or with choices. */
export type RemovalConfirmation = string | ConfirmedRemoval;

const CHOICES = {
  removal: ['clean', 'unreachable', 'reinstall'],
  drain: ['fail', 'force'],
  barePods: ['keep', 'delete'],
  vote: ['counts', 'lost'],
} as const satisfies Record<Exclude<keyof ConfirmedRemoval, 'name'>, readonly string[]>;

/** Confirmations that could be read, and everything that is wrong with them. */
export interface RemovalConfirmations {
  /** One for each name. */
  readonly removals: readonly ConfirmedRemoval[];
  readonly problems: readonly ProblemProps[];
}

/**
 * Reads confirmations, whoever wrote them: a definition is typed, and a stack's configuration is not.
 * @param subject for messages: where they are written
 */
export function readConfirmations(written: unknown, subject: string): RemovalConfirmations {
  if (!Array.isArray(written)) return { removals: [], problems: [{ subject, value: shown(written), rule: 'it is a list', remedy: EXAMPLE }] };
  const entries = written.map((entry: unknown) => ({ entry, wrong: entryProblems(entry, subject) }));
  const legible = entries.filter(({ wrong }) => wrong.length === 0)
    .map(({ entry }) => (isObject(entry) ? { ...entry, name: String(entry.name) } : { name: String(entry) }) as ConfirmedRemoval);
  const { removals, problems } = mergeConfirmations([legible], subject);
  return { removals, problems: [...entries.flatMap(({ wrong }) => wrong), ...problems] };
}

/** Puts lists together. A name may be confirmed more than once, as long as it is confirmed in one way. */
export function mergeConfirmations(lists: readonly (readonly ConfirmedRemoval[])[], subject: string): RemovalConfirmations {
  const byName = new Map<string, ConfirmedRemoval>();
  const contradicting = new Set<string>();
  for (const confirmed of lists.flat()) {
    const before = byName.get(confirmed.name);
    if (before && !isSameRemoval(before, confirmed)) contradicting.add(confirmed.name);
    byName.set(confirmed.name, before ?? confirmed);
  }
  return {
    removals: [...byName.values()],
    problems: [...contradicting].map(name => ({
      subject, value: name, rule: 'this removal is confirmed more than once, in different ways, and only one can be meant', remedy: 'delete all but one',
    })),
  };
}

const EXAMPLE = "write a name, 'm2', or { name: 'm2', removal: 'unreachable' }";

function entryProblems(entry: unknown, subject: string): ProblemProps[] {
  // What `pulumi config set` takes for a number is a name here.
  if (isName(entry)) return [];
  if (!isObject(entry) || !isName(entry.name)) {
    return [{ subject, value: shown(entry), rule: 'removals are confirmed by the full name of the node, one by one', remedy: EXAMPLE }];
  }
  return Object.entries(entry).filter(([key]) => key !== 'name').flatMap(([key, value]) => {
    const written = `${key}: ${shown(value)}`;
    const allowed: readonly unknown[] | undefined = Object.hasOwn(CHOICES, key) ? CHOICES[key as keyof typeof CHOICES] : undefined;
    if (!allowed) return [{ subject: `${subject} of '${entry.name}'`, value: written, rule: 'there is no such choice', remedy: `the choices are ${Object.keys(CHOICES).join(', ')}` }];
    if (value === undefined || allowed.includes(value)) return [];
    return [{ subject: `${subject} of '${entry.name}'`, value: written, rule: 'that cannot be chosen', remedy: `write one of ${allowed.map(each => `'${each}'`).join(', ')}, or leave it out` }];
  });
}

/**
 * What to type to confirm removals beside those that the stack's list has. An index that is taken would be overwritten, and a text
 * is replaced by the first path that is set into it.
 * @param listed how many entries `llmos:confirmRemoval` has, or what it says where it is a text
 */
export function howToConfirm(names: readonly string[], listed: number | string = 0): string {
  if (typeof listed === 'string') return `pulumi config set llmos:confirmRemoval '${[listed, ...names].join(', ')}'`;
  return names.map((name, index) => `pulumi config set --path 'llmos:confirmRemoval[${listed + index}]' ${name}`).join(' && ');
}

/** Whether two confirmations mean the same. */
export function isSameRemoval(a: ConfirmedRemoval, b: ConfirmedRemoval): boolean {
  return a.name === b.name && (Object.keys(CHOICES) as (keyof typeof CHOICES)[]).every(key => (a[key] ?? CHOICES[key][0]) === (b[key] ?? CHOICES[key][0]));
}

function isName(value: unknown): value is string | number {
  return (typeof value === 'string' && value.trim() !== '') || typeof value === 'number';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value) ?? String(value);
}
