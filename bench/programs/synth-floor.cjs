// The same output from cdk8s alone: node synth-floor.cjs <what ours wrote> <folder>
const { readFileSync } = require('node:fs');
const { ApiObject, App, Chart } = require('cdk8s');

const [written, outdir] = process.argv.slice(2);
const app = new App({ outdir });
const chart = new Chart(app, 'prod');
for (const [index, manifest] of JSON.parse(readFileSync(written, 'utf8')).entries()) new ApiObject(chart, `object-${index}`, manifest);
app.synth();
