import { Problem, type ProblemProps } from '../problem';

/** Why there is no report: what was read does not say (`unknown`), or it says what cannot be (`invalid`). */
export class InputProblem extends Problem {
  /** Which exit code it is worth; see `EXIT_CODES`. */
  readonly kind: 'unknown' | 'invalid';

  constructor(kind: 'unknown' | 'invalid', props: ProblemProps) {
    super(props);
    this.name = 'InputProblem';
    this.kind = kind;
  }
}
