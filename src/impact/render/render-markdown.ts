import type { ImpactFigures, ImpactReport } from '../impact-report';
import { escapeMarkdown } from './escape';
import { mermaidSteps, mermaidZones } from './mermaid';
import { dots, rowsOf, zoneCounts } from './rows';
import { sectionsOf, type Section } from './sections';
import { VERDICT_WORDS } from './verdict-words';

/** The first line of every comment, by which a bot finds its own one to update. It never changes. */
export const MARKDOWN_MARKER = '<!-- llmos-nodes impact -->';

/** More steps than that are folded away: the picture shows them. */
const OPEN_STEPS = 6;

/** The report as a pull-request comment: verdict, reasons, figures, a Mermaid picture, and the detail folded. */
export function renderMarkdown(report: ImpactReport): string {
  const { sign, word } = VERDICT_WORDS[report.verdict];
  const cluster = report.cluster === undefined ? '' : ` · ${escapeMarkdown(report.cluster)}`;
  const blocks = [
    `${MARKDOWN_MARKER}\n## ${sign} Quorum: ${word}${cluster}`,
    `**${escapeMarkdown(capitalised(report.summary))}.**`,
    findings(report),
    figuresTable(report),
    ...(report.steps.length === 0 ? [] : [mermaidSteps(report)]),
    stepsTable(report),
    hasZones(report) && report.steps.length > 0 ? `**Zones**\n\n${mermaidZones(report)}` : '',
    ...sectionsOf(report).map(section => (section.title === 'Risked on the way' ? open(section) : folded(`${section.title} (${section.items.length})`, list(section)))),
  ];
  return `${blocks.filter(block => block !== '').join('\n\n')}\n`;
}

function findings({ findings: found }: ImpactReport): string {
  return found.map(({ kind, message, remedy }) => {
    const cry = kind === 'lowered' ? 'WARNING' : 'CAUTION';
    const next = remedy === undefined ? '' : `\n>\n> ${escapeMarkdown(capitalised(remedy))}.`;
    return `> [!${cry}]\n> **${capitalised(VERDICT_WORDS[kind].word)}**: ${escapeMarkdown(message)}${next}`;
  }).join('\n\n');
}

const FIGURES = [
  ['management nodes', 'voters'], ['majority', 'majority'], ['may fail', 'failureTolerance'], ['zones may fail', 'zoneFailureTolerance'],
] as const satisfies readonly (readonly [string, keyof ImpactFigures])[];

function figuresTable({ before, after, lowest }: ImpactReport): string {
  if (before === undefined || after === undefined) return '';
  const rows = FIGURES.filter(([, key]) => before[key] !== undefined || after[key] !== undefined).map(([name, key]) => {
    const least = key === 'failureTolerance' || key === 'zoneFailureTolerance' ? lowest?.[key] : undefined;
    return `| ${name} | ${before[key] ?? 0} | ${after[key] === before[key] ? after[key] : `**${after[key] ?? 0}**`} | ${least ?? ''} |`;
  });
  return ['| | before | after | lowest on the way |', '|---|---:|---:|---:|', ...rows].join('\n');
}

function stepsTable(report: ImpactReport): string {
  if (report.steps.length === 0) return '';
  const zones = hasZones(report);
  const guarded = report.live !== undefined;
  const head = ['step', 'change', 'voters', 'majority', 'may fail', ...(zones ? ['zones', 'zones may fail'] : []), ...(guarded ? ['members'] : [])];
  const rows = rowsOf(report).map(({ label, change, figures, step }) => [
    label, `${step === undefined ? '' : `${step.action === 'join' ? '+' : '−'} `}${escapeMarkdown(change)}`, `${dots(figures)} ${figures.voters}`, figures.majority, figures.failureTolerance,
    ...(zones ? [escapeMarkdown(zoneCounts(figures)), figures.zoneFailureTolerance ?? 0] : []),
    ...(guarded ? [step?.health === undefined ? '' : `${step.health.safe ? '✓' : '✗'} ${escapeMarkdown(step.health.reason)}`] : []),
  ]);
  const table = [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n');
  const text = `${table}\n\n● needed for a majority, ○ may fail`;
  return report.steps.length > OPEN_STEPS ? folded(`Step by step (${report.steps.length})`, text) : text;
}

function hasZones({ before, after }: ImpactReport): boolean {
  return before?.zoneFailureTolerance !== undefined || after?.zoneFailureTolerance !== undefined;
}

function open(section: Section): string {
  return `**${section.title}**\n${list(section)}`;
}

function list({ items }: Section): string {
  return items.map(item => `- ${escapeMarkdown(item)}`).join('\n');
}

/** The empty lines make what is inside Markdown again. */
function folded(title: string, text: string): string {
  return `<details>\n<summary>${title}</summary>\n\n${text}\n\n</details>`;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
