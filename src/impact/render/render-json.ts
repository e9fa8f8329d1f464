import { FINDING_KINDS, REPORT_SCHEMA_VERSION, type ImpactReport } from '../impact-report';
import { InputProblem } from '../input-problem';

/** The report as JSON in the form of schemas/impact-report.schema.json. */
export function renderJson(report: ImpactReport): string {
  return `${JSON.stringify(report, undefined, 2)}\n`;
}

const VERDICTS: readonly unknown[] = [...FINDING_KINDS, 'unchanged', 'kept', 'raised'];
const LISTS = ['findings', 'steps', 'joins', 'removals', 'replacements', 'roleChanges', 'exposures', 'otherChanges'] as const;

/**
 * Reads a report that was written as JSON, to render it anew.
 *
 * @throws InputProblem where it is cut short, no report, or in the form of another version
 */
export function parseReport(json: string): ImpactReport {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    throw problem('it is no JSON, or cut short', 'make it again with `llmos-nodes impact --json`');
  }
  const report = (typeof parsed === 'object' && parsed !== null ? parsed : {}) as Partial<Record<keyof ImpactReport, unknown>>;
  if (typeof report.schemaVersion === 'number' && report.schemaVersion !== REPORT_SCHEMA_VERSION) {
    const older = report.schemaVersion < REPORT_SCHEMA_VERSION;
    throw problem(
      `its form is that of version ${report.schemaVersion}, and this llmos-nodes reads version ${REPORT_SCHEMA_VERSION}`,
      older ? 'make it again with this llmos-nodes' : 'use the llmos-nodes that made it',
    );
  }
  if (report.schemaVersion !== REPORT_SCHEMA_VERSION || !VERDICTS.includes(report.verdict) || !LISTS.every(key => Array.isArray(report[key]))) {
    throw problem('it is JSON, but no report', 'make it with `llmos-nodes impact --json`');
  }
  return parsed as ImpactReport;
}

function problem(rule: string, remedy: string): InputProblem {
  return new InputProblem('unknown', { subject: 'impact report', rule, remedy });
}
