// index.ts — `pulumi up`, which the operator types
import { App } from 'cdk8s';
import { Cluster } from 'llmos-nodes';

import { defineCluster } from './cluster';

const cluster = new Cluster('in-cluster', {
  chart: defineCluster(new App()),
  // The key and the host keys are those in ~/.ssh: of the workspace (see operator/stack.yaml), or of the person at a laptop.
  connection: { user: 'ops' },
});

export const quorum = cluster.quorum;
export const nodes = cluster.nodes;
