import type { Taint } from '../../llmos/node';
import type { V1Node, V1Taint } from './kubernetes-types';

/**
 * Which taints of the node are ours, as `key:Effect,key:Effect`: what makes two taints the same. Labels need no such note,
 * since the API server keeps the owner of each; `spec.taints` is one atomic list with one owner, shared with Kubernetes' own
 * taints (unschedulable, not-ready) and other people's.
 */
export const TAINTS_ANNOTATION = 'llmos-nodes/taints';

/** A node's taints as they should be. */
export interface OwnedTaints {
  readonly taints: readonly V1Taint[];
  /** Value of {@link TAINTS_ANNOTATION}. */
  readonly owned: string;
  readonly changed: boolean;
}

/**
 * Puts the declared taints on the node, takes off those that were declared before and are no longer, and leaves the others.
 * A taint of a declared key and effect is ours from then on, whoever made it.
 */
export function ownTaints({ metadata, spec }: V1Node, declared: readonly Taint[]): OwnedTaints {
  const present = spec?.taints ?? [];
  const before = metadata?.annotations?.[TAINTS_ANNOTATION];
  const wanted = new Map(declared.map((taint) => [idOf(taint), taint]));
  const ours = new Set([...(before?.split(',') ?? []), ...wanted.keys()]);
  const kept = present.filter((taint) => !ours.has(idOf(taint)) || sameValue(taint, wanted.get(idOf(taint))));
  const there = new Set(kept.map(idOf));
  const added = declared.filter((taint) => !there.has(idOf(taint))).map(({ key, value, effect }) => ({ key, value, effect }));
  const owned = [...wanted.keys()].sort().join(',');
  return {
    taints: [...kept, ...added],
    owned,
    changed: added.length > 0 || kept.length < present.length || owned !== (before ?? ''),
  };
}

function idOf({ key, effect }: Taint | V1Taint): string {
  return `${key}:${effect}`;
}

/** The API server writes a missing value as none, or as an empty one. */
function sameValue(present: V1Taint, wanted: Taint | undefined): boolean {
  return wanted !== undefined && (present.value ?? '') === (wanted.value ?? '');
}
