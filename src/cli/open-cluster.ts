import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

import type { ClusterApi } from '../membership/ports/cluster-api';
import { Problem } from '../problem';

/** Which cluster a command is about. */
export interface ClusterOptions {
  /** A kubeconfig file. @default - KUBECONFIG, then ~/.kube/config */
  readonly kubeconfig?: string;
  /** The folder of a rehearsal, which has no kubeconfig. */
  readonly rehearsal?: string;
}

const PRINT_KUBECONFIG = 'a program that exports cluster.kubeconfig prints it with `pulumi stack output kubeconfig --show-secrets`';

/** The API server a command talks to. @throws Problem where neither a kubeconfig nor a rehearsal can be read */
export async function openCluster({ kubeconfig, rehearsal }: ClusterOptions): Promise<ClusterApi> {
  if (rehearsal !== undefined) return openRehearsed(rehearsal);
  const text = await readKubeconfig(kubeconfig ?? defaultKubeconfig());
  // Loaded here and not on top: the client takes longer to load than everything else of the command.
  const { connectKubernetes } = require('../adapters/kubernetes') as typeof import('../adapters/kubernetes');
  return connectKubernetes({ kubeconfig: text });
}

function openRehearsed(folder: string): ClusterApi {
  // Opening it would make it.
  if (!existsSync(folder)) {
    throw new Problem({ subject: 'rehearsal', value: folder, rule: 'there is no such folder', remedy: 'name the folder of llmos:rehearsal in the stack\'s configuration; `pulumi up` makes it' });
  }
  const { openRehearsal } = require('../adapters/rehearsal') as typeof import('../adapters/rehearsal');
  return openRehearsal(folder).api();
}

async function readKubeconfig(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const rule = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`;
    throw new Problem({ subject: 'kubeconfig', value: file, rule, remedy: `name one with --kubeconfig; ${PRINT_KUBECONFIG}` });
  }
}

function defaultKubeconfig(): string {
  const files = (process.env.KUBECONFIG ?? '').split(delimiter).filter(file => file !== '');
  if (files.length > 1) {
    throw new Problem({ subject: 'KUBECONFIG', value: files.join(', '), rule: 'it lists several files, and one of them is wanted', remedy: 'name it with --kubeconfig' });
  }
  return files[0] ?? join(homedir(), '.kube', 'config');
}
