// index.ts — `pulumi up`
import * as pulumi from '@pulumi/pulumi';
import { App } from 'cdk8s';
import { Cluster } from 'llmos-nodes';

import { defineCluster } from './cluster';

const config = new pulumi.Config('quickstart');
const chart = defineCluster(new App(), { managementNodes: config.getNumber('managementNodes') });

const cluster = new Cluster('quickstart', { chart });

export const quorum = cluster.quorum;
export const nodes = cluster.nodes;
