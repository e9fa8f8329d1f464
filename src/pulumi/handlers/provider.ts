import { isDeepStrictEqual } from 'node:util';

/** What Pulumi's dynamic providers return from check. */
export interface CheckResult<Inputs> {
  readonly inputs: Inputs;
  readonly failures: { property: string; reason: string }[];
}

/** Without a property the engine shows the reason alone; with one, it puts the property's whole value before it. */
export function failure(reason: string): { property: string; reason: string } {
  return { property: '', reason };
}

/** What Pulumi's dynamic providers return from diff. */
export interface DiffResult {
  readonly changes: boolean;
  readonly replaces?: string[];
  readonly deleteBeforeReplace?: boolean;
}

/** The keys whose values differ; an absent value, null and an empty list or map mean the same. */
export function changedKeys<Key extends string>(
  olds: { readonly [key in Key]?: unknown }, news: { readonly [key in Key]?: unknown }, keys: readonly Key[],
): Key[] {
  return keys.filter(key => !isDeepStrictEqual(normal(olds[key]), normal(news[key])));
}

function normal(value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  return typeof value === 'object' && Object.keys(value).length === 0 ? undefined : value;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Pulumi's protocol has no `undefined`: what is absent must be left out, at every depth. */
export function storable<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/**
 * An error as a dynamic provider must throw it: the engine shows the message, and beside it the provider prints the error with
 * its stack, which would be frames of this library.
 */
export function plain(error: unknown, what: string): Error {
  return Object.assign(new Error(messageOf(error)), { stack: 'the reason follows', toString: () => what });
}
