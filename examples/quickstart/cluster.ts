// cluster.ts — the definition people review
import { type App } from 'cdk8s';
import { ClusterChart } from 'llmos-nodes';

export interface QuickstartOptions {
  /** How many of the three management machines are in use: 1 or 3. */
  readonly managementNodes?: number;
}

export function defineCluster(app: App, options: QuickstartOptions = {}): ClusterChart {
  const cluster = new ClusterChart(app, 'quickstart', {
    kubernetesVersion: 'v1.34.4+k3s1',
    registrationAddress: '192.0.2.11', // machines join through m1
  });

  // Management nodes run the API server and etcd. They are the quorum, so there is an odd number of them.
  cluster.addManagementPool('management', {
    machines: [
      { name: 'm1', address: '192.0.2.11', zone: 'a' },
      { name: 'm2', address: '192.0.2.12', zone: 'b' },
      { name: 'm3', address: '192.0.2.13', zone: 'c' },
    ],
    count: options.managementNodes ?? 1, // the first of the machines; 2 is refused, try it
  });

  // Worker nodes run what you deploy.
  cluster.addWorkerPool('workers', {
    machines: [
      { name: 'w1', address: '192.0.2.21' },
      { name: 'w2', address: '192.0.2.22' },
    ],
    labels: { 'example.com/pool': 'general' },
  });

  return cluster;
}
