/** TCP ports LLMOS needs: etcd, supervisor and API server, operator, kubelet, embedded registry. Source: LLMOS's requirements. */
export const TCP_PORTS: readonly number[] = [2379, 2380, 6443, 8443, 10250, 5001];

/** NodePorts: services of the cluster are published here. */
export const NODE_PORTS = { first: 30000, last: 32767 } as const;

/** Where every management node's own API server listens, with k3s and RKE2 alike. */
export const API_PORT = 6443;

/** Where LLMOS's operator answers joining nodes (`/v1-cluster/cluster-info`). */
export const OPERATOR_PORT = 8443;

/** Where etcd's clients are served, with certificates. */
export const ETCD_CLIENT_PORT = 2379;

/** etcd's metrics and `/health`, plain HTTP; LLMOS switches it on for management nodes, and k3s always listens on loopback. */
export const ETCD_HEALTH_PORT = 2381;

/** Is this a TCP port that a node of LLMOS must find free? */
export function isLlmosPort(port: number): boolean {
  return TCP_PORTS.includes(port) || (port >= NODE_PORTS.first && port <= NODE_PORTS.last);
}
