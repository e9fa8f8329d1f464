import { FINDING_KINDS, type FindingKind, type ImpactReport } from './impact-report';

/**
 * The exit status of each finding. 1 is left to a command that failed for another reason.
 */
export const EXIT_CODES: Readonly<Record<FindingKind, number>> = { unknown: 2, invalid: 3, unsafe: 4, unconfirmed: 5, lowered: 6 };

/** From which finding on a change fails: that one and every worse one. `never` reports only. */
export type FailOn = FindingKind | 'never';

/** What `--fail-on` takes, the strictest last. */
export const FAIL_ON: readonly FailOn[] = ['never', ...FINDING_KINDS];

/**
 * The exit status of a report: 0 where nothing that counts speaks against the change, else the code of the worst finding.
 *
 * @param failOn the mildest finding that counts. @default 'lowered' - every finding counts
 */
export function exitCode({ findings }: Pick<ImpactReport, 'findings'>, failOn: FailOn = 'lowered'): number {
  if (failOn === 'never') return 0;
  const counts = FINDING_KINDS.slice(0, FINDING_KINDS.indexOf(failOn) + 1);
  const worst = counts.find(kind => findings.some(finding => finding.kind === kind));
  return worst === undefined ? 0 : EXIT_CODES[worst];
}
