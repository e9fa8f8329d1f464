import type { Construct } from 'constructs';
import { NodePool, type NodePoolProps } from './node-pool';

/** A pool of worker nodes. */
export interface WorkerPoolProps extends NodePoolProps {}

/** Machines that run workloads and hold no part of the quorum. A cluster has any number of such pools, of any size. */
export class WorkerPool extends NodePool {
  /** @throws Problem where `count`, the machines or a name or zone is an Output */
  constructor(scope: Construct, id: string, props: WorkerPoolProps) {
    super(scope, id, 'worker', props);
  }
}
