// A cluster of so many nodes, synthesised into a folder: node synth-ours.cjs <nodes> <folder>
const { App } = require('cdk8s');
const { ClusterChart } = require('../../lib');

const [nodes, outdir] = [Number(process.argv[2]), process.argv[3]];
const app = new App({ outdir });
const cluster = new ClusterChart(app, 'prod', { kubernetesVersion: 'v1.34.4+k3s1', registrationAddress: 'prod.example.com' });
cluster.addManagementPool('management', {
  machines: [1, 2, 3].map(index => ({ name: `m${index}`, address: `192.0.2.${index}`, zone: `zone-${index}` })), failureTolerance: 1, zoneFailureTolerance: 1,
});
cluster.addWorkerPool('workers', {
  machines: Array.from({ length: nodes - 3 }, (_, index) => ({
    name: `w${index}`, address: `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`, zone: `zone-${index % 5}`, labels: { rack: `r${index % 40}` },
  })),
});
app.synth();
