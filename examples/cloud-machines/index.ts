// index.ts — `pulumi up` makes the machines, and then nodes of them
import { App } from 'cdk8s';
import { Cluster } from 'llmos-nodes';

import { CloudMachine } from './cloud-machine';
import { defineCluster } from './cluster';

let machines = 0;

const chart = defineCluster(new App(), ({ name, zone }) => {
  machines += 1;
  return new CloudMachine(name, { zone, pretendAddress: `203.0.113.${10 + machines}` }).address;
});

// A node leaves the cluster before its machine is taken away, because its address comes from the machine.
const cluster = new Cluster('cloud-machines', { chart, connection: { user: 'root' } });

export const quorum = cluster.quorum;
export const nodes = cluster.nodes;
