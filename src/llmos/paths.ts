/**
 * Where LLMOS and the Kubernetes it installs keep things on a host.
 * Source: LLMOS's install and uninstall scripts, its bootstrap, and the k3s and RKE2 packages.
 */
export const LLMOS_PATHS = {
  config: '/etc/llmos/config.yaml',
  kubeconfig: '/etc/llmos/kubeconfig.yaml',
  /** Holds the whole config, token included, from the first attempt on. */
  working: '/var/lib/llmos/working',
  /** The done stamp: LLMOS does nothing more once it exists. */
  bootstrapped: '/var/lib/llmos/bootstrapped',
  token: '/var/lib/llmos/token',
  /** LLMOS's installer takes the second where the first cannot be written to. */
  binaryDirectories: ['/usr/local/bin', '/opt/bin'],
  uninstallScript: 'llmos-uninstall.sh',
  /** Image archives in which `llmos bootstrap` looks for the installers of the runtime and the operator before it pulls them. */
  images: '/var/lib/llmos/images',
} as const;

/** The unit that runs `llmos bootstrap`: oneshot, without a start timeout. */
export const LLMOS_UNIT = 'llmos.service';

/** One of the two Kubernetes distributions LLMOS installs. */
export interface RuntimePaths {
  readonly serverUnit: string;
  readonly agentUnit: string;
  readonly binary: string;
  readonly config: string;
  readonly kubeconfig: string;
  readonly serverToken: string;
  readonly snapshots: string;
  /** Image archives that are loaded when it starts, so that nothing has to be pulled. */
  readonly images: string;
  /** Which registries images come from and how to log in there; 0600, for passwords are in it. */
  readonly registries: string;
  /** With which etcd is talked to: `server-ca.crt`, `client.crt`, `client.key`. */
  readonly etcdCertificates: string;
  /** Where servers register nodes and answer `/ping` and `/db/info`. */
  readonly supervisorPort: number;
  readonly uninstallScripts: readonly string[];
}

export const K3S: RuntimePaths = {
  serverUnit: 'k3s.service',
  agentUnit: 'k3s-agent.service',
  binary: 'k3s',
  config: '/etc/rancher/k3s/config.yaml.d/40-llmos.yaml',
  kubeconfig: '/etc/rancher/k3s/k3s.yaml',
  serverToken: '/var/lib/rancher/k3s/server/token',
  snapshots: '/var/lib/rancher/k3s/server/db/snapshots',
  images: '/var/lib/rancher/k3s/agent/images',
  registries: '/etc/rancher/k3s/registries.yaml',
  etcdCertificates: '/var/lib/rancher/k3s/server/tls/etcd',
  supervisorPort: 6443,
  uninstallScripts: ['k3s-uninstall.sh', 'k3s-agent-uninstall.sh'],
};

export const RKE2: RuntimePaths = {
  serverUnit: 'rke2-server.service',
  agentUnit: 'rke2-agent.service',
  binary: 'rke2',
  config: '/etc/rancher/rke2/config.yaml.d/40-llmos.yaml',
  kubeconfig: '/etc/rancher/rke2/rke2.yaml',
  serverToken: '/var/lib/rancher/rke2/server/token',
  snapshots: '/var/lib/rancher/rke2/server/db/snapshots',
  images: '/var/lib/rancher/rke2/agent/images',
  registries: '/etc/rancher/rke2/registries.yaml',
  etcdCertificates: '/var/lib/rancher/rke2/server/tls/etcd',
  supervisorPort: 9345,
  uninstallScripts: ['rke2-uninstall.sh', 'rke2-agent-uninstall.sh'],
};

export const RUNTIMES: readonly RuntimePaths[] = [K3S, RKE2];

/** Units of the Kubernetes that LLMOS installs. */
export const RUNTIME_UNITS: readonly string[] = RUNTIMES.flatMap(({ serverUnit, agentUnit }) => [serverUnit, agentUnit]);

/** Where systemd finds units that a package or an administrator put there. */
export const UNIT_DIRECTORIES: readonly string[] = ['/etc/systemd/system', '/usr/local/lib/systemd/system', '/usr/lib/systemd/system'];

/** Everything a removed host must no longer have. Nothing else on a host is ever deleted. */
export const LEFTOVER_PATHS: readonly string[] = [
  '/etc/llmos',
  '/var/lib/llmos',
  '/etc/rancher/k3s',
  '/etc/rancher/rke2',
  '/etc/rancher/node',
  '/var/lib/rancher/k3s',
  '/var/lib/rancher/rke2',
  '/var/lib/kubelet',
];

/** Our own mark on a host whose node is being removed; while it exists, no unit of LLMOS or Kubernetes starts. */
export const RESTART_BLOCK = {
  marker: '/etc/llmos-nodes/removed',
  dropIn: '90-llmos-nodes-removed.conf',
  unitDirectory: '/etc/systemd/system',
} as const;
