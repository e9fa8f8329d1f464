import { createColors } from 'picocolors';

import { figure } from '../impact/group-names';
import { wrap } from '../impact/render/wrap';
import { columnsFor } from './nodes-columns';
import { grid } from './nodes-grid';
import type { NodeReport } from './nodes-node';
import { notesOf } from './nodes-notes';
import { quorumLines } from './nodes-quorum';
import type { NodesReport } from './nodes-report';
import { urgency } from './nodes-state';

/** Where the table goes. */
export interface TableOptions {
  /** @default false */
  readonly color?: boolean;
  /** Columns of the terminal. @default - as wide as it gets */
  readonly width?: number;
  /** Lines of the terminal. @default - as many as there are */
  readonly height?: number;
  /** `-o wide` @default false */
  readonly wide?: boolean;
  /** Without the line of headings and without what stands under the table: for scripts. @default false */
  readonly noHeaders?: boolean;
  /** Milliseconds since the epoch. @default - now */
  readonly now?: number;
}

/**
 * The nodes and under them the quorum, for reading.
 * @param shown the nodes to show. @default - all
 */
export function nodesTable(report: NodesReport, { color = false, width, height = Infinity, wide = false, noHeaders = false, now = Date.now() }: TableOptions, shown: readonly NodeReport[] = report.nodes): string {
  const colors = createColors(color);
  const { head, rows } = grid(shown, columnsFor(report.nodes, wide), { width, color, now });
  if (noHeaders) return rows.join('\n');
  const zones = new Map(report.nodes.map(({ name, zone }) => [name, zone]));
  const [survives, left] = quorumLines(report.quorum, name => zones.get(name));
  const wrapped = (text: string): string[] => wrap(text, width ?? Infinity, '', '  ');
  const foot = [
    '', ...wrapped(survives!).map(line => colors.bold(line)), ...(left === undefined ? [] : wrapped(left).map(tone(report, colors))),
    ...notesOf(report, shown).flatMap(wrapped),
  ];
  const table = shown.length === 0 ? ['no nodes'] : [head, ...rows];
  if (table.length + foot.length <= height) return [...table, ...foot].join('\n');
  return [...fewer(table, shown, Math.max(3, height - foot.length)), ...foot].slice(0, height).join('\n');
}

/** Red where the majority is lost, yellow where nothing more may fail though some voter has. */
function tone({ quorum: { voters, healthy, mayFailNow } }: NodesReport, colors: ReturnType<typeof createColors>): (text: string) => string {
  if (healthy.length === voters.length) return text => text;
  return mayFailNow < 0 ? colors.red : colors.yellow;
}

/** What is under way or wrong and the management nodes are kept, in the order they are in; how many more there are is said. */
function fewer([head = '', ...rows]: readonly string[], nodes: readonly NodeReport[], lines: number): string[] {
  const room = Math.max(1, lines - 2);
  const weight = ({ state, drift, role }: NodeReport): number => urgency(state) - (drift.length > 0 ? 0.5 : 0) + (role === 'management' ? 0 : 10);
  const kept = new Set(nodes.map((node, index) => ({ index, weight: weight(node) })).sort((a, b) => a.weight - b.weight || a.index - b.index).slice(0, room).map(({ index }) => index));
  const states = new Map<string, number>();
  nodes.forEach(({ state }, index) => { if (!kept.has(index)) states.set(state, (states.get(state) ?? 0) + 1); });
  const more = [...states].map(([state, count]) => `${figure(count)} ${state}`).join(', ');
  return [head, ...rows.filter((_, index) => kept.has(index)), `… and ${figure(nodes.length - kept.size)} more: ${more}`];
}
