import type { Construct } from 'constructs';
import { NodePool, type NodePoolProps } from './node-pool';
import { quorumProblems } from './quorum-rules';

/** The pool of management nodes. */
export interface ManagementPoolProps extends NodePoolProps {
  /** How many management nodes must be able to fail at once with the cluster going on. Checked against the size. @default - whatever the size gives */
  readonly failureTolerance?: number;
  /** How many zones, whichever they are, must be able to fail at once. Every management machine then needs a `zone`. @default - zones do not matter */
  readonly zoneFailureTolerance?: number;
  /** The reason why an even number of management nodes is wanted for now. It is shown in the synthesised definition. @default - an even number is an error */
  readonly allowEven?: string;
}

/** Machines that run the API server and etcd: the quorum. A cluster has exactly one such pool, of 1, 3, 5 or 7 nodes. */
export class ManagementPool extends NodePool {
  readonly failureTolerance?: number;
  readonly zoneFailureTolerance?: number;
  readonly allowEven?: string;

  /** @throws Problem where `count`, the machines or a name or zone is an Output */
  constructor(scope: Construct, id: string, props: ManagementPoolProps) {
    super(scope, id, 'management', props);
    this.failureTolerance = props.failureTolerance;
    this.zoneFailureTolerance = props.zoneFailureTolerance;
    this.allowEven = props.allowEven;
    this.addRule(() => quorumProblems({
      subject: this.subject,
      size: this.size,
      nodes: this.nodes,
      failureTolerance: props.failureTolerance,
      zoneFailureTolerance: props.zoneFailureTolerance,
      allowEven: props.allowEven,
    }));
  }
}
