/** `name ratio floor unit`, and how far the figures lay apart. @param {import('./measure.mjs').Result} result */
export function line({ name, ratio, target, floor, unit, holds }) {
  const spread = `${round(ratio.min)} to ${round(ratio.max)}`;
  return `${name.padEnd(26)} ${`${round(ratio.median)} ×`.padStart(8)}  ${holds ? 'of' : 'OVER'} ${round(target)} ×  floor ${`${round(floor.median)} ${unit}`.padEnd(14)} spread ${spread}`;
}

/** Three digits that matter, and no more. */
export function round(value) {
  return String(value >= 100 ? Math.round(value) : Number(value.toPrecision(3)));
}
