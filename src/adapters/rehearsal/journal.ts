import type { Host } from './state';

/** Lines a host keeps: what is tried for ever must not fill its file. */
const KEPT_LINES = 60;

/** One line of llmos.service's journal. */
export function say({ bootstrap }: Host, line: string): void {
  if (bootstrap.state !== 'running') return;
  bootstrap.journal.push(line);
  const over = bootstrap.journal.length - KEPT_LINES;
  if (over <= 0) return;
  bootstrap.journal.splice(0, over);
  bootstrap.dropped += over;
}
