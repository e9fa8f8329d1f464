import { MAX_VOTERS, SIZES, checkSize, failureTolerance, majority, zoneFailureTolerance } from '../quorum';
import { count } from '../quorum/words';

const LARGEST = Math.max(...SIZES);

/** The table of the page on fault tolerance: what each number of management nodes survives, as Markdown. */
export function faultToleranceTable(): string {
  const rows = Array.from({ length: LARGEST }, (_, index) => index + 1).map(size => [
    String(size), String(majority(size)), String(failureTolerance(size)), advice(size),
  ]);
  return table(['management nodes', 'majority', 'may fail', ''], rows);
}

function advice(size: number): string {
  const verdict = checkSize(size);
  return verdict.ok ? 'allowed' : `${verdict.reason}; only with \`allowEven\``;
}

const MOST_ZONES = 7;

/** The same by zones: how many zones may be lost, whichever they are, where the nodes are spread as evenly as can be. */
export function zoneToleranceTable(): string {
  const zones = Array.from({ length: MOST_ZONES }, (_, index) => index + 1);
  const rows = SIZES.map(size => [
    String(size), ...zones.map(number => (number > size ? '' : String(zoneFailureTolerance(spread(size, number))))),
  ]);
  return table(['management nodes', ...zones.map(number => `in ${count(number, 'zone')}`)], rows);
}

/** The nodes' zones, dealt one after the other. */
function spread(size: number, zones: number): string[] {
  return Array.from({ length: size }, (_, index) => `zone ${index % zones}`);
}

/** What growing step by step passes through. */
export function growthTable(): string {
  const rows = Array.from({ length: MAX_VOTERS - 1 }, (_, index) => index + 1).map(size => [
    `${size} → ${size + 1}`, `${majority(size)} → ${majority(size + 1)}`, `${failureTolerance(size)} → ${failureTolerance(size + 1)}`,
  ]);
  return table(['a node joins', 'majority', 'may fail'], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map((_, column) => (head[column] === '' ? '---' : '---:')), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n');
}

/** The tables by the name that the page has for the place of each. */
export const FAULT_TOLERANCE_TABLES: Readonly<Record<string, () => string>> = { sizes: faultToleranceTable, zones: zoneToleranceTable, growth: growthTable };

/** The page with every table as it is now. A place looks like `<!-- table: sizes -->` … `<!-- end of table -->`. */
export function withFaultToleranceTables(page: string): string {
  return page.replace(/(<!-- table: (\w+) -->\n)[\s\S]*?(\n<!-- end of table -->)/g, (whole, begin: string, name: string, end: string) => {
    const make = FAULT_TOLERANCE_TABLES[name];
    return make === undefined ? whole : `${begin}${make()}${end}`;
  });
}
