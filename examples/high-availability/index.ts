// index.ts — `pulumi up`
import { App } from 'cdk8s';
import { Cluster } from 'llmos-nodes';

import { defineCluster } from './cluster';

const cluster = new Cluster('high-availability', {
  chart: defineCluster(new App()),
  // The machines are reached through a bastion; host keys are those in ~/.ssh/known_hosts, keys those of the SSH agent.
  connection: { user: 'ops', bastion: { host: 'bastion.example.com' } },
}, {
  // A GPU machine takes its time to install.
  customTimeouts: { create: '30m' },
});

export const quorum = cluster.quorum;
export const nodes = cluster.nodes;
