// cluster.ts — the definition people review: names, zones and numbers are plain, addresses come from the machines
import { type App } from 'cdk8s';
import { ClusterChart, type MachineProps } from 'llmos-nodes';

/** A machine before it is made. */
export interface PlannedMachine {
  readonly name: string;
  /** Where the provider puts it, and what fails together. */
  readonly zone: string;
  readonly management: boolean;
  /** The last number of its address in the private network. */
  readonly number: number;
}

const ZONES = ['fsn1', 'nbg1', 'hel1'];

/** One in each zone: m1, m2 and m3. */
function oneInEachZone(letter: 'm' | 'w'): PlannedMachine[] {
  return ZONES.map((zone, index) => ({ name: `${letter}${index + 1}`, zone, management: letter === 'm', number: (letter === 'm' ? 10 : 100) + index }));
}

/** How a machine is reached; where it is made in the same program, Outputs. */
export type Reached = Pick<MachineProps, 'address' | 'internalAddress' | 'hostKey'>;

export function defineCluster(app: App, made: (machine: PlannedMachine) => Reached): ClusterChart {
  const machines = (letter: 'm' | 'w'): MachineProps[] => oneInEachZone(letter).map(machine => ({ name: machine.name, zone: machine.zone, ...made(machine) }));

  const cluster = new ClusterChart(app, 'cloud-machines', {
    kubernetesVersion: 'v1.34.4+k3s1',
    // The cloud's load balancer in front of the management nodes.
    registrationAddress: 'llmos.example.com',
  });
  cluster.addManagementPool('management', { machines: machines('m'), failureTolerance: 1, zoneFailureTolerance: 1 });
  cluster.addWorkerPool('workers', { machines: machines('w') });
  return cluster;
}
