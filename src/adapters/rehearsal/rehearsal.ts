import type { ClusterApi } from '../../membership/ports/cluster-api';
import type { Machine } from '../../membership/ports/machine';
import { Problem } from '../../problem';
import { CLUSTER_KEY, withFaults, withWorkload, type ClusterFaults, type MachineFaults, type Workload } from './faults';
import { Folder } from './folder';
import { loseData, reinstall, runUninstallScript } from './host';
import { powerOff, powerOn } from './bootstrap';
import { SimulatedApi } from './simulated-api';
import { SimulatedMachine, type RehearsalTarget } from './simulated-machine';
import type { Host } from './state';
import type { World } from './world';

/** A simulated cluster in a folder, and what may happen to it. Machines are meant by name or by address. */
export interface Rehearsal {
  readonly folder: string;

  /** The machine at an address; where there is none yet, a fresh one springs up when it is first used. */
  machine(target: RehearsalTarget): Machine;
  /** The API server of the cluster that `via` is a management node of. @default - of the folder's oldest cluster */
  api(via?: Machine): ClusterApi;

  /** Changes faults of one machine in faults.yaml; an undefined one is taken back. */
  setFaults(machine: string, faults: MachineFaults): Promise<void>;
  /** Changes what holds for the whole rehearsal; an undefined setting gets its default back. */
  setCluster(settings: ClusterFaults): Promise<void>;
  /** Adds a workload, or changes the one of its name. */
  deploy(workload: Workload): Promise<void>;

  /** Takes the power from a machine: `{ dead: true }`. */
  kill(machine: string): Promise<void>;
  /** Gives it back; whatever is installed on the machine starts, unless it is blocked. */
  revive(machine: string): Promise<void>;
  /** Off and on again. @throws Problem where there is no such machine */
  reboot(machine: string): Promise<void>;
  /** A new operating system on the machine: a new machine-id and nothing of LLMOS. @throws Problem where there is no such machine */
  reinstall(machine: string): Promise<void>;
  /** Its Kubernetes data is lost, its configuration is not; then it reboots. @throws Problem where there is no such machine */
  loseData(machine: string): Promise<void>;
  /** LLMOS's own uninstall script, run by hand: a bootstrap that runs goes on, and the config stays. @throws Problem where there is no such machine */
  uninstallByHand(machine: string): Promise<void>;
  /** Takes a Node away and leaves its etcd member: a ghost, which nothing in the cluster ever cleans up. */
  loseNode(name: string): Promise<void>;
  /** `kubectl cordon`, by a person. */
  cordon(name: string): Promise<void>;
}

/**
 * Opens the rehearsal in a folder, which is made where there is none: the whole of a simulated cluster, for this process and
 * for others at the same time, on one machine. It behaves as LLMOS, k3s and etcd do, only faster.
 *
 * In the folder, `machines/`, `nodes/` and `clusters.json` say how things stand, and `secrets.json` (0600) has the join
 * tokens, which are worth nothing elsewhere. The file to edit is `faults.yaml`; it is read again whenever it has changed:
 *
 * ```yaml
 * m2: { dead: true }                      # a machine, by name or address: the settings of MachineFaults
 * w1: { installSeconds: 20 }
 * w2: { installFails: 'curl: (6) Could not resolve host' }
 * w3: { facts: { otherKubernetes: [kubelet.service], arch: riscv64 } }
 * Cluster: { apiAway: true }              # everything else: the settings of ClusterFaults
 * Workloads:                              # pods and their budgets: a list of Workload
 *   - { name: web, replicas: 3, minAvailable: 2 }
 * ```
 *
 * @throws Problem from whatever is asked of it while faults.yaml has words in it that mean nothing
 */
export function openRehearsal(folder: string): Rehearsal {
  return new FolderRehearsal(Folder.at(folder));
}

class FolderRehearsal implements Rehearsal {
  readonly folder: string;

  constructor(private readonly state: Folder) {
    this.folder = state.path;
  }

  machine(target: RehearsalTarget): Machine {
    return new SimulatedMachine(this.state, target);
  }

  api(via?: Machine): ClusterApi {
    if (via !== undefined && !(via instanceof SimulatedMachine)) {
      throw new Problem({ subject: `machine ${via.label}`, rule: 'it is not part of this rehearsal', remedy: 'use a machine the rehearsal made' });
    }
    return new SimulatedApi(this.state, via?.key);
  }

  async setFaults(machine: string, faults: MachineFaults): Promise<void> {
    await this.state.editFaults(text => withFaults(text, machine, faults));
  }

  async setCluster(settings: ClusterFaults): Promise<void> {
    await this.state.editFaults(text => withFaults(text, CLUSTER_KEY, settings));
  }

  async deploy(workload: Workload): Promise<void> {
    await this.state.editFaults(text => withWorkload(text, workload));
  }

  async kill(machine: string): Promise<void> {
    await this.setFaults(machine, { dead: true });
  }

  async revive(machine: string): Promise<void> {
    await this.setFaults(machine, { dead: undefined });
  }

  async reboot(machine: string): Promise<void> {
    await this.to(machine, restart);
  }

  async reinstall(machine: string): Promise<void> {
    await this.to(machine, reinstall);
  }

  async loseData(machine: string): Promise<void> {
    await this.to(machine, (world, host) => {
      loseData(world, host);
      restart(world, host);
    });
  }

  async uninstallByHand(machine: string): Promise<void> {
    await this.to(machine, runUninstallScript);
  }

  async cordon(name: string): Promise<void> {
    await this.state.transact(world => {
      for (const node of world.clusters.map(cluster => world.node(cluster, name))) if (node) node.unschedulable = true;
    });
  }

  async loseNode(name: string): Promise<void> {
    await this.state.transact(world => {
      for (const cluster of world.clusters) world.removeNode(cluster, name);
    });
  }

  private async to(machine: string, work: (world: World, host: Host) => void): Promise<void> {
    await this.state.transact(world => {
      const hosts = world.hosts().filter(({ name, key }) => name === machine || key === machine);
      if (hosts.length === 0) {
        throw new Problem({ subject: `machine '${machine}'`, rule: `the rehearsal in ${this.folder} has none of that name or address`, remedy: 'name one that was used before' });
      }
      for (const host of hosts) work(world, host);
    });
  }
}

function restart(world: World, host: Host): void {
  powerOff(world, host);
  if (world.down[host.key] === undefined) powerOn(world, host);
}
