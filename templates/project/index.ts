// `pulumi up`: carries the definition out.
import { App } from 'cdk8s';
import { Cluster } from 'llmos-nodes';

import { defineCluster } from './cluster';

const cluster = new Cluster('{{name}}', {
  chart: defineCluster(new App()),
  // Host keys are checked against ~/.ssh/known_hosts; keys come from the SSH agent.
  connection: { user: 'root' },
});

export const quorum = cluster.quorum;
export const nodes = cluster.nodes;
