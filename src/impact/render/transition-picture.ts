import type { ImpactReport } from '../impact-report';
import { escapeHtml } from './escape';
import { rowsOf, type Row } from './rows';

/** In the units of the picture, which are pixels where it is not scaled. */
const SIZE = { names: 150, lane: 30, head: 46, zone: 26, figure: 26, chip: 30, letters: 16 } as const;

/** Columns are as wide as a page of that width lets them be, within what can be read and followed with the eye. */
const COLUMN = { page: 1010, least: 92, most: 170 } as const;

/** A management node and at which moments it votes. */
interface Lane {
  readonly name: string;
  readonly votes: readonly boolean[];
}

/**
 * The transition as an SVG: a lane for each management node, grouped by zone, a column for each moment, and under them what may
 * fail at that moment. Colours are classes that the page defines, so that they follow light and dark.
 */
export function transitionPicture(report: ImpactReport): string {
  const rows = rowsOf(report);
  if (rows.every(({ figures }) => figures.voters === 0)) return '';
  const zones = lanesByZone(rows);
  const grid = gridOf(rows.length);
  let y = SIZE.head;
  const drawn = [...zones].map(([zone, lanes]) => {
    const part = drawZone(zone, lanes, y, grid);
    y += SIZE.zone + lanes.length * SIZE.lane;
    return part;
  });
  const withZones = report.before?.zoneFailureTolerance !== undefined;
  const height = y + 2 * SIZE.figure + (withZones ? 2 : 1) * SIZE.chip + 12;
  return [
    `<svg viewBox="0 0 ${grid.width} ${height}" width="${grid.width}" height="${height}" role="img" aria-labelledby="picture-title picture-text">`,
    `<title id="picture-title">The voters step by step</title><desc id="picture-text">${escapeHtml(described(rows))}</desc>`,
    ...rows.map((row, column) => drawHead(row, column, grid, height)), ...drawn, drawFoot(rows, y, grid, withZones), '</svg>',
  ].join('\n');
}

/** Where the columns stand. */
interface Grid {
  readonly width: number;
  readonly left: (column: number) => number;
  readonly middle: (column: number) => number;
  readonly column: number;
}

function gridOf(columns: number): Grid {
  const column = Math.max(COLUMN.least, Math.min(COLUMN.most, Math.floor((COLUMN.page - SIZE.names) / columns)));
  const left = (index: number): number => SIZE.names + index * column;
  return { column, left, middle: index => left(index) + column / 2, width: left(columns) };
}

/** Every node that ever votes, in the zone where it stands last. */
function lanesByZone(rows: readonly Row[]): Map<string | undefined, Lane[]> {
  const zoneOf = new Map<string, string | undefined>();
  for (const { figures } of rows) for (const { zone, voters } of figures.zones) for (const name of voters) zoneOf.set(name, zone);
  const voting = rows.map(({ figures }) => new Set(figures.zones.flatMap(({ voters }) => voters)));
  const zones = new Map<string | undefined, Lane[]>();
  for (const [name, zone] of zoneOf) zones.set(zone, [...zones.get(zone) ?? [], { name, votes: voting.map(names => names.has(name)) }]);
  return new Map([...zones].sort(([a = '\uffff'], [b = '\uffff']) => (a < b ? -1 : 1)));
}

function drawHead({ label, step }: Row, column: number, { left, middle, column: width }: Grid, height: number): string {
  const sign = step?.action === 'join' ? '+' : '−';
  const text = step === undefined ? '' : `<text class="${step.action}" x="${middle(column)}" y="36" text-anchor="middle">${sign} ${shortened(step.node, 11)}</text>`;
  const stripe = column % 2 === 1 ? `<rect class="stripe" x="${left(column)}" y="0" width="${width}" height="${height}"/>` : '';
  return `${stripe}<text class="moment" x="${middle(column)}" y="${step === undefined ? 26 : 18}" text-anchor="middle">${step === undefined ? 'now' : `step ${label}`}</text>${text}`;
}

function drawZone(zone: string | undefined, lanes: readonly Lane[], top: number, grid: Grid): string {
  const name = zone === undefined ? 'zone not known' : `zone ${zone}`;
  return [
    `<line class="rule" x1="0" x2="${grid.width}" y1="${top}" y2="${top}"/><text class="zone" x="0" y="${top + 18}">${shortened(name, 24)}</text>`,
    ...lanes.map((lane, index) => drawLane(lane, top + SIZE.zone + index * SIZE.lane, grid)),
  ].join('\n');
}

/** A bar over all moments at which the node votes, with a dot at each; a ring shows where it comes or has just gone. */
function drawLane({ name, votes }: Lane, top: number, { middle }: Grid): string {
  const y = top + SIZE.lane / 2 - 4;
  const parts = [`<text class="node" x="12" y="${y + 5}">${shortened(name, SIZE.letters)}</text>`];
  votes.forEach((voting, column) => {
    const before = votes[column - 1];
    if (voting && before === true) parts.push(`<line class="votes" x1="${middle(column - 1)}" x2="${middle(column)}" y1="${y}" y2="${y}"/>`);
    if (!voting && before === true) parts.push(`<line class="leaves" x1="${middle(column - 1)}" x2="${middle(column)}" y1="${y}" y2="${y}"/>`);
  });
  votes.forEach((voting, column) => {
    const before = votes[column - 1];
    if (voting) parts.push(`<circle class="${before === false ? 'new' : 'voter'}" cx="${middle(column)}" cy="${y}" r="7"/>`);
    else if (before === true) parts.push(`<path class="gone" d="M${middle(column) - 5} ${y - 5}l10 10m0 -10l-10 10"/>`);
  });
  return parts.join('');
}

/** The figures of each moment. What may fail is a chip whose colour says how that compares with the moment before the change. */
function drawFoot(rows: readonly Row[], top: number, { middle, width }: Grid, withZones: boolean): string {
  const before = rows[0]!.figures;
  const line = (name: string, y: number, cell: (row: Row, x: number) => string): string =>
    `<text class="name" x="0" y="${y}">${name}</text>${rows.map((row, column) => cell(row, middle(column))).join('')}`;
  const figure = (y: number, key: 'voters' | 'majority') => (row: Row, x: number): string => `<text class="figure" x="${x}" y="${y}" text-anchor="middle">${row.figures[key]}</text>`;
  const chip = (y: number, key: 'failureTolerance' | 'zoneFailureTolerance') => ({ figures }: Row, x: number): string => {
    const [value, was] = [figures[key] ?? 0, before[key] ?? 0];
    const tone = chipTone(value, was, key);
    return `<rect class="chip ${tone}" x="${x - 20}" y="${y - 17}" width="40" height="24" rx="12"/><text class="chip-text ${tone}" x="${x}" y="${y}" text-anchor="middle">${value}</text>`;
  };
  const [first, second] = [top + SIZE.figure - 2, top + 2 * SIZE.figure - 4];
  return [
    `<line class="rule strong" x1="0" x2="${width}" y1="${top}" y2="${top}"/>`,
    line('voters', first, figure(first, 'voters')), line('majority', second, figure(second, 'majority')),
    line('may fail', second + SIZE.chip, chip(second + SIZE.chip, 'failureTolerance')),
    ...(withZones ? [line('zones may fail', second + 2 * SIZE.chip, chip(second + 2 * SIZE.chip, 'zoneFailureTolerance'))] : []),
  ].join('\n');
}

/** No failure tolerated is bad wherever it comes from; no zone that may be lost is what many clusters always have. */
function chipTone(value: number, before: number, key: 'failureTolerance' | 'zoneFailureTolerance'): 'good' | 'even' | 'warn' | 'bad' {
  if (value === 0) return value < before || key === 'failureTolerance' ? 'bad' : 'even';
  return value < before ? 'warn' : 'good';
}

/** What the picture shows, for those who hear it. */
function described(rows: readonly Row[]): string {
  return rows.map(({ label, change, figures }) => `${label === 'now' ? 'Now' : `Step ${label}, ${change}`}: ${figures.voters} voters, majority ${figures.majority}, ${figures.failureTolerance} may fail.`).join(' ');
}

function shortened(text: string, letters: number): string {
  const all = [...text];
  return escapeHtml(all.length <= letters ? text : `${all.slice(0, letters - 1).join('')}…`);
}
