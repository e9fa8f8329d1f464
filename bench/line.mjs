/** `name ratio floor unit`, and how far the figures lay apart. @param {import('./measure.mjs').Result} result */
export function line({ name, ratio, target, floor, unit, holds, bound, reason }) {
  if (!ratio) return `${name.padEnd(26)}   missed: ${reason}`;
  const spread = `${round(ratio.min)} to ${round(ratio.max)}`;
  return `${name.padEnd(26)} ${`${round(ratio.median)} ×`.padStart(8)}  ${holds ? 'of' : 'OVER'} ${round(target)} ×  floor ${`${round(floor.median)} ${unit}`.padEnd(14)} spread ${spread}${holds || !bound ? '' : `  bounded: ${bound}`}`;
}

/** Three digits that matter, and no more. */
export function round(value) {
  return String(value >= 100 ? Math.round(value) : Number(value.toPrecision(3)));
}
