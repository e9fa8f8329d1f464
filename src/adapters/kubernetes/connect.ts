import { ACCESS_NAME } from '../../llmos/access';
import { SYSTEM_NAMESPACE } from '../../llmos/fence';
import type { ClusterApi } from '../../membership/ports/cluster-api';
import { Problem } from '../../problem';
import { ApiClient } from './api-client';
import { hasCode } from './api-error';
import { type Credential, type IssuedToken, ServiceAccountCredential, givenCredential } from './credential';
import { KubernetesCluster } from './kubernetes-cluster';
import type { KubeConfig, KubernetesModule } from './kubernetes-types';
import { RejoinFence } from './rejoin-fence';

export interface KubernetesConnectionOptions {
  /** The kubeconfig itself, as text. Its current context counts. */
  readonly kubeconfig: string;
  /** Another way to the same API server, such as the near end of an SSH forward: `https://127.0.0.1:40123`. @default - the kubeconfig's server */
  readonly server?: string;
  /** The name to look for in the server's certificate. @default - the kubeconfig's, else the host of `server` (k3s covers 127.0.0.1) */
  readonly tlsServerName?: string;
  /**
   * Act as the ServiceAccount that the cluster's chart brings, where it exists, with a token of an hour at a time; so that a
   * removal has no more rights than it needs. @default false
   */
  readonly serviceAccount?: boolean;
}

/**
 * Connects to a cluster's API server.
 *
 * @throws Problem when the kubeconfig cannot be used; ApiError when the API server does not answer or refuses the credential
 */
export async function connectKubernetes(options: KubernetesConnectionOptions): Promise<ClusterApi> {
  const kubernetes = await import('@kubernetes/client-node');
  const config = readKubeconfig(kubernetes, options);
  const client = (credential: Credential) => new ApiClient(kubernetes, credential, config.getCurrentCluster()!.server);
  const given = client(givenCredential(config));
  const acting = options.serviceAccount && await hasServiceAccount(given)
    ? client(new ServiceAccountCredential(config, kubernetes, (seconds) => issueToken(given, seconds)))
    : given;
  return new KubernetesCluster(acting, new RejoinFence(acting, given));
}

/** One cluster and one user of a kubeconfig. */
export function readKubeconfig(kubernetes: KubernetesModule, { kubeconfig, server, tlsServerName }: KubernetesConnectionOptions): KubeConfig {
  const config = new kubernetes.KubeConfig();
  try {
    config.loadFromString(kubeconfig);
  } catch {
    // The parser's own message quotes the lines around the mistake, and those hold keys.
    throw unusable('it is not a kubeconfig');
  }
  const cluster = config.getCurrentCluster();
  const user = config.getCurrentUser();
  if (cluster === null || user === null) {
    throw unusable('its current context names no cluster and user of it');
  }
  const address = server ?? cluster.server;
  if (!address.startsWith('https://')) {
    throw unusable('its server must be reached by https', address);
  }
  const result = new kubernetes.KubeConfig();
  result.loadFromClusterAndUser({ ...cluster, server: address.replace(/\/+$/, ''), tlsServerName: tlsServerName ?? cluster.tlsServerName }, user);
  return result;
}

function unusable(rule: string, value?: string): Problem {
  return new Problem({ subject: 'kubeconfig', value, rule, remedy: "use the cluster's own kubeconfig, whole, as a management node has it" });
}

async function hasServiceAccount(client: ApiClient): Promise<boolean> {
  try {
    await client.call(`read service account '${ACCESS_NAME}'`, ({ core }) => core.readNamespacedServiceAccount({ name: ACCESS_NAME, namespace: SYSTEM_NAMESPACE }));
    return true;
  } catch (error) {
    if (hasCode(error, 404)) {
      return false;
    }
    throw error;
  }
}

async function issueToken(client: ApiClient, seconds: number): Promise<IssuedToken> {
  const { status } = await client.call(`make a token for service account '${ACCESS_NAME}'`, ({ core }) => core.createNamespacedServiceAccountToken({
    name: ACCESS_NAME,
    namespace: SYSTEM_NAMESPACE,
    body: { spec: { audiences: [], expirationSeconds: seconds } },
  }));
  return { token: status!.token, expiresAt: new Date(status!.expirationTimestamp).getTime() };
}
