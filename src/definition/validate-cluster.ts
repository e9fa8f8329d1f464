import type { IConstruct } from 'constructs';

/** A definition that cannot be carried out. Its message lists everything that is wrong with it, and needs no stack trace. */
export class DefinitionError extends Error {
  /** One line each: `[construct path] subject (value): rule; remedy`. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`Validation failed with the following errors:\n  ${problems.join('\n  ')}`);
    this.name = 'DefinitionError';
    this.problems = problems;
    // Where the definition was found wrong is of no use to whoever wrote it.
    this.stack = this.message;
  }
}

/**
 * Checks a chart with everything below it, just as synthesis does.
 *
 * @throws DefinitionError one error with all problems
 */
export function validateCluster(chart: IConstruct): void {
  const problems = chart.node.findAll().flatMap(({ node }) => node.validate().map((problem) => `[${node.path}] ${problem}`));
  if (problems.length > 0) {
    throw new DefinitionError(problems);
  }
}
