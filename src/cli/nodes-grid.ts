import { createColors } from 'picocolors';

import type { Column } from './nodes-columns';
import type { NodeReport } from './nodes-node';

/** Between two columns, as kubectl has it. */
const GAP = 2;

export interface GridOptions {
  /** Columns are left out until lines are no longer than this. @default - none is */
  readonly width?: number;
  /** @default false */
  readonly color?: boolean;
  /** Milliseconds since the epoch, for ages. */
  readonly now: number;
}

/** Aligned columns without lines: kubectl's look. Of as many nodes as there are, so nothing in it is slow. */
export interface Grid {
  readonly head: string;
  /** In the order of the nodes. */
  readonly rows: readonly string[];
}

/** The nodes in columns. @param least widths that columns have at least, by their head */
export function grid(nodes: readonly NodeReport[], columns: readonly Column[], { width = Infinity, color = false, now }: GridOptions, least: ReadonlyMap<string, number> = new Map()): Grid {
  const colors = createColors(color);
  const cells = columns.map(({ cell }) => nodes.map(node => cell(node, now)));
  const widths = columns.map(({ head }, index) => cells[index]!.reduce((widest, cell) => Math.max(widest, cell.length), Math.max(head.length, least.get(head) ?? 0)));
  const shown = fitting(columns, widths, width);
  const line = (cellOf: (index: number) => string, paint: (index: number, cell: string) => string): string =>
    shown.map((index, place) => paint(index, cellOf(index)) + ' '.repeat(place === shown.length - 1 ? 0 : widths[index]! - cellOf(index).length + GAP)).join('').trimEnd();
  return {
    head: line(index => columns[index]!.head, (_, head) => colors.dim(head)),
    rows: nodes.map((_, row) => line(index => cells[index]![row]!, (index, cell) => columns[index]!.paint?.(cell, colors) ?? cell)),
  };
}

/** Indices of the columns that stay. */
function fitting(columns: readonly Column[], widths: readonly number[], width: number): number[] {
  let shown = columns.map((_, index) => index);
  const total = (): number => shown.reduce((sum, index) => sum + widths[index]! + GAP, -GAP);
  while (total() > width) {
    const [first] = shown.filter(index => columns[index]!.drop !== undefined).sort((a, b) => columns[a]!.drop! - columns[b]!.drop!);
    if (first === undefined) break;
    shown = shown.filter(index => index !== first);
  }
  return shown;
}
