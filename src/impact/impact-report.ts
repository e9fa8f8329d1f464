import type { QuorumFigures } from '../quorum';
import type { SnapshotNode } from './membership-snapshot';

/** The form of the report. It grows when a field changes its meaning or goes; a new field does not count. */
export const REPORT_SCHEMA_VERSION = 1;

/**
 * What speaks against a change, the worst first: where several hold, the first decides the exit code.
 * - `unknown`: it cannot be told what the change does.
 * - `invalid`: the definition breaks a rule, so it cannot be carried out.
 * - `unsafe`: it would be refused on the way, or the cluster would lose its quorum.
 * - `unconfirmed`: it removes a node that nobody confirmed.
 * - `lowered`: afterwards the cluster tolerates less than before.
 */
export const FINDING_KINDS = ['unknown', 'invalid', 'unsafe', 'unconfirmed', 'lowered'] as const;

export type FindingKind = (typeof FINDING_KINDS)[number];

/** The worst finding; without one, what the change does to the tolerance (`unchanged`: no node comes, goes or is replaced). */
export type ImpactVerdict = FindingKind | 'unchanged' | 'kept' | 'raised';

/** One thing that speaks against the change. */
export interface Finding {
  readonly kind: FindingKind;
  /** What is broken and what follows from it. */
  readonly message: string;
  /** What to do instead. @default - there is nothing to type */
  readonly remedy?: string;
}

/** How many voters stand in a zone. */
export interface ZoneVoters {
  /** @default - the zone of these voters is not known */
  readonly zone?: string;
  readonly voters: readonly string[];
}

/** What the quorum is worth at one moment. */
export interface ImpactFigures extends QuorumFigures {
  /** How many zones may be lost, whichever they are. @default - no management node has a zone */
  readonly zoneFailureTolerance?: number;
  /** The voters by zone. */
  readonly zones: readonly ZoneVoters[];
}

/** What a step is part of. */
export type StepReason = 'join' | 'removal' | 'replacement' | 'role' | 'left over' | 'dead';

/** What the guard would say of a step, given the health of the members. */
export interface StepHealth {
  readonly safe: boolean;
  readonly reason: string;
  readonly remedy?: string;
}

/** One change of the voters, with the figures after it. */
export interface ImpactStep extends ImpactFigures {
  /** From 1 on. */
  readonly number: number;
  readonly action: 'join' | 'remove';
  readonly node: string;
  readonly zone?: string;
  readonly reason: StepReason;
  /** What the step risks although it may be taken. */
  readonly exposure?: string;
  /** @default - the health is not known, or an earlier step was refused already */
  readonly health?: StepHealth;
}

export type ChangedNode = Pick<SnapshotNode, 'name' | 'role' | 'zone' | 'pool'>;

export interface RemovedNode extends ChangedNode {
  readonly confirmed: boolean;
  /** Its removal was begun by an earlier run that failed. */
  readonly leftOver: boolean;
}

export interface ReplacedNode extends ChangedNode {
  readonly confirmed: boolean;
  /** `address: 192.0.2.12 → 192.0.2.62` */
  readonly why: string;
}

export interface ReassignedNode extends ChangedNode {
  readonly confirmed: boolean;
  /** The role it had. */
  readonly from: ChangedNode['role'];
}

/** Something besides the membership that changes in the same way for some nodes, or for the cluster. */
export interface OtherChange {
  readonly subject: 'kubernetes' | 'llmos' | 'setting' | 'label' | 'taint' | 'zone' | 'address' | 'pool';
  /** `example.com/rack: r1 → r2` */
  readonly change: string;
  /** Empty where it concerns the whole cluster. */
  readonly nodes: readonly string[];
}

/** A member of the running cluster. */
export interface LiveMember {
  readonly name: string;
  /** Its own etcd answered in time. Undefined, nobody knows, counts as unhealthy. */
  readonly healthy: boolean | undefined;
  /** False for a learner. */
  readonly voter: boolean;
}

export interface LiveHealth {
  readonly members: readonly LiveMember[];
  readonly voters: number;
  readonly healthy: number;
  readonly majority: number;
}

/**
 * What a change does to the quorum of a cluster: plain data, the same for people, programs and CI. The published form is
 * schemas/impact-report.schema.json.
 */
export interface ImpactReport {
  readonly schemaVersion: typeof REPORT_SCHEMA_VERSION;
  readonly verdict: ImpactVerdict;
  /** One sentence. */
  readonly summary: string;
  /** @default - not known: a refused preview does not say */
  readonly cluster?: string;
  /** The worst first. Empty where nothing is lost. */
  readonly findings: readonly Finding[];
  /** @default - not known */
  readonly before?: ImpactFigures;
  /** @default - not known */
  readonly after?: ImpactFigures;
  /** In the order they are carried out. Empty where no voter comes or goes, and where the way cannot be gone. */
  readonly steps: readonly ImpactStep[];
  /** The least that is tolerated before, after or anywhere on the way. @default - not known */
  readonly lowest?: Pick<ImpactFigures, 'failureTolerance' | 'zoneFailureTolerance'>;
  readonly joins: readonly ChangedNode[];
  readonly removals: readonly RemovedNode[];
  /** The same name and role on another machine. */
  readonly replacements: readonly ReplacedNode[];
  readonly roleChanges: readonly ReassignedNode[];
  readonly confirmations: {
    readonly confirmed: readonly string[];
    /** Named nowhere, so the change is refused. */
    readonly missing: readonly string[];
    /** Confirmed although the node stays: it could be removed later without anyone asking. */
    readonly unused: readonly string[];
  };
  /** What is risked on the way, although the steps may be taken. */
  readonly exposures: readonly string[];
  readonly otherChanges: readonly OtherChange[];
  /** Why the definition wants an even number of management nodes. */
  readonly allowEven?: string;
  /** @default - the report rests on what is declared */
  readonly live?: LiveHealth;
}
