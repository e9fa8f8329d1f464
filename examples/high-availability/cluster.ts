// cluster.ts — three management nodes in three zones, and a pool of GPU machines
import { type App } from 'cdk8s';
import { ClusterChart, type MachineProps } from 'llmos-nodes';

// An inventory: every GPU machine in the racks. How many of them are nodes is said below.
const gpuMachines: MachineProps[] = [
  { name: 'gpu-a1', address: '198.51.100.31', zone: 'a' },
  { name: 'gpu-b1', address: '198.51.100.32', zone: 'b' },
  { name: 'gpu-c1', address: '198.51.100.33', zone: 'c' },
  { name: 'gpu-a2', address: '198.51.100.34', zone: 'a', labels: { 'example.com/accelerator': 'h100' } },
];

export function defineCluster(app: App): ClusterChart {
  const cluster = new ClusterChart(app, 'high-availability', {
    kubernetesVersion: 'v1.34.4+k3s1',
    // A name that resolves to all management nodes, or a load balancer in front of them: joining must not depend on one machine.
    registrationAddress: 'llmos.example.com',
    tlsSans: ['llmos.example.com'],
  });

  cluster.addManagementPool('management', {
    machines: [
      { name: 'm1', address: '198.51.100.11', internalAddress: '10.0.0.11', zone: 'a' },
      { name: 'm2', address: '198.51.100.12', internalAddress: '10.0.0.12', zone: 'b' },
      { name: 'm3', address: '198.51.100.13', internalAddress: '10.0.0.13', zone: 'c' },
    ],
    // Promises this definition has to keep: put two of the machines into one zone, and it is refused.
    failureTolerance: 1,
    zoneFailureTolerance: 1,
  });

  cluster.addWorkerPool('gpu', {
    machines: gpuMachines,
    count: 3,
    labels: { 'example.com/accelerator': 'h200' },
    taints: [{ key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' }],
  });

  return cluster;
}
