const pulumi = require('@pulumi/pulumi');
const { App } = require('cdk8s');
const { Cluster, ClusterChart } = require('llmos-nodes');

const { chart: props, management, workers = [], options = {}, args = {}, deferred = [] } = new pulumi.Config('e2e').requireObject('definition');

// An address that another resource would only know after it was made.
const machines = list => list.map(machine => (deferred.includes(machine.name) ? { ...machine, address: pulumi.output(machine.address) } : machine));

const chart = new ClusterChart(new App(), 'prod', { kubernetesVersion: 'v1.34.4+k3s1', registrationAddress: '192.0.2.11', ...props });
chart.addManagementPool('management', { ...management, machines: machines(management.machines) });
if (workers.length > 0) chart.addWorkerPool('workers', { machines: machines(workers) });

const cluster = new Cluster('prod', { chart, ...args }, options);

exports.quorum = cluster.quorum;
exports.nodes = cluster.nodes;
if (new pulumi.Config('e2e').getBoolean('kubeconfig')) exports.kubeconfig = cluster.kubeconfig;
