import type { ImpactReport } from '../impact-report';
import { escapeMermaid } from './escape';
import { dots, rowsOf, type Row } from './rows';

/** More steps than that go downwards: in a row they would be too small to read. */
const IN_A_ROW = 5;

/** Fill, line and text, so that they can be read on light and dark pages. */
const CLASSES = [
  'classDef good fill:#dafbe1,stroke:#1a7f37,color:#0f2d17',
  'classDef less fill:#fff8c5,stroke:#9a6700,color:#3b2300',
  'classDef none fill:#ffebe9,stroke:#cf222e,color:#4c0a10',
  'classDef stays fill:#ddf4ff,stroke:#0969da,color:#0a2742',
  'classDef gone fill:#f6f8fa,stroke:#6e7781,color:#57606a,stroke-dasharray:4 3',
] as const;

/** The quorum from step to step as a Mermaid flowchart, in a fence. */
export function mermaidSteps(report: ImpactReport): string {
  const rows = rowsOf(report);
  const [before] = rows;
  const lines = rows.flatMap((row, index) => {
    const { figures, step } = row;
    const box = `s${index}["${[dots(figures) || 'no voter', `${figures.voters} voters, majority ${figures.majority}`, mayFail(row)].map(escapeMermaid).join('<br/>')}"]:::${tone(row, before!)}`;
    return step === undefined ? [box] : [`s${index - 1} -->|"${escapeMermaid(`${step.node} ${step.action === 'join' ? 'joins' : 'leaves'}`)}"| ${box}`];
  });
  return fence([`flowchart ${report.steps.length > IN_A_ROW ? 'TB' : 'LR'}`, ...lines, ...CLASSES.slice(0, 3)]);
}

/** Who stands in which zone, afterwards and before, as a Mermaid flowchart, in a fence. */
export function mermaidZones({ before, after }: ImpactReport): string {
  const zones = [...new Set([...before?.zones ?? [], ...after?.zones ?? []].map(({ zone }) => zone))].sort();
  const votersIn = (figures: ImpactReport['after'], zone: string | undefined): readonly string[] => figures?.zones.find(each => each.zone === zone)?.voters ?? [];
  const lines = zones.flatMap((zone, index) => {
    const was = votersIn(before, zone);
    const is = votersIn(after, zone);
    const voters = [...new Set([...was, ...is])].map((name, voter) => {
      const [style, mark] = was.includes(name) ? is.includes(name) ? ['stays', ''] : ['gone', ' leaves'] : ['good', ' joins'];
      // One under the other, by links that are not drawn.
      return `  ${voter === 0 ? '' : `z${index}v${voter - 1} ~~~ `}z${index}v${voter}["${escapeMermaid(`${name}${mark}`)}"]:::${style}`;
    });
    return [`subgraph z${index}["${escapeMermaid(zone === undefined ? 'no zone' : `zone ${zone}`)}"]`, '  direction TB', ...voters, 'end'];
  });
  // Side by side in this order, by links that are not drawn.
  const order = zones.length < 2 ? [] : [zones.map((_, index) => `z${index}`).join(' ~~~ ')];
  return fence(['flowchart LR', ...lines, ...order, ...CLASSES]);
}

function mayFail({ figures: { failureTolerance, zoneFailureTolerance } }: Row): string {
  const zones = zoneFailureTolerance === undefined ? '' : `, ${zoneFailureTolerance} zone${zoneFailureTolerance === 1 ? '' : 's'}`;
  return `may fail: ${failureTolerance}${zones}`;
}

function tone({ figures }: Row, before: Row): 'good' | 'less' | 'none' {
  if (figures.failureTolerance === 0) return 'none';
  return figures.failureTolerance < before.figures.failureTolerance ? 'less' : 'good';
}

function fence(lines: readonly string[]): string {
  return ['```mermaid', ...lines, '```'].join('\n');
}
