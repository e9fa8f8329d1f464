import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

import type { ClusterApi } from '../membership/ports/cluster-api';
import { Problem } from '../problem';

/** The API server a command talks to. @throws Problem where neither a kubeconfig nor a rehearsal can be read */
export async function openCluster({ kubeconfig, rehearsal }: { readonly kubeconfig?: string; readonly rehearsal?: string }): Promise<ClusterApi> {
  if (rehearsal !== undefined) {
    const { openRehearsal } = await import('../adapters/rehearsal');
    return openRehearsal(rehearsal).api();
  }
  const file = kubeconfig ?? process.env.KUBECONFIG ?? join(homedir(), '.kube', 'config');
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Problem({
      subject: 'kubeconfig', value: file, rule: `it cannot be read (${error.code})`,
      remedy: 'name one with --kubeconfig; `pulumi stack output kubeconfig --show-secrets` prints that of a stack',
    });
  });
  const { connectKubernetes } = await import('../adapters/kubernetes');
  return connectKubernetes({ kubeconfig: text });
}
