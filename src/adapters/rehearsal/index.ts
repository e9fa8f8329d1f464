export type { ClusterFaults, MachineFaults, Workload } from './faults';
export { openRehearsal, type Rehearsal } from './rehearsal';
export type { RehearsalTarget } from './simulated-machine';
