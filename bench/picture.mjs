// The results as a picture for the README: each ratio on a line that ends at its target.
import { round } from './line.mjs';

const [WIDTH, LABEL, BAR, ROW, TOP] = [760, 210, 380, 28, 44];

/** @param {readonly import('./measure.mjs').Result[]} results @returns {string} an SVG that can be read on light and dark pages */
export function drawPicture(results) {
  const height = TOP + results.length * ROW + 14;
  const rows = results.map(({ name, ratio, target, holds }, index) => {
    const y = TOP + index * ROW;
    const length = ratio ? Math.min(1.12, ratio.median / target) * BAR : 0;
    const figure = ratio ? `${round(ratio.median)} × of ${round(target)} ×` : 'missed';
    return `  <g transform="translate(0 ${y})">
    <title>${name}: ${ratio ? `${round(ratio.median)} times its floor` : 'missed'}, ${round(target)} is accepted</title>
    <text x="${LABEL - 12}" y="15" text-anchor="end">${name}</text>
    <rect x="${LABEL}" y="4" width="${BAR}" height="14" class="room"/>
    <rect x="${LABEL}" y="4" width="${length.toFixed(1)}" height="14" class="${holds ? 'holds' : 'missed'}"/>
    <text x="${LABEL + BAR + 52}" y="15" class="figure">${figure}</text>
  </g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" role="img" aria-labelledby="title">
  <title id="title">Benchmarks: each ratio to its floor, as a part of what is accepted</title>
  <style>
    svg { font: 13px system-ui, sans-serif; fill: #24292f; }
    .room { fill: #8884; } .holds { fill: #2da44e; } .missed { fill: #cf222e; } .figure { font-variant-numeric: tabular-nums; } .head { font-weight: 600; }
    @media (prefers-color-scheme: dark) { svg { fill: #e6edf3; } }
  </style>
  <text x="${LABEL}" y="22" class="head">times its floor; a full bar is what is accepted</text>
${rows.join('\n')}
</svg>
`;
}
