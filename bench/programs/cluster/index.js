const { Config } = require('@pulumi/pulumi');
const { App } = require('cdk8s');
const { Cluster, ClusterChart } = require('llmos-nodes');
const { management, workers } = require('../workers.cjs');

const chart = new ClusterChart(new App(), 'prod', { kubernetesVersion: 'v1.34.4+k3s1', registrationAddress: '192.0.2.1' });
chart.addManagementPool('management', { machines: management });
chart.addWorkerPool('workers', { machines: workers(new Config('bench').requireNumber('workers')) });
new Cluster('prod', { chart });
