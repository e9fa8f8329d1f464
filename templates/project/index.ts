// `pulumi up`: carries the definition out.
import { App } from 'cdk8s';
import { Cluster } from 'llmos-nodes';

import { defineCluster } from './cluster';

const cluster = new Cluster('{{name}}', {
  chart: defineCluster(new App()),
  // root, or a user with sudo that asks for no password. Keys come from the SSH agent or ~/.ssh; host keys have to be known.
  connection: {{connection}},
});

export const quorum = cluster.quorum;
export const nodes = cluster.nodes;
