import { isDeepStrictEqual } from 'node:util';

import { columnsFor } from './nodes-columns';
import { grid } from './nodes-grid';
import type { NodeReport } from './nodes-node';
import { quorumLines, type QuorumReport } from './nodes-quorum';
import type { NodesReport } from './nodes-report';

/** One thing that has changed since the last look. */
export type NodeChange =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: NodeReport }
  | { readonly type: 'QUORUM'; readonly object: QuorumReport };

/** Tells what has changed from one report to the next: for pipes, as `kubectl get -w` does. */
export class NodesChanges {
  private readonly known = new Map<string, NodeReport>();
  private quorum?: QuorumReport;

  /** @param shown the nodes that are looked at */
  next({ quorum }: Pick<NodesReport, 'quorum'>, shown: readonly NodeReport[]): NodeChange[] {
    const names = new Set(shown.map(({ name }) => name));
    const gone = [...this.known.values()].filter(({ name }) => !names.has(name));
    const changed = shown.filter(node => !isDeepStrictEqual(node, this.known.get(node.name)));
    const changes: NodeChange[] = [
      ...changed.map(object => ({ type: this.known.has(object.name) ? 'MODIFIED' as const : 'ADDED' as const, object })),
      ...gone.map(object => ({ type: 'DELETED' as const, object })),
      ...(isDeepStrictEqual(quorum, this.quorum) ? [] : [{ type: 'QUORUM' as const, object: quorum }]),
    ];
    for (const { name } of gone) this.known.delete(name);
    for (const node of changed) this.known.set(node.name, node);
    this.quorum = quorum;
    return changes;
  }
}

/** Prints changes as rows of one table that goes on: the headings once, and columns that never get narrower. */
export class ChangesTable {
  private readonly widths = new Map<string, number>();
  private headed: boolean;

  constructor(private readonly wide: boolean, private readonly noHeaders: boolean) {
    this.headed = noHeaders;
  }

  /** @returns the lines to print; none where nothing has changed */
  lines(changes: readonly NodeChange[], { nodes }: Pick<NodesReport, 'nodes'>, now = Date.now()): string[] {
    const rows = changes.flatMap(({ type, object }) => (type === 'QUORUM' ? [] : [type === 'DELETED' ? { ...object, state: 'removed' } : object]));
    const columns = columnsFor(nodes, this.wide);
    for (const { head, cell } of columns) this.widths.set(head, rows.reduce((widest, node) => Math.max(widest, cell(node, now).length), this.widths.get(head) ?? 0));
    const { head, rows: lines } = grid(rows, columns, { now }, this.widths);
    const zones = new Map(nodes.map(({ name, zone }) => [name, zone]));
    const quorum = this.noHeaders ? [] : changes.flatMap(({ type, object }) => (type === 'QUORUM' ? quorumLines(object, name => zones.get(name)) : []));
    const heading = this.headed || rows.length === 0 ? [] : [head];
    this.headed ||= rows.length > 0;
    return [...heading, ...lines, ...quorum];
  }
}
