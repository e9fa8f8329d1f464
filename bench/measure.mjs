// How a figure is had: ours and its floor in turn, a warm-up first, the median of the pairs' ratios. Taken together, in one run, the two
// meet the same noise, so that the ratio holds where neither of the times does.
const REPETITIONS = 5;
const WARM_UPS = 1;

/**
 * One benchmark's outcome.
 * @typedef {{ name: string, what: string, unit: string, target: number, holds: boolean, ratio?: Figures, ours?: Figures, floor?: Figures, bound?: string, reason?: string }} Result
 * @typedef {{ median: number, min: number, max: number }} Figures
 */

/** @param {readonly number[]} values @returns {Figures} */
export function figures(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return { median: sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2, min: sorted[0], max: sorted.at(-1) };
}

/**
 * Measures two things in turn.
 * @param {() => Promise<number>} ours
 * @param {() => Promise<number>} floor
 * @param {number} [repetitions]
 */
export async function inTurn(ours, floor, repetitions = REPETITIONS) {
  const pairs = [];
  for (let turn = -WARM_UPS; turn < repetitions; turn += 1) {
    // Whoever goes second finds caches warm, so they take turns in that, too.
    const pair = turn % 2 === 0 ? { ours: await ours(), floor: await floor() } : await swapped(ours, floor);
    if (turn >= 0) pairs.push(pair);
  }
  return pairs;
}

async function swapped(ours, floor) {
  const second = await floor();
  return { ours: await ours(), floor: second };
}

/**
 * @param {{ name: string, what: string, unit: string, target: number, bound?: string }} about `target` is the largest ratio that is aimed
 * at; `bound` says what is known to stop it, where something does, and then it is shown and nothing fails
 * @param {readonly { ours: number, floor: number }[]} pairs
 * @returns {Result}
 */
export function result({ name, what, unit, target, bound }, pairs) {
  const ratio = figures(pairs.map(pair => pair.ours / pair.floor));
  return { name, what, unit, target, holds: ratio.median <= target, bound, ratio, ours: figures(pairs.map(({ ours }) => ours)), floor: figures(pairs.map(({ floor }) => floor)) };
}

/**
 * A benchmark that is missed without a figure: it could not be measured here, or what it found outweighs any figure.
 * @param {Parameters<typeof result>[0]} about
 * @param {string} reason
 * @returns {Result}
 */
export function missed(about, reason) {
  return { ...about, holds: false, reason };
}
