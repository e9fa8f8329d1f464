// cluster.ts — the definition people review: names, zones and numbers are plain, addresses come from the machines
import type { Input } from '@pulumi/pulumi';
import { type App } from 'cdk8s';
import { ClusterChart, type MachineProps } from 'llmos-nodes';

/** A machine before it is made. */
export interface PlannedMachine {
  readonly name: string;
  readonly zone: string;
}

const zones = ['a', 'b', 'c'];

/** `m` in three zones gives m1, m2 and m3. */
function oneInEachZone(letter: string): PlannedMachine[] {
  return zones.map((zone, index) => ({ name: `${letter}${index + 1}`, zone }));
}

/** @param addressOf the address of a machine; where machines are made in the same program, an Output */
export function defineCluster(app: App, addressOf: (machine: PlannedMachine) => Input<string>): ClusterChart {
  const made = (machine: PlannedMachine): MachineProps => ({ ...machine, address: addressOf(machine) });

  const cluster = new ClusterChart(app, 'cloud-machines', {
    kubernetesVersion: 'v1.34.4+k3s1',
    // The cloud's load balancer in front of the management nodes.
    registrationAddress: 'llmos.example.com',
  });
  cluster.addManagementPool('management', { machines: oneInEachZone('m').map(made), failureTolerance: 1, zoneFailureTolerance: 1 });
  cluster.addWorkerPool('workers', { machines: oneInEachZone('w').map(made) });
  return cluster;
}
