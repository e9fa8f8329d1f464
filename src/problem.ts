/**
 * One thing that is wrong, said the way every message of this library is said:
 * subject (value): the rule; the remedy.
 */
export interface ProblemProps {
  /** What is wrong: `management pool 'management'`, `machine 'm2'`. */
  readonly subject: string;
  /** The offending value as the user wrote it. Never a secret. @default - none is shown */
  readonly value?: string;
  /** The rule that was broken and what follows from breaking it. */
  readonly rule: string;
  /** What to type or change. */
  readonly remedy: string;
}

/** An error made for reading: its message needs no stack trace and holds no secret. */
export class Problem extends Error {
  readonly props: ProblemProps;

  constructor(props: ProblemProps) {
    super(formatProblem(props));
    this.name = 'Problem';
    this.props = props;
    // The message says what to do; frames of this library would only bury it.
    this.stack = this.message;
  }
}

/** `subject (value): rule; remedy` */
export function formatProblem({ subject, value, rule, remedy }: ProblemProps): string {
  const shown = value === undefined ? '' : ` (${value})`;
  return `${subject}${shown}: ${rule}; ${remedy}`;
}
