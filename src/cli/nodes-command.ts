import { Command } from 'commander';

import { openCluster } from './open-cluster';
import { nodesTable } from './nodes-table';

interface NodesOptions {
  readonly kubeconfig?: string;
  readonly rehearsal?: string;
}

/** `llmos-nodes nodes`: what LLMOS's Nodes page shows, and the quorum. */
export function nodesCommand(): Command {
  return new Command('nodes')
    .description('show the nodes of a cluster and its quorum')
    .option('--kubeconfig <file>', 'kubeconfig of the cluster (default: KUBECONFIG, then ~/.kube/config)')
    .option('--rehearsal <folder>', 'show the simulated cluster in this folder')
    .action(async (options: NodesOptions) => {
      const api = await openCluster(options);
      try {
        console.log(nodesTable(await api.nodes(), process.stdout));
      } finally {
        await api.close();
      }
    });
}
