export * from './definition';
export { Cluster, type NodeSummary, type QuorumState } from './pulumi/cluster';
export type { BastionArgs, ClusterArgs, ConnectionArgs, InstallerArgs } from './pulumi/cluster-args';
export {
  checkJoin, checkRemoval, failureTolerance, majority, planTransition, zoneFailureTolerance,
} from './quorum';
