/** `1 voter`, `3 voters`. */
export function count(quantity: number, noun: string): string {
  return `${quantity} ${noun}${quantity === 1 ? '' : 's'}`;
}

/** `a`, `a or b`, `a, b or c`. */
export function list(items: readonly string[], conjunction: 'or' | 'and' = 'or'): string {
  return items.length < 2 ? items.join() : `${items.slice(0, -1).join(', ')} ${conjunction} ${items.at(-1)}`;
}
