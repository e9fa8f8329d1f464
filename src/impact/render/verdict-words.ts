import type { ImpactVerdict } from '../impact-report';

/** How a verdict is shown. */
export interface VerdictWords {
  /** Says it without any colour. */
  readonly sign: string;
  readonly word: string;
  readonly tone: 'good' | 'even' | 'warn' | 'bad';
}

export const VERDICT_WORDS: Readonly<Record<ImpactVerdict, VerdictWords>> = {
  raised: { sign: '▲', word: 'raised', tone: 'good' },
  kept: { sign: '✓', word: 'kept', tone: 'good' },
  unchanged: { sign: '✓', word: 'unchanged', tone: 'even' },
  lowered: { sign: '▼', word: 'lowered', tone: 'warn' },
  unconfirmed: { sign: '✗', word: 'not confirmed', tone: 'bad' },
  unsafe: { sign: '✗', word: 'unsafe', tone: 'bad' },
  invalid: { sign: '✗', word: 'invalid', tone: 'bad' },
  unknown: { sign: '?', word: 'cannot tell', tone: 'bad' },
};
