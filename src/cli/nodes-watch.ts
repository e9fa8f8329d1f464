import { setTimeout as delay } from 'node:timers/promises';

import type { RemovedNode } from '../llmos/removed-node';
import type { NodeView } from '../membership/ports/cluster-api';
import { Problem } from '../problem';
import type { LiveCluster, LiveMembers } from './live-cluster';
import type { DeclaredCluster } from './nodes-declared';
import { nodesReport, type NodesReport } from './nodes-report';

/** Between two looks at what no watch tells of: the members' health, the stack, the removed names. */
const LOOK_MILLISECONDS = 2000;
/** Many changes that come at once are one. */
const GATHER_MILLISECONDS = 200;
/** Between two tries to reach a cluster that does not answer. */
const PAUSE_MILLISECONDS = 1000;

export interface WatchProps {
  readonly cluster: Pick<LiveCluster, 'watchNodes' | 'members' | 'removedNodes'>;
  /** Reads what is declared by now. @default - nothing is known of it */
  readonly declared?: () => Promise<DeclaredCluster>;
  /**
   * Is told of every change, and of each look at the members.
   * @param trouble why what is shown may be out of date
   */
  readonly show: (report: NodesReport, trouble?: string) => void;
  readonly signal: AbortSignal;
}

/** Follows a cluster until `signal` aborts. What does not answer meanwhile is no reason to stop. */
export async function watchCluster({ cluster, declared: readDeclared, show, signal: ended }: WatchProps): Promise<void> {
  const failed = new AbortController();
  const signal = AbortSignal.any([ended, failed.signal]);
  let nodes: (() => NodeView[]) | undefined;
  let removed: readonly RemovedNode[] = [];
  let members: LiveMembers | undefined;
  let declared = await readDeclared?.();
  let trouble: string | undefined;
  let planned: NodeJS.Timeout | undefined;

  let lookedFor = '';
  let bell = new AbortController();

  const draw = (): void => {
    planned = undefined;
    const views = nodes?.() ?? [];
    if (signal.aborted || (nodes === undefined && declared === undefined)) return;
    // One that came or went is in the members and in the stack as well: shown before they are read, it would look like a ghost.
    if (trouble === undefined && namesOf(views) !== lookedFor) return bell.abort();
    show(nodesReport({ nodes: views, removed, members: members ?? NOT_ASKED_YET }, declared), trouble);
  };
  const changed = (): void => { planned ??= setTimeout(draw, GATHER_MILLISECONDS); };

  const follow = (): Promise<void> => cluster.watchNodes(now => {
    [nodes, trouble] = [now, undefined];
    changed();
  }, signal);
  const look = async (): Promise<void> => {
    bell = new AbortController();
    const views = nodes?.() ?? [];
    try {
      [declared, members, removed] = await Promise.all([
        readDeclared?.() ?? declared,
        nodes === undefined || trouble !== undefined ? members : cluster.members(views),
        nodes === undefined || trouble !== undefined ? removed : cluster.removedNodes(),
      ]);
    } finally {
      lookedFor = namesOf(views);
      changed();
    }
  };

  // One that fails takes the other with it.
  const until = (work: Promise<void>): Promise<void> => work.finally(() => failed.abort());
  try {
    await Promise.all([
      until(again(signal, follow, error => {
        trouble = error.message;
        changed();
      }, () => delay(PAUSE_MILLISECONDS, undefined, { signal }))),
      until(again(signal, look, () => undefined, () => delay(LOOK_MILLISECONDS, undefined, { signal: AbortSignal.any([signal, bell.signal]) }))),
    ]);
  } finally {
    clearTimeout(planned);
  }
}

const NOT_ASKED_YET: LiveMembers = { members: [], from: 'members', ghosts: [] };

function namesOf(nodes: readonly NodeView[]): string {
  return nodes.map(({ name }) => name).sort().join();
}

/** Until `signal` aborts, whatever goes wrong that a person could mend meanwhile. */
async function again(signal: AbortSignal, work: () => Promise<void>, failed: (error: Problem) => void, pause: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      failed(error);
    }
    await pause().catch(() => undefined);
  }
}
