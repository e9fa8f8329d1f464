/** Names as people read them: a run of numbered ones is one entry, `w0001 … w9998`. */
export interface NameGroup {
  /** `w0001 … w9998`, or the name of a single one. */
  readonly text: string;
  readonly size: number;
}

/** Shorter runs are written out: `m4, m5` reads better than `m4 … m5`. */
const SHORTEST_RUN = 4;

/** Groups names that differ in the number they end with and follow one another, in the order they come. */
export function groupNames(names: readonly string[]): NameGroup[] {
  const groups: NameGroup[] = [];
  let run: string[] = [];
  const close = (): void => {
    if (run.length >= SHORTEST_RUN) groups.push({ text: `${run[0]} … ${run.at(-1)}`, size: run.length });
    else groups.push(...run.map(name => ({ text: name, size: 1 })));
    run = [];
  };
  for (const name of names) {
    if (run.length > 0 && name !== successor(run.at(-1)!)) close();
    run.push(name);
  }
  close();
  return groups;
}

/** `w0009` → `w0010`; undefined where a name ends with no number. */
function successor(name: string): string | undefined {
  const [, stem, digits] = /^(.*?)(\d+)$/.exec(name) ?? [];
  if (stem === undefined || digits === undefined || digits.length > 15) return undefined;
  return stem + String(Number(digits) + 1).padStart(digits.length, '0');
}

/** So many groups are written out before `and 12 more`. */
const SHOWN_GROUPS = 8;

/** `m4, m5`, `w0001 … w9998 (9,998)`, `a, b, c and 12 more`. */
export function shortList(names: readonly string[], shown = SHOWN_GROUPS): string {
  const groups = groupNames(names);
  const texts = groups.slice(0, shown).map(({ text, size }) => (size === 1 ? text : `${text} (${figure(size)})`));
  const rest = groups.slice(shown).reduce((sum, { size }) => sum + size, 0);
  return rest === 0 ? texts.join(', ') : `${texts.join(', ')} and ${figure(rest)} more`;
}

/** `9,998`: the same on every machine. */
export function figure(quantity: number): string {
  return quantity.toLocaleString('en-US');
}
