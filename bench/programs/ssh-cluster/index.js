const { Config } = require('@pulumi/pulumi');
const { App } = require('cdk8s');
const { Cluster, ClusterChart } = require('llmos-nodes');

const { management, workers, connection, installer } = new Config('bench').requireObject('hosts');
const chart = new ClusterChart(new App(), 'prod', { kubernetesVersion: 'v1.34.4+k3s1', registrationAddress: management[0].address });
chart.addManagementPool('management', { machines: management });
chart.addWorkerPool('workers', { machines: workers });
new Cluster('prod', { chart, connection, installer, applyManifests: false });
