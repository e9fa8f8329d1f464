import { createColors } from 'picocolors';

import { figure } from '../impact/group-names';
import { printable } from '../impact/render/printable';
import { wrap } from '../impact/render/wrap';
import type { NodeReport } from './nodes-node';
import type { NodesReport } from './nodes-report';
import { urgency } from './nodes-state';
import { nodesTable, type TableOptions } from './nodes-table';

/** A terminal as the live view uses it; `process.stdout` is one. */
export interface Terminal {
  readonly columns: number;
  readonly rows: number;
  write(text: string): unknown;
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}

// The alternate screen, so that what was there before comes back; no cursor; nothing is wrapped.
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l';
const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l';
const HOME = '\x1b[H';
const REST_OF_LINE = '\x1b[K';
const REST_OF_SCREEN = '\x1b[J';

/** A picture of the cluster that is drawn again in place. */
export class NodesScreen {
  private last?: { readonly report: NodesReport; readonly shown: readonly NodeReport[]; readonly trouble?: string; readonly at: number };
  private readonly redraw = (): void => this.draw();

  /** @param title what is looked at: `stack prod` */
  constructor(private readonly terminal: Terminal, private readonly title: string, private readonly options: TableOptions) {
    terminal.write(ENTER);
    terminal.on('resize', this.redraw);
    // Also where something ends the process that nobody expected.
    process.on('exit', this.leave);
  }

  /** @param trouble why the report may be out of date */
  show(report: NodesReport, shown: readonly NodeReport[], trouble?: string): void {
    this.last = { report, shown, trouble, at: trouble === undefined ? Date.now() : this.last?.at ?? Date.now() };
    this.draw();
  }

  close(): void {
    this.terminal.off('resize', this.redraw);
    process.off('exit', this.leave);
    this.leave();
  }

  private readonly leave = (): void => { this.terminal.write(LEAVE); };

  private draw(): void {
    if (!this.last) return;
    const { columns: width, rows: height } = this.terminal;
    const { report, shown, trouble, at } = this.last;
    const colors = createColors(this.options.color ?? false);
    const time = new Date(at).toTimeString().slice(0, 8);
    const head = [
      `${colors.bold(this.title)}  ${countsOf(shown)}  ${colors.dim(`${time}, Ctrl-C ends it`)}`,
      ...(trouble === undefined ? [] : wrap(printable(`out of date: ${trouble.replace(/\s*\n\s*/g, ' ')}`), width, '', '  ').slice(0, 3).map(colors.red)),
      '',
    ];
    const table = nodesTable(report, { ...this.options, width, height: height - head.length }, shown);
    const lines = [...head, ...table.split('\n')].slice(0, height);
    this.terminal.write(HOME + lines.map(line => line + REST_OF_LINE).join('\r\n') + REST_OF_SCREEN);
  }
}

/** `6 Ready, 1 joining` */
function countsOf(nodes: readonly NodeReport[]): string {
  const counts = new Map<string, number>();
  for (const { state } of nodes) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => urgency(b) - urgency(a)).map(([state, count]) => `${figure(count)} ${state}`).join(', ');
}
