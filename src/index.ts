export * from './definition';
export {
  EXIT_CODES, FAIL_ON, FINDING_KINDS, InputProblem, MARKDOWN_MARKER, REPORT_SCHEMA_VERSION, UNKNOWN_ADDRESS,
  exitCode, fromPreview, fromSynthesised, impact, parseReport, renderHtml, renderJson, renderMarkdown, renderText,
  type FailOn, type Finding, type FindingKind, type FromPreviewOptions, type ImpactFigures, type ImpactOptions, type ImpactReport,
  type ImpactStep, type ImpactVerdict, type LiveMember, type MembershipSnapshot, type PreviewedChange, type SnapshotNode, type TextOptions,
} from './impact';
export type { ConfirmedRemoval, RemovalConfirmation } from './llmos/removal';
export { Cluster, type NodeSummary, type QuorumState } from './pulumi/cluster';
export type { BastionArgs, ClusterArgs, ConnectionArgs, InstallerArgs } from './pulumi/cluster-args';
export {
  checkJoin, checkRemoval, failureTolerance, majority, planTransition, zoneFailureTolerance,
} from './quorum';
