import { Problem, formatProblem, type ProblemProps } from '../problem';

/** All problems in one message; a single one stands for itself. */
export function manyProblems(subject: string, problems: readonly ProblemProps[], remedy: string): Problem {
  if (problems.length === 1) return new Problem(problems[0]!);
  return new Problem({ subject, rule: `${problems.length} things are wrong:\n${problems.map(problem => `  - ${formatProblem(problem)}`).join('\n')}`, remedy });
}
