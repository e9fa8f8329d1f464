import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

import { createAdapters, type AdapterOptions } from '../adapters/adapters';
import type { ClusterApi } from '../membership/ports/cluster-api';
import { ClusterSession } from '../membership/session';
import { Problem } from '../problem';
import { LiveCluster } from './live-cluster';
import type { StackCluster } from './stack-cluster';

/** Which cluster a command is about. */
export interface ClusterOptions {
  /** A kubeconfig file. @default - KUBECONFIG, then ~/.kube/config */
  readonly kubeconfig?: string;
  /** The folder of a rehearsal, which has no kubeconfig. */
  readonly rehearsal?: string;
}

const PRINT_KUBECONFIG = 'a program that exports cluster.kubeconfig prints it with `pulumi stack output kubeconfig --show-secrets`';

/** How long a machine that is only looked at may take to answer, in seconds: nobody waits 15 s for one that is dead. */
const DIAL_SECONDS = 5;

/** The API server a command talks to. @throws Problem where neither a kubeconfig nor a rehearsal can be read */
export async function openCluster({ kubeconfig, rehearsal }: ClusterOptions): Promise<ClusterApi> {
  if (rehearsal !== undefined) return openRehearsed(rehearsal);
  const text = await readKubeconfig(kubeconfig ?? defaultKubeconfig());
  // Loaded here and not on top: the client takes longer to load than everything else of the command.
  const { connectKubernetes } = require('../adapters/kubernetes') as typeof import('../adapters/kubernetes');
  return connectKubernetes({ kubeconfig: text });
}

/**
 * The cluster a command looks at. A kubeconfig or a rehearsal that is named says where it is; else the stack does, and is
 * reached as `pulumi up` reaches it. The stack also says how machines are reached, so that etcd's members can be asked themselves.
 *
 * @param stack what the stack records. @default - there is none
 * @throws Problem where a kubeconfig or a rehearsal cannot be read
 */
export async function openLiveCluster({ kubeconfig, rehearsal }: ClusterOptions, stack?: StackCluster): Promise<LiveCluster> {
  const identity = stack?.declared.identity;
  const folder = rehearsal ?? (kubeconfig === undefined ? stack?.rehearsal : undefined);
  if (folder !== undefined) {
    const api = openRehearsed(folder);
    return new LiveCluster({ connect: async () => api, identity, session: openSession({ rehearsal: folder, connection: {} }, stack) });
  }
  if (stack === undefined || stack.rehearsal !== undefined || kubeconfig !== undefined) {
    const api = await openCluster({ kubeconfig });
    const session = stack === undefined || stack.rehearsal !== undefined ? undefined : openSession({ connection: quick(stack) }, stack);
    return new LiveCluster({ connect: async () => api, identity, session, withoutMachines: session ? undefined : 'a kubeconfig does not lead to the machines, --stack does' });
  }
  const session = openSession({ connection: quick(stack), kubeconfig: stack.kubeconfig }, stack);
  // It asks each management node whether it belongs to the cluster.
  session.expect(identity);
  return new LiveCluster({ connect: async () => (await session.server('join')).api, session });
}

/**
 * The machines of a stack, for a cluster whose API server need not answer. It is asked through a management host once it does: a
 * kubeconfig may lead to one that is lost.
 */
export function openStackSession(stack: StackCluster): ClusterSession {
  const session = openSession(stack.rehearsal === undefined ? { connection: quick(stack) } : { rehearsal: stack.rehearsal, connection: {} }, stack);
  session.expect(stack.declared.identity);
  return session;
}

function quick({ connection }: StackCluster): StackCluster['connection'] {
  return { ...connection, dialTimeoutSeconds: connection.dialTimeoutSeconds ?? DIAL_SECONDS };
}

function openSession(options: AdapterOptions, stack: StackCluster | undefined): ClusterSession {
  const { declared, registrationAddress = '', registrationPort = 0, management = [] } = stack ?? {};
  const session = new ClusterSession({ name: declared?.name ?? '', registrationAddress, registrationPort }, createAdapters(options));
  session.know(management);
  return session;
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

/** Whether there is a kubeconfig that nobody has to name. */
export function hasDefaultKubeconfig(): boolean {
  return Boolean(process.env.KUBECONFIG) || existsSync(homeKubeconfig());
}

function homeKubeconfig(): string {
  return join(homedir(), '.kube', 'config');
}

function defaultKubeconfig(): string {
  const files = (process.env.KUBECONFIG ?? '').split(delimiter).filter(file => file !== '');
  if (files.length > 1) {
    throw new Problem({ subject: 'KUBECONFIG', value: files.join(', '), rule: 'it lists several files, and one of them is wanted', remedy: 'name it with --kubeconfig' });
  }
  return files[0] ?? homeKubeconfig();
}
