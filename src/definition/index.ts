export * from './cluster-chart';
export * from './cluster-chart-props';
export * from './cluster-definition';
export { type MachineProps } from './machine';
export * from './management-pool';
export { MEMBERSHIP_CONFIG_MAP, MEMBERSHIP_KEY } from './membership-manifest';
export { NodePool, type NodePoolProps } from './node-pool';
export * from './validate-cluster';
export * from './worker-pool';
