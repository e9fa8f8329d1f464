// Reads the nodes' names out of two synthesised definitions and sorts them: node impact-floor.cjs <before> <after>
const { readFileSync } = require('node:fs');
const { parse, parseAllDocuments } = require('yaml');

for (const file of process.argv.slice(2)) {
  const manifest = parseAllDocuments(readFileSync(file, 'utf8')).map(document => document.toJS()).find(({ metadata }) => metadata?.name === 'llmos-membership');
  const { pools } = parse(manifest.data['membership.yaml']);
  process.stdout.write(`${Object.values(pools).flatMap(({ nodes }) => Object.keys(nodes)).sort().length}\n`);
}
