// A cluster of so many nodes, synthesised into a folder: node synth-ours.cjs <nodes> <folder>
const { App } = require('cdk8s');
const { ClusterChart } = require('../../lib');
const { management, manyWorkers } = require('./workers.cjs');

const [nodes, outdir] = [Number(process.argv[2]), process.argv[3]];
const app = new App({ outdir });
const cluster = new ClusterChart(app, 'prod', { kubernetesVersion: 'v1.34.4+k3s1', registrationAddress: 'prod.example.com' });
cluster.addManagementPool('management', { machines: management, failureTolerance: 1, zoneFailureTolerance: 1 });
cluster.addWorkerPool('workers', { machines: manyWorkers(nodes - management.length) });
app.synth();
