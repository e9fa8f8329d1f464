import { lookAtCluster, type ClusterLook } from '../../membership/cluster-look';
import { isMendedInPlace, remedyOf, type Drift, type DriftKind } from '../../membership/drift';
import type { ClusterSession } from '../../membership/session';
import { formatProblem } from '../../problem';
import { reportWarning } from '../report-progress';
import type { FoundDrift } from '../state';
import { messageOf } from './provider';

const looks = new WeakMap<ClusterSession, Promise<ClusterLook>>();

/** One look at the cluster for all nodes that a refresh reads, however many they are. One that failed is tried again. */
export function lookOnce(session: ClusterSession): Promise<ClusterLook> {
  const known = looks.get(session);
  if (known) return known;
  const look = lookAtCluster(session);
  looks.set(session, look);
  look.catch(() => looks.delete(session));
  return look;
}

const said = new Set<string>();

/** Says that something keeps what was recorded of it. That a cluster does not answer is one piece of news, however many nodes it has. */
export function sayKept(what: string, error: unknown): void {
  const reason = messageOf(error);
  if (said.has(reason)) return;
  said.add(reason);
  console.log(`${what}, like everything that needs the same answer, is left as it was recorded: ${reason}`);
}

/** Says what a refresh has found of one node. */
export function warnOfDrift(name: string, drift: readonly Drift[]): void {
  for (const { kind, message, remedy } of drift) {
    // One with a remedy of its own has a subject of its own, too.
    reportWarning(remedy === undefined ? formatProblem({ subject: `node '${name}'`, rule: message, remedy: remedyOf(kind, name) }) : `${message}; ${remedy}`);
  }
}

/** These pass by themselves, often before anybody looks. */
const PASSING: readonly DriftKind[] = ['not ready', 'voter'];

/** Says in a preview what the latest refresh found and the preview does not show, because it is left as it is. */
export function recallDrift(name: string, drift: FoundDrift = {}): void {
  for (const [kind, message] of Object.entries(drift) as [DriftKind, string][]) {
    if (isMendedInPlace(kind) || PASSING.includes(kind)) continue;
    reportWarning(formatProblem({ subject: `node '${name}', as the latest refresh found it`, rule: message, remedy: remedyOf(kind, name) }));
  }
}
