import { Problem } from '../problem';

/**
 * The environment variable for `llmos-nodes impact --stack`: what the report judges itself is let through, so that it can say more than
 * a refusal does. With it nothing can be carried out, so it cannot be used to walk round the gate.
 */
export const REPORT_ONLY = 'LLMOS_NODES_REPORT_ONLY';

export function reportsOnly(): boolean {
  return process.env[REPORT_ONLY] === 'true';
}

/** What the engine calls where it does not only look. */
const CHANGING = ['create', 'update', 'delete'];

/** The handler, with everything refused that would change something while only a report is wanted. */
export function guardedAgainstReporting<Handler extends object>(handler: Handler): Handler {
  return Object.fromEntries(Object.entries(handler).map(([name, method]: [string, (...args: unknown[]) => unknown]) => [
    name, CHANGING.includes(name) ? async (...args: unknown[]) => refuseWhereReporting() ?? method(...args) : method,
  ])) as Handler;
}

function refuseWhereReporting(): undefined {
  if (!reportsOnly()) return undefined;
  throw new Problem({
    subject: REPORT_ONLY, value: 'true', rule: 'it is set for a report, and then nothing is joined, changed or removed',
    remedy: `unset it (unset ${REPORT_ONLY}) and run the command again`,
  });
}
