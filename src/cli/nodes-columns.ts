import type { createColors } from 'picocolors';

import type { NodeReport } from './nodes-node';

type Colors = ReturnType<typeof createColors>;

/** One column of the table. */
export interface Column {
  readonly head: string;
  readonly cell: (node: NodeReport, now: number) => string;
  /** @default - it has no colour */
  readonly paint?: (cell: string, colors: Colors) => string;
  /** Where the table is wider than the terminal, the column with the lowest goes first. @default - it always stays */
  readonly drop?: number;
  /** Only with `-o wide`. @default false */
  readonly wide?: boolean;
}

/** In the order they are shown. docs/nodes.md has the order in which they go. */
export const COLUMNS: readonly Column[] = [
  { head: 'NAME', cell: ({ name }) => name },
  { head: 'ROLE', cell: ({ role }) => role, drop: 12 },
  { head: 'ZONE', cell: ({ zone }) => zone ?? '-', drop: 11 },
  { head: 'STATE', cell: ({ state }) => state, paint: paintState },
  { head: 'VOTER', cell: voter, paint: (cell, colors) => (cell === 'no answer' ? colors.red(cell) : cell === 'learner' ? colors.yellow(cell) : cell) },
  { head: 'ADDRESS', cell: ({ externalAddress, internalAddress }) => externalAddress ?? internalAddress ?? '-', drop: 9 },
  { head: 'VERSION', cell: ({ version }) => version || '-', drop: 8 },
  { head: 'CPU', cell: ({ cpu }) => cpu || '-', drop: 4 },
  { head: 'MEMORY', cell: ({ memory }) => (memory ? readable(memory) : '-'), drop: 5 },
  { head: 'GPU', cell: ({ gpu }) => gpu || '-', drop: 6 },
  { head: 'AGE', cell: ({ createdAt }, now) => (createdAt === undefined ? '-' : age(createdAt, now)), drop: 7 },
  { head: 'DECLARED', cell: ({ declared }) => declared ?? '-', paint: (cell, colors) => (cell === 'yes' ? cell : colors.yellow(cell)), drop: 10 },
  { head: 'DRIFT', cell: ({ drift }) => [...new Set(drift.map(({ kind }) => kind))].join(',') || '-', paint: (cell, colors) => (cell === '-' ? cell : colors.yellow(cell)), drop: 13 },
  { head: 'INTERNAL-IP', cell: ({ internalAddress }) => internalAddress ?? '-', drop: 3, wide: true },
  { head: 'MACHINE-ID', cell: ({ machineId }) => machineId || '-', drop: 1, wide: true },
  { head: 'TAINTS', cell: ({ taints }) => taints.join(',') || '-', drop: 2, wide: true },
];

/** Those that make sense of these nodes: without a declaration there is nothing to compare, though etcd and the Nodes may still differ. */
export function columnsFor(nodes: readonly NodeReport[], wide: boolean): Column[] {
  const isDeclared = nodes.some(({ declared }) => declared !== undefined);
  const left = isDeclared ? [] : ['DECLARED', ...(nodes.some(({ drift }) => drift.length > 0) ? [] : ['DRIFT'])];
  return COLUMNS.filter(({ head, wide: onlyWide }) => (wide || !onlyWide) && !left.includes(head));
}

function voter({ voter: votes, healthy }: NodeReport): string {
  if (votes === undefined) return '-';
  if (!votes) return 'learner';
  return healthy ? 'yes' : 'no answer';
}

function paintState(state: string, colors: Colors): string {
  if (state === 'Ready') return colors.green(state);
  return /^(NotReady|gone|no Node)/.test(state) ? colors.red(state) : colors.yellow(state);
}

/** Kubernetes writes memory in Ki; people read Gi. */
function readable(quantity: string): string {
  const [, kibibytes] = /^(\d+)Ki$/.exec(quantity) ?? [];
  return kibibytes === undefined ? quantity : `${(Number(kibibytes) / 2 ** 20).toFixed(1)}Gi`;
}

/** As kubectl shows it: the largest unit that says enough. */
function age(createdAt: string, now: number): string {
  const seconds = Math.max(0, Math.floor((now - Date.parse(createdAt)) / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 2 * 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}
