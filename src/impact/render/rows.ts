import type { ImpactFigures, ImpactReport, ImpactStep } from '../impact-report';

/** A moment of the transition, as every view shows it. */
export interface Row {
  readonly figures: ImpactFigures;
  /** `now`, `1`, `2`… */
  readonly label: string;
  /** `m4 joins in zone a`; empty for the moment before. */
  readonly change: string;
  /** @default - the moment before the change */
  readonly step?: ImpactStep;
}

/** The moment before and every step. Empty where the figures are not known. */
export function rowsOf({ before, steps }: ImpactReport): Row[] {
  if (before === undefined) return [];
  return [
    { figures: before, label: 'now', change: before.voters === 0 ? 'no cluster' : 'before the change' },
    ...steps.map(step => ({ figures: step, label: String(step.number), change: describeStep(step), step })),
  ];
}

const WHY: Readonly<Record<ImpactStep['reason'], Readonly<Record<ImpactStep['action'], string>>>> = {
  join: { join: 'joins', remove: 'leaves' },
  removal: { join: 'joins', remove: 'leaves' },
  replacement: { join: 'joins on its new machine', remove: 'leaves its old machine' },
  role: { join: 'joins, no longer a worker', remove: 'leaves and becomes a worker' },
  'left over': { join: 'joins', remove: 'leaves, left over from an earlier run' },
  dead: { join: 'joins', remove: 'is dead and is taken out' },
};

function describeStep({ node, action, reason }: ImpactStep): string {
  return `${node} ${WHY[reason][action]}`;
}

/** `●●○`: so many are needed for a majority, the others may fail. */
export function dots({ majority, failureTolerance }: ImpactFigures): string {
  return '●'.repeat(majority) + '○'.repeat(failureTolerance);
}

/** `a 2 · b 1`, `without a zone 1`. */
export function zoneCounts({ zones }: ImpactFigures): string {
  return zones.map(({ zone, voters }) => `${zone ?? 'no zone'} ${voters.length}`).join(' · ');
}
