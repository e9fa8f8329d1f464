import { failureTolerance } from './majority';
import { count } from './words';

/** The sizes a management membership may have: odd, and small enough that each write is quick to agree on. */
export const SIZES: readonly number[] = [1, 3, 5, 7];

const LARGEST = Math.max(...SIZES);

/**
 * The most voters at any moment of a transition. Above the largest size, because new members join before old ones leave;
 * not far above, because every write has to reach a majority of them.
 */
export const MAX_VOTERS = 9;

/** Whether a number of management nodes is a sensible one. */
export type SizeVerdict =
  | { readonly ok: true }
  | {
      readonly ok: false;
      /** The rule that is broken and what follows from it, without the remedy. */
      readonly reason: string;
      /** The allowed sizes next to it, smaller one first: what to use instead. Never empty. */
      readonly nearest: readonly number[];
      /** Nothing but evenness is wrong, so someone with a reason may allow it; never true above 7. */
      readonly even: boolean;
    };

/** Checks a number of management nodes: odd, from 1 to 7. Never throws. */
export function checkSize(size: number): SizeVerdict {
  if (SIZES.includes(size)) {
    return { ok: true };
  }
  if (!Number.isInteger(size)) {
    return { ok: false, reason: 'a number of nodes is a whole number', nearest: SIZES, even: false };
  }
  const nearest = [...SIZES.filter((allowed) => allowed < size).slice(-1), ...SIZES.filter((allowed) => allowed > size).slice(0, 1)];
  const even = size > 0 && size < LARGEST;
  return { ok: false, reason: even ? whyNotEven(size) : whyOutOfRange(size), nearest, even };
}

function whyOutOfRange(size: number): string {
  return size < 1
    ? 'a cluster needs at least 1 management node'
    : `more than ${LARGEST} management nodes slow every write down, which a majority of them has to store`;
}

function whyNotEven(size: number): string {
  if (size === 2) {
    return 'losing either of 2 management nodes stops the cluster, so 2 are worse than 1';
  }
  const tolerated = count(failureTolerance(size), 'failure');
  return `${size} management nodes tolerate ${tolerated}, no more than ${size - 1} do, and there is one more node to fail`;
}
