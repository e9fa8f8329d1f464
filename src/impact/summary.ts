import { count } from '../quorum/words';
import { figure } from './group-names';
import type { FindingKind, ImpactReport } from './impact-report';

/** Where the figures are not known: a preview that was refused holds nothing but the reasons. */
const REFUSED: Readonly<Record<FindingKind | 'nothing', string>> = {
  nothing: 'no LLMOS node is touched',
  unknown: 'it cannot be told what the change does',
  invalid: 'the definition breaks a rule, so nothing is carried out',
  unsafe: 'the preview was refused: there is no safe way',
  unconfirmed: 'the preview was refused: a removal is not confirmed',
  lowered: 'less is tolerated afterwards',
};

/** The report in one sentence, figures first. */
export function summarise(report: Omit<ImpactReport, 'summary'>): string {
  const { verdict, before, after, findings } = report;
  if (before === undefined || after === undefined) {
    return REFUSED[findings[0]?.kind ?? 'nothing'];
  }
  if (before.voters === 0) return `a new cluster of ${managementNodes(after.voters)} that tolerates ${failures(after.failureTolerance)}`;
  if (after.voters === 0) return `the cluster of ${managementNodes(before.voters)} is destroyed`;
  if (verdict === 'unchanged') return `the same ${managementNodes(after.voters)}, tolerating ${failures(after.failureTolerance)}`;
  const voters = before.voters === after.voters ? `still ${managementNodes(after.voters)}` : `${before.voters} → ${managementNodes(after.voters)}`;
  const tolerance = before.failureTolerance === after.failureTolerance ? 'as before' : `instead of ${before.failureTolerance === 0 ? 'none' : before.failureTolerance}`;
  return `${voters}, tolerating ${failures(after.failureTolerance)} ${tolerance}`;
}

function managementNodes(voters: number): string {
  return `${figure(voters)} management node${voters === 1 ? '' : 's'}`;
}

function failures(tolerance: number): string {
  return tolerance === 0 ? 'no failure' : count(tolerance, 'failure');
}
