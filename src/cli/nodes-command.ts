import { Command, Option } from 'commander';

import { nodesReport } from './nodes-report';
import { nodesTable } from './nodes-table';
import { openCluster, type ClusterOptions } from './open-cluster';

/** `llmos-nodes nodes`: what LLMOS's Nodes page shows, and the quorum. */
export function nodesCommand(): Command {
  return new Command('nodes')
    .summary('show the nodes of a cluster and its quorum')
    .description('Show the nodes of a cluster, and how many management nodes may fail.')
    .option('--kubeconfig <file>', 'kubeconfig of the cluster (default: KUBECONFIG, then ~/.kube/config)')
    .addOption(new Option('--rehearsal <folder>', 'show the simulated cluster in this folder').conflicts('kubeconfig'))
    .option('--json', 'print JSON for other programs')
    .action(async ({ json, ...cluster }: ClusterOptions & { readonly json?: boolean }) => {
      const api = await openCluster(cluster);
      try {
        const report = nodesReport(await api.nodes(), await api.removedNodes());
        console.log(json ? JSON.stringify(report, null, 2) : nodesTable(report, process.stdout));
      } finally {
        await api.close();
      }
    });
}
