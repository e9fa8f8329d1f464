// As many objects and as much text from cdk8s, the text put together from the same machines without a look at any of them:
// node synth-bare.cjs <nodes> <objects> <folder>
const { ApiObject, App, Chart } = require('cdk8s');
const { manyWorkers } = require('./workers.cjs');

const [nodes, objects, outdir] = [Number(process.argv[2]), Number(process.argv[3]), process.argv[4]];
const app = new App({ outdir });
const chart = new Chart(app, 'prod');
const lines = manyWorkers(nodes).map(({ name, address, zone, labels }) => `      ${name}: { zone: ${zone}, address: ${address}, labels: { rack: ${labels.rack} } }\n`);
for (let index = 0; index < objects; index += 1) {
  new ApiObject(chart, `object-${index}`, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `object-${index}` }, data: { text: index === 0 ? lines.join('') : 'short' } });
}
app.synth();
