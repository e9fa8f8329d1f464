import { createAdapters } from '../adapters/adapters';
import type { NodeTarget } from '../membership/node-target';
import { ClusterSession } from '../membership/session';
import { Problem } from '../problem';
import { LiveCluster } from './live-cluster';
import { openCluster, openLiveCluster } from './open-cluster';

/** Where the cluster that is to be imported can be reached. */
export interface ImportPlace {
  readonly kubeconfig?: string;
  readonly rehearsal?: string;
  /** A management node, as ssh takes it: `ops@10.0.0.11`. The other machines are asked with the same login. */
  readonly ssh?: SshLogin;
  /** File of the private key. @default - the SSH agent, then the keys of ~/.ssh */
  readonly identity?: string;
}

/** A login on a host. */
export interface SshLogin {
  readonly user: string;
  readonly host: string;
  /** @default 22 */
  readonly port?: number;
}

/** A cluster that is about to be imported, and its machines, where they can be asked as well. */
export interface ImportedCluster {
  readonly live: LiveCluster;
  readonly session?: ClusterSession;
}

/** How long a machine that is only looked at may take to answer, in seconds. */
const DIAL_SECONDS = 5;

/**
 * Reaches the cluster, for reading alone.
 * @throws Problem where a kubeconfig or a rehearsal cannot be read, or the host is no management node that works
 */
export async function openForImport({ kubeconfig, rehearsal, ssh, identity }: ImportPlace): Promise<ImportedCluster> {
  if (rehearsal !== undefined) return { live: await openLiveCluster({ rehearsal }), session: sessionOf({ rehearsal, connection: {} }) };
  if (ssh === undefined) return { live: await openLiveCluster({ kubeconfig }) };
  const { user, host, port } = ssh;
  const session = sessionOf({ connection: { user, port, privateKeyPath: identity, dialTimeoutSeconds: DIAL_SECONDS } });
  const connect = async () => (kubeconfig === undefined ? (await session.serverAt(await managementNode(session, host), 'join')).api : openCluster({ kubeconfig }));
  return { live: new LiveCluster({ connect, session }), session };
}

/** @throws Problem where the text is no login */
export function parseLogin(text: string): SshLogin {
  const [, user = 'root', bracketed, plain, port] = /^(?:([^\s:@]+)@)?(?:\[([^\s\]]+)\]|([^\s@[\]]+?))(?::(\d+))?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host !== undefined && (bracketed !== undefined || !host.includes(':'))) return { user, host, ...(port !== undefined && { port: Number(port) }) };
  throw new Problem({ subject: '--ssh', value: text, rule: 'it is no login on a host', remedy: "write it like 'ops@10.0.0.11', 'ops@m1.example.com:2222' or 'ops@[2001:db8::11]'" });
}

/** The machine says itself under which name it is in the cluster. */
async function managementNode(session: ClusterSession, address: string): Promise<NodeTarget> {
  const unnamed: NodeTarget = { name: address, role: 'management', address, labels: {}, taints: [] };
  const { nodeName, hostname } = await session.machine(unnamed).facts();
  return { ...unnamed, name: nodeName ?? hostname };
}

function sessionOf(options: Parameters<typeof createAdapters>[0]): ClusterSession {
  return new ClusterSession({ name: '', registrationAddress: '', registrationPort: 0 }, createAdapters(options));
}
