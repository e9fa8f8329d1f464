export * from './definition';
export {
  EXIT_CODES, FAIL_ON, FINDING_KINDS, InputProblem, MARKDOWN_MARKER, REPORT_SCHEMA_VERSION, UNKNOWN_ADDRESS,
  exitCode, fromPreview, fromSynthesised, impact, parseReport, renderHtml, renderJson, renderMarkdown, renderText,
  type FailOn, type Finding, type FindingKind, type FromPreviewOptions, type ImpactFigures, type ImpactOptions, type ImpactReport,
  type ImpactStep, type ImpactVerdict, type LiveMember, type MembershipSnapshot, type PreviewedChange, type SnapshotNode, type TextOptions,
} from './impact';
export type { ConfirmedRemoval, RemovalConfirmation } from './llmos/removal';
export type { NodeSummary, QuorumState } from './pulumi/cluster';
export type { BastionArgs, ClusterArgs, ConnectionArgs, InstallerArgs, InstallerFile } from './pulumi/cluster-args';
export {
  checkJoin, checkRemoval, failureTolerance, majority, planTransition, zoneFailureTolerance,
} from './quorum';

/** The definition carried out: see {@link ClusterChart} for what is declared. */
export type Cluster = import('./pulumi/cluster').Cluster;
export declare const Cluster: typeof import('./pulumi/cluster').Cluster;
// Loaded when a program first asks for it: a synth uses no Pulumi, and loading that takes four times as long as all the rest.
const onDemand = { get Cluster() { return (require('./pulumi/cluster') as typeof import('./pulumi/cluster')).Cluster; } };
// In this form Node finds the name for `import { Cluster }` as well, which it takes from the text.
Object.defineProperty(exports, 'Cluster', { enumerable: true, get: function () { return onDemand.Cluster; } });
