/** The style of the page: light and dark by what the reader's system says, no font and no picture from elsewhere. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --page: #f6f8fa; --card: #fff; --text: #1f2328; --soft: #59636e; --line: #d1d9e0; --stripe: #f3f6f9;
  --accent: #0969da; --good: #116329; --good-back: #dafbe1; --warn: #744b00; --warn-back: #fff8c5; --bad: #a40e26; --bad-back: #ffebe9; }
@media (prefers-color-scheme: dark) {
  :root { --page: #0d1117; --card: #151b23; --text: #f0f6fc; --soft: #a7b1bc; --line: #3d444d; --stripe: #1b222c;
    --accent: #58a6ff; --good: #7ee2a0; --good-back: #12351f; --warn: #f2cc60; --warn-back: #3a2a04; --bad: #ff9a93; --bad-back: #4a1516; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, "Segoe UI", Roboto, "Liberation Sans", sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 24px 16px 64px; }
header { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 16px; }
h1 { font-size: 26px; line-height: 1.25; margin: 8px 0; overflow-wrap: anywhere; }
h2 { font-size: 18px; margin: 0 0 12px; }
.verdict { display: inline-block; font-weight: 700; padding: 4px 14px; border-radius: 999px; text-transform: uppercase; letter-spacing: .04em; font-size: 14px; }
.good { color: var(--good); background: var(--good-back); } .even { color: var(--text); background: var(--stripe); }
.warn { color: var(--warn); background: var(--warn-back); } .bad { color: var(--bad); background: var(--bad-back); }
.cluster { color: var(--soft); overflow-wrap: anywhere; }
section, .finding { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 18px 20px; margin: 16px 0; }
.finding { border-left: 6px solid currentColor; } .finding p { margin: 0; color: var(--text); overflow-wrap: anywhere; } .finding p + p { margin-top: 6px; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(180px, 1fr)); gap: 12px; margin: 16px 0; padding: 0; }
.figures div { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 12px 16px; }
.figures dt { color: var(--soft); font-size: 14px; } .figures dd { margin: 0; font-size: 26px; font-weight: 650; font-variant-numeric: tabular-nums; }
.figures small { display: block; font-size: 13px; font-weight: 400; color: var(--soft); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 7px 14px 7px 0; border-bottom: 1px solid var(--line); vertical-align: top; white-space: nowrap; }
th { color: var(--soft); font-weight: 600; font-size: 14px; } td.said { white-space: normal; min-width: 16em; }
.dots { letter-spacing: 2px; color: var(--accent); } .note { color: var(--soft); font-size: 14px; margin: 10px 0 0; }
ul { margin: 0; padding-left: 20px; } li { overflow-wrap: anywhere; margin: 3px 0; }
footer { color: var(--soft); font-size: 14px; margin-top: 28px; }
svg { display: block; max-width: none; font-size: 14px; } svg text { fill: var(--text); }
svg .moment, svg .name, svg .zone { fill: var(--soft); font-size: 13px; } svg .zone { font-weight: 600; }
svg .join { fill: var(--good); font-weight: 650; } svg .remove { fill: var(--bad); font-weight: 650; }
svg .stripe { fill: var(--stripe); } svg .rule { stroke: var(--line); } svg .strong { stroke: var(--soft); }
svg .votes { stroke: var(--accent); stroke-width: 4; } svg .leaves { stroke: var(--soft); stroke-width: 2; stroke-dasharray: 3 5; }
svg .voter { fill: var(--accent); } svg .new { fill: var(--card); stroke: var(--good); stroke-width: 4; } svg .gone { stroke: var(--bad); stroke-width: 3; stroke-linecap: round; }
svg .figure { font-weight: 600; } svg .chip.good { fill: var(--good-back); } svg .chip.even { fill: none; stroke: var(--line); } svg .chip.warn { fill: var(--warn-back); } svg .chip.bad { fill: var(--bad-back); }
svg .chip-text { font-weight: 700; } svg .chip-text.good { fill: var(--good); } svg .chip-text.warn { fill: var(--warn); } svg .chip-text.bad { fill: var(--bad); }
@media print { body { background: #fff; } section, .finding { break-inside: avoid; } }
`;
