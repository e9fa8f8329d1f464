import { ChangesTable, NodesChanges } from '../../src/cli/nodes-changes';
import { nodesReport } from '../../src/cli/nodes-report';
import { NodesScreen } from '../../src/cli/nodes-screen';
import { look, node } from './nodes-looks';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const all = nodesReport(look([node('m1'), node('w1')]));
const drained = nodesReport(look([node('m1'), node('w1', { unschedulable: true })]));
const left = nodesReport(look([node('m1')]));

test('on a pipe rows are printed when they change, under headings that come once', () => {
  const changes = new NodesChanges();
  const table = new ChangesTable(false, false);
  const printed = [all, all, drained, left].map(report => table.lines(changes.next(report, report.nodes), report, NOW).map(line => line.replace(/ +/g, ' ')));
  expect(printed).toEqual([
    [
      'NAME ROLE ZONE STATE VOTER ADDRESS VERSION CPU MEMORY GPU AGE',
      'm1 management - Ready yes 192.0.2.1 v1.34.4+k3s1 8 16.0Gi 0 60m',
      'w1 worker - Ready - 192.0.2.1 v1.34.4+k3s1 8 16.0Gi 0 60m',
      '1 management node: majority 1, tolerates no failure',
      '1 of 1 healthy, none may fail now',
    ],
    [],
    ['w1 worker - Ready,SchedulingDisabled - 192.0.2.1 v1.34.4+k3s1 8 16.0Gi 0 60m'],
    ['w1 worker - removed - 192.0.2.1 v1.34.4+k3s1 8 16.0Gi 0 60m'],
  ]);
});

test('columns stay where they are once a row was printed', () => {
  const changes = new NodesChanges();
  const table = new ChangesTable(false, true);
  const [first] = table.lines(changes.next(drained, [drained.nodes[1]!]), drained, NOW);
  const [second] = table.lines(changes.next(all, [all.nodes[1]!]), all, NOW);
  expect(second!.indexOf('192.0.2.1')).toBe(first!.indexOf('192.0.2.1'));
});

test('for programs a change has kubectl\'s words', () => {
  const changes = new NodesChanges();
  const types = [all, drained, left].map(report => changes.next(report, report.nodes).map(({ type }) => type));
  expect(types).toEqual([['ADDED', 'ADDED', 'QUORUM'], ['MODIFIED'], ['DELETED']]);
});

class Screen {
  written = '';
  listeners = 0;
  columns = 60;
  rows = 10;
  write(text: string) { this.written += text; }
  on() { this.listeners += 1; }
  off() { this.listeners -= 1; }
}

test('a terminal is left as it was', () => {
  const terminal = new Screen();
  const listeners = process.listenerCount('exit');
  const screen = new NodesScreen(terminal, 'prod', {});
  screen.show(all, all.nodes);
  screen.close();
  expect(terminal.written.startsWith('\x1b[?1049h\x1b[?25l\x1b[?7l')).toBe(true);
  expect(terminal.written.endsWith('\x1b[?7h\x1b[?25h\x1b[?1049l')).toBe(true);
  expect([terminal.listeners, process.listenerCount('exit')]).toEqual([0, listeners]);
});

test('a picture is never larger than the terminal', () => {
  const terminal = new Screen();
  const many = nodesReport(look(Array.from({ length: 50 }, (_, index) => node(`w${index}`))));
  const screen = new NodesScreen(terminal, 'prod', {});
  terminal.written = '';
  screen.show(many, many.nodes, 'API server: it is away; wait');
  const lines = terminal.written.replace('\x1b[H', '').replace('\x1b[J', '').split('\r\n').map(line => line.replace('\x1b[K', ''));
  screen.close();
  expect(lines.length).toBeLessThanOrEqual(terminal.rows);
  expect(lines[1]).toBe('out of date: API server: it is away; wait');
  expect(Math.max(...lines.slice(1).map(line => line.length))).toBeLessThanOrEqual(terminal.columns);
});
