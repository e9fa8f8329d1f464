import type { ImpactFigures, ImpactReport } from '../impact-report';
import { escapeHtml } from './escape';
import { PAGE_STYLE } from './page-style';
import { dots, rowsOf, zoneCounts } from './rows';
import { sectionsOf } from './sections';
import { transitionPicture } from './transition-picture';
import { VERDICT_WORDS } from './verdict-words';

/** The report as one page that needs nothing else: no script, and nothing is fetched, which its policy also forbids. */
export function renderHtml(report: ImpactReport): string {
  const { sign, word, tone } = VERDICT_WORDS[report.verdict];
  const cluster = report.cluster === undefined ? '' : `cluster ${report.cluster}`;
  const title = `${cluster === '' ? 'Quorum' : `Quorum of ${cluster}`}: ${word}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<main>
<header><span class="verdict ${tone}"><span aria-hidden="true">${sign}</span> ${word}</span><span class="cluster">${escapeHtml(cluster)}</span></header>
<h1>${escapeHtml(capitalised(report.summary))}</h1>
${[...findings(report), figures(report), picture(report), steps(report), ...sections(report)].filter(part => part !== '').join('\n')}
<footer>Made by llmos-nodes impact. A cluster has a quorum while more than half of its voters, one on each management node, are up.</footer>
</main>
</body>
</html>
`;
}

function findings({ findings: found }: ImpactReport): string[] {
  return found.map(({ kind, message, remedy }) => {
    const { word, tone } = VERDICT_WORDS[kind];
    const next = remedy === undefined ? '' : `<p>→ ${escapeHtml(capitalised(remedy))}</p>`;
    return `<div class="finding" style="color: var(--${tone})"><p><strong>${capitalised(word)}</strong>: ${escapeHtml(message)}</p>${next}</div>`;
  });
}

function figures({ before, after, lowest }: ImpactReport): string {
  if (before === undefined || after === undefined) return '';
  const card = (name: string, key: keyof ImpactFigures & ('voters' | 'majority' | 'failureTolerance' | 'zoneFailureTolerance')): string => {
    const [was, is] = [before[key] ?? 0, after[key] ?? 0];
    const least = key === 'failureTolerance' || key === 'zoneFailureTolerance' ? lowest?.[key] : undefined;
    const dip = least !== undefined && least < Math.min(was, is) ? `<small>${least} on the way</small>` : '';
    return `<div><dt>${name}</dt><dd>${was === is ? is : `${was} → ${is}`}${dip}</dd></div>`;
  };
  const zones = before.zoneFailureTolerance ?? after.zoneFailureTolerance;
  return `<dl class="figures">${card('Management nodes', 'voters')}${card('Majority', 'majority')}${card('May fail', 'failureTolerance')}${zones === undefined ? '' : card('Zones may fail', 'zoneFailureTolerance')}</dl>`;
}

function picture(report: ImpactReport): string {
  const svg = transitionPicture(report);
  return svg === '' ? '' : `<section aria-labelledby="way"><h2 id="way">The voters, step by step</h2><div class="wide" tabindex="0" role="region" aria-labelledby="way">${svg}</div></section>`;
}

function steps(report: ImpactReport): string {
  if (report.steps.length === 0) return '';
  const zones = report.before?.zoneFailureTolerance !== undefined;
  const guarded = report.live !== undefined;
  const head = ['Step', 'Change', 'Voters', 'Majority', 'May fail', ...(zones ? ['Zones', 'Zones may fail'] : []), ...(guarded ? ['What the members say'] : [])];
  const body = rowsOf(report).map(({ label, change, figures: now, step }) => {
    const cells = [
      `<th scope="row">${label}</th>`, `<td>${step === undefined ? '' : `<span aria-hidden="true">${step.action === 'join' ? '+' : '−'}</span> `}${escapeHtml(change)}</td>`,
      `<td><span class="dots" aria-hidden="true">${dots(now)}</span> ${now.voters}</td>`, `<td>${now.majority}</td>`, `<td>${now.failureTolerance}</td>`,
      ...(zones ? [`<td>${escapeHtml(zoneCounts(now))}</td>`, `<td>${now.zoneFailureTolerance ?? 0}</td>`] : []),
      ...(guarded ? [`<td class="said">${step?.health === undefined ? '' : escapeHtml(`${step.health.safe ? '✓' : '✗'} ${step.health.reason}`)}</td>`] : []),
    ];
    return `<tr>${cells.join('')}</tr>`;
  });
  return `<section aria-labelledby="steps"><h2 id="steps">In figures</h2><div class="wide" tabindex="0" role="region" aria-labelledby="steps"><table>
<thead><tr>${head.map(name => `<th scope="col">${name}</th>`).join('')}</tr></thead>
<tbody>
${body.join('\n')}
</tbody></table></div><p class="note"><span aria-hidden="true">● needed for a majority, ○ may fail. </span>One change at a time, in this order.</p></section>`;
}

function sections(report: ImpactReport): string[] {
  return sectionsOf(report).map(({ title, items }) => `<section><h2>${title}</h2><ul>${items.map(item => `<li>${escapeHtml(item)}</li>`).join('')}</ul></section>`);
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
