import { writeFile } from 'node:fs/promises';

import { renderHtml, renderJson, renderMarkdown, renderText, type ImpactReport } from '../impact';
import { Problem } from '../problem';

/** Where text goes: a terminal has columns and colours. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** One form of the report and where it goes. */
export interface ReportOutput {
  readonly format: keyof typeof RENDERERS;
  /** @default - standard output */
  readonly file?: string;
}

const RENDERERS = {
  text: (report: ImpactReport, { isTTY = false, columns }: Screen) => renderText(report, { color: isTTY && !process.env.NO_COLOR, width: isTTY ? columns : undefined }),
  markdown: renderMarkdown,
  html: renderHtml,
  json: renderJson,
} as const;

export const FORMATS = Object.keys(RENDERERS) as readonly ReportOutput['format'][];

/** `markdown` or `markdown=comment.md`. @throws Problem for a form that does not exist */
export function parseOutput(written: string): ReportOutput {
  const [, format = written, file] = /^([^=]*)=(.+)$/.exec(written) ?? [];
  const known = FORMATS.find(each => each === format);
  if (!known) {
    throw new Problem({ subject: 'output', value: written, rule: `a report is ${FORMATS.join(', ')}`, remedy: 'write it like -o markdown, or -o markdown=comment.md for a file' });
  }
  return { format: known, file };
}

/** @throws Problem where two would go to standard output */
export function checkOutputs(outputs: readonly ReportOutput[]): void {
  const shown = outputs.filter(({ file }) => file === undefined).map(({ format }) => format);
  if (shown.length < 2) return;
  throw new Problem({
    subject: 'output', value: shown.join(', '), rule: 'one of them can go to standard output', remedy: `give the others a file: -o ${shown[1]}=report.${shown[1] === 'markdown' ? 'md' : shown[1]}`,
  });
}

/** Writes every form where it belongs. @throws Problem for a file that cannot be written */
export async function writeReport(report: ImpactReport, outputs: readonly ReportOutput[], screen: Screen): Promise<void> {
  for (const { format, file } of outputs) {
    const text = RENDERERS[format](report, file === undefined ? screen : {});
    if (file === undefined) {
      console.log(text.trimEnd());
      continue;
    }
    await writeFile(file, text).catch((error: NodeJS.ErrnoException) => {
      throw new Problem({ subject: 'output', value: file, rule: `it cannot be written (${error.code})`, remedy: 'name a file in a folder that is there' });
    });
  }
}
