import type Table from 'cli-table3';
import { createColors } from 'picocolors';

import type { Finding, ImpactFigures, ImpactReport, ImpactStep } from '../impact-report';
import { printable } from './printable';
import { dots, rowsOf, zoneCounts, type Row } from './rows';
import { sectionsOf } from './sections';
import { VERDICT_WORDS } from './verdict-words';
import { wrap } from './wrap';

export interface TextOptions {
  /** Escape sequences for colour; only for a terminal. @default false */
  readonly color?: boolean;
  /** Columns of the terminal. @default 100 */
  readonly width?: number;
}

type Colors = ReturnType<typeof createColors>;

/** Narrower ones are written as if they had so many columns. */
const NARROWEST = 40;

/** The report for a terminal: the verdict, the figures, the way step by step, and what else there is to know. */
export function renderText(report: ImpactReport, { color = false, width = 100 }: TextOptions = {}): string {
  const colors = createColors(color);
  const columns = Math.max(NARROWEST, width);
  const blocks = [
    headline(report, colors, columns),
    ...report.findings.map(finding => findingLines(finding, colors, columns)),
    figuresTable(report, colors),
    stepsTable(report, colors, columns),
    ...sectionsOf(report).map(({ title, items }) => [colors.bold(title), ...items.flatMap(item => wrap(printable(item), columns, '  - ', '    '))].join('\n')),
  ];
  return `${blocks.filter(block => block !== '').join('\n\n')}\n`;
}

function headline({ verdict, cluster, summary }: ImpactReport, colors: Colors, columns: number): string {
  const { sign, word, tone } = VERDICT_WORDS[verdict];
  const paint = { good: colors.green, even: colors.bold, warn: colors.yellow, bad: colors.red }[tone];
  const mark = `${sign} ${word.toUpperCase()}`;
  const [first = '', ...rest] = wrap(printable(`${mark}  ${cluster === undefined ? '' : `${cluster}: `}${summary}`), columns, '', '  ');
  return [colors.bold(paint(mark)) + first.slice(mark.length), ...rest].join('\n');
}

function findingLines({ kind, message, remedy }: Finding, colors: Colors, columns: number): string {
  const { word, tone } = VERDICT_WORDS[kind];
  const paint = tone === 'warn' ? colors.yellow : colors.red;
  const [first = '', ...rest] = wrap(printable(`${word}: ${message}`), columns, '  ', '    ');
  const said = `  ${paint(first.trim().slice(0, word.length))}${first.trim().slice(word.length)}`;
  return [said, ...rest, ...(remedy === undefined ? [] : wrap(printable(`→ ${remedy}`), columns, '    ', '      '))].join('\n');
}

function figuresTable({ before, after, lowest }: ImpactReport, colors: Colors): string {
  if (before === undefined || after === undefined) return '';
  const line = (name: string, key: keyof ImpactFigures & ('voters' | 'majority' | 'failureTolerance' | 'zoneFailureTolerance')): string[] => {
    const [was, is] = [before[key] ?? 0, after[key] ?? 0];
    const least = key === 'failureTolerance' || key === 'zoneFailureTolerance' ? lowest?.[key] : undefined;
    const changed = was === is ? String(was) : `${was} → ${paintChange(key, was, is, colors)}`;
    return [name, changed, least === undefined || least >= Math.min(was, is) ? '' : colors.yellow(`${least} on the way`)];
  };
  const table = plainTable([]);
  table.push(line('management nodes', 'voters'), line('majority', 'majority'), line('may fail', 'failureTolerance'));
  if (before.zoneFailureTolerance !== undefined || after.zoneFailureTolerance !== undefined) table.push(line('zones may fail', 'zoneFailureTolerance'));
  return lines(table).map(each => `  ${each}`).join('\n');
}

function paintChange(key: string, was: number, is: number, colors: Colors): string {
  if (!key.endsWith('Tolerance')) return colors.bold(String(is));
  return colors.bold(is > was ? colors.green(String(is)) : colors.yellow(String(is)));
}

interface Column {
  readonly head: string;
  readonly cell: (row: Row, colors: Colors) => string;
}

const STEP: Column = { head: 'STEP', cell: ({ label }) => label };
const CHANGE: Column = {
  head: 'CHANGE',
  cell: ({ change, step }, colors) => (step === undefined ? colors.dim(change) : `${step.action === 'join' ? colors.green('+') : colors.red('-')} ${printable(change)}`),
};
const VOTERS: Column = { head: 'VOTERS', cell: ({ figures }, colors) => dots(figures).replace(/○+/, open => colors.dim(open)) };
const MAY_FAIL: Column = { head: 'MAY FAIL', cell: ({ figures }, colors) => (figures.failureTolerance === 0 ? colors.yellow('none') : String(figures.failureTolerance)) };
const ZONES: Column = { head: 'ZONES', cell: ({ figures }) => printable(zoneCounts(figures)) };
const ZONES_MAY_FAIL: Column = { head: 'ZONES MAY FAIL', cell: ({ figures: { zoneFailureTolerance } }) => (zoneFailureTolerance === 0 ? 'none' : String(zoneFailureTolerance)) };
const GUARD: Column = { head: 'MEMBERS', cell: ({ step }, colors) => guard(step, colors) };

function guard(step: ImpactStep | undefined, colors: Colors): string {
  if (step?.health === undefined) return '';
  return step.health.safe ? colors.green('✓ allow it') : colors.red('✗ refuse it');
}

/** Columns are left out, the least important first, until the table fits. */
function stepsTable(report: ImpactReport, colors: Colors, columns: number): string {
  const rows = rowsOf(report);
  if (report.steps.length === 0) return '';
  const zones = rows.some(({ figures }) => figures.zoneFailureTolerance !== undefined);
  const all = [STEP, CHANGE, VOTERS, MAY_FAIL, ...(zones ? [ZONES, ZONES_MAY_FAIL] : []), ...(report.live === undefined ? [] : [GUARD])];
  const choices = [all, all.filter(column => column !== ZONES), all.filter(column => ![ZONES, ZONES_MAY_FAIL, MAY_FAIL].includes(column)), [STEP, CHANGE, VOTERS]];
  const drawn = choices.map(choice => draw(choice, rows, colors));
  const fitting = drawn.find(({ width }) => width <= columns) ?? drawn.at(-1)!;
  return `${fitting.text}\n${wrap('● needed for a majority, ○ may fail', columns, '  ', '  ').map(line => colors.dim(line)).join('\n')}`;
}

function draw(choice: readonly Column[], rows: readonly Row[], colors: Colors): { text: string; width: number } {
  const build = (painted: Colors): string[] => {
    const table = plainTable(choice.map(({ head }) => painted.dim(head)));
    table.push(...rows.map(row => choice.map(({ cell }) => cell(row, painted))));
    return lines(table).map(line => `  ${line}`);
  };
  return { text: build(colors).join('\n'), width: Math.max(...build(createColors(false)).map(line => line.length)) };
}

const NO_LINES = Object.fromEntries([
  'top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right',
  'left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle',
].map(part => [part, '']));

function plainTable(head: string[]): Table.Table {
  // Loaded here and not on top: whoever only declares a cluster should not wait for it.
  const TextTable = require('cli-table3') as typeof Table;
  return new TextTable({ head, chars: NO_LINES, style: { head: [], border: [], 'padding-left': 0, 'padding-right': 3 } });
}

function lines(table: Table.Table): string[] {
  return table.toString().split('\n').map(line => line.trimEnd());
}
