// cluster.ts — five management nodes in three zones, and two workers
import { type App } from 'cdk8s';
import { ClusterChart } from 'llmos-nodes';

export function defineCluster(app: App): ClusterChart {
  const cluster = new ClusterChart(app, 'in-cluster', {
    kubernetesVersion: 'v1.34.4+k3s1',
    registrationAddress: 'llmos.example.com',
    tlsSans: ['llmos.example.com'],
  });

  cluster.addManagementPool('management', {
    machines: [
      { name: 'm1', address: '198.51.100.11', zone: 'a' },
      { name: 'm2', address: '198.51.100.12', zone: 'b' },
      { name: 'm3', address: '198.51.100.13', zone: 'c' },
      { name: 'm4', address: '198.51.100.14', zone: 'a' },
      { name: 'm5', address: '198.51.100.15', zone: 'b' },
    ],
    count: 5,
    failureTolerance: 1,
    zoneFailureTolerance: 1,
  });

  cluster.addWorkerPool('workers', {
    machines: [
      { name: 'w1', address: '198.51.100.21' },
      { name: 'w2', address: '198.51.100.22' },
    ],
  });

  return cluster;
}
