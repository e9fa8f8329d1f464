/** What is going on right now, for whoever watches: a terminal during `pulumi up`, a test. */
export interface ProgressEvent {
  /** The node: `m2`. */
  readonly node: string;
  /** What is done to it: `joining`, `removing`. */
  readonly action: string;
  /** The current step, counted from 1, and how many there are. */
  readonly step: number;
  readonly steps: number;
  readonly title: string;
  /** A line from the host or the reason a wait goes on. @default - the step has just begun */
  readonly detail?: string;
  /** Since the first step. */
  readonly elapsedSeconds: number;
}

export type Progress = (event: ProgressEvent) => void;
