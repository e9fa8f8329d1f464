import type { App } from 'cdk8s';
import { ClusterChart } from 'llmos-nodes';

/** The nodes of the cluster: what people review, and what `pulumi up` makes true. */
export function defineCluster(app: App): ClusterChart {
  const cluster = new ClusterChart(app, '{{name}}', {
    kubernetesVersion: 'v1.34.4+k3s1',
    // Machines join through it. Better than one machine: a name that resolves to all management nodes, or a load balancer.
    registrationAddress: '192.0.2.11',
  });

  // They are the quorum: an odd number, and with three of them one may fail.
  cluster.addManagementPool('management', {
    machines: [
      { name: 'm1', address: '192.0.2.11', zone: 'a' },
      { name: 'm2', address: '192.0.2.12', zone: 'b' },
      { name: 'm3', address: '192.0.2.13', zone: 'c' },
    ],
    failureTolerance: 1,
    zoneFailureTolerance: 1,
  });

  cluster.addWorkerPool('workers', {
    machines: [
      { name: 'w1', address: '192.0.2.21', zone: 'a' },
      { name: 'w2', address: '192.0.2.22', zone: 'b' },
    ],
  });

  return cluster;
}
