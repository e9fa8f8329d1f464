// index.ts — `pulumi up` makes the machines, and then nodes of them
import * as pulumi from '@pulumi/pulumi';
import { App } from 'cdk8s';
import { Cluster } from 'llmos-nodes';

import { defineCluster } from './cluster';
import { Machines } from './machines';
import { pretendedMachine } from './pretended-machines';

// pulumi config set publicKey "$(cat ~/.ssh/id_ed25519.pub)": with it the machines are real, and cost money.
const publicKey = new pulumi.Config().get('publicKey');
const machines = publicKey === undefined ? undefined : new Machines(publicKey);

const chart = defineCluster(new App(), planned => (machines === undefined ? pretendedMachine(planned) : machines.make(planned)));

// A node leaves the cluster before its machine is taken away, because its address comes from the machine.
const cluster = new Cluster('cloud-machines', { chart, connection: { user: 'root' }, maxParallelJoins: 20 });

export const quorum = cluster.quorum;
export const nodes = cluster.nodes;
