// cluster.ts — from five to four for a while, with the reason that makes reviewers accept it
import type { App } from 'cdk8s';
import { ClusterChart } from 'llmos-nodes';

export function defineCluster(app: App): ClusterChart {
  const cluster = new ClusterChart(app, 'prod', {
    kubernetesVersion: 'v1.34.4+k3s1',
    registrationAddress: 'prod.example.com',
    confirmRemoval: ['m5'],
  });

  cluster.addManagementPool('management', {
    machines: [
      { name: 'm1', address: '192.0.2.11', zone: 'a' },
      { name: 'm2', address: '192.0.2.12', zone: 'b' },
      { name: 'm3', address: '192.0.2.13', zone: 'c' },
      { name: 'm4', address: '192.0.2.14', zone: 'a' },
    ],
    failureTolerance: 1,
    allowEven: 'the host of m5 is repaired this week and comes back as m6',
  });

  cluster.addWorkerPool('workers', {
    machines: [
      { name: 'w1', address: '192.0.2.21', zone: 'a' },
      { name: 'w2', address: '192.0.2.22', zone: 'b' },
    ],
  });

  return cluster;
}
