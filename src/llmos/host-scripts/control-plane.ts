import { SYSTEM_NAMESPACE } from '../fence';
import { K3S, LLMOS_PATHS, RKE2, RUNTIMES } from '../paths';
import { API_PORT, ETCD_HEALTH_PORT } from '../ports';
import { quoteAll } from '../quote';
import { readFirstScript } from './files';
import { HTTP } from './http';
import { PATH_OF } from './shell-words';

/** Which of the two runs here, as shell variables. */
export const RUNTIME = `\
if [ -d /var/lib/rancher/${RKE2.binary}/server ]; then
  binary=${RKE2.binary}; port=${RKE2.supervisorPort}; token_file=${RKE2.serverToken}; snapshots=${RKE2.snapshots}
else
  binary=${K3S.binary}; port=${K3S.supervisorPort}; token_file=${K3S.serverToken}; snapshots=${K3S.snapshots}
fi`;

/** The token machines join with. The runtime's own file has it as `K10<hash>::server:<token>`. */
export const JOIN_TOKEN_SCRIPT = `\
${PATH_OF}
${RUNTIME}
if llmos=$(path_of llmos) && token=$("$llmos" get-token 2>/dev/null) && [ -n "$token" ]; then
  printf '%s\\n' "$token"
else
  sed 's/.*://' "$token_file"
fi`;

export const KUBECONFIG_SCRIPT = readFirstScript([LLMOS_PATHS.kubeconfig, ...RUNTIMES.map(({ kubeconfig }) => kubeconfig)]);

/** The namespace whose UID is the cluster's identity, from this host's own API server. */
export const CLUSTER_IDENTITY_SCRIPT = `\
${HTTP}
${RUNTIME}
tls=$(dirname "$token_file")/tls
client_certificate "$tls/client-admin.crt" "$tls/client-admin.key" | get_authorised "https://127.0.0.1:${API_PORT}/api/v1/namespaces/${SYSTEM_NAMESPACE}"`;

/** Reads what {@link CLUSTER_IDENTITY_SCRIPT} prints. */
export function parseClusterIdentity(namespace: string): string {
  return (JSON.parse(namespace) as { readonly metadata: { readonly uid: string } }).metadata.uid;
}

/** etcd's member list, from this host's supervisor. It wants the server token, except from loopback on recent versions. */
export const MEMBERS_SCRIPT = `\
${HTTP}
${RUNTIME}
credential=$({ printf server:; sed 's/.*://' "$token_file"; } | tr -d '\\n' | base64 | tr -d '\\n')
authorisation Basic "$credential" | get_authorised "https://127.0.0.1:$port/db/info"`;

/** A linearizable read by this host's own etcd member: it fails where the member is down or has no quorum behind it. */
export const MEMBER_HEALTH_SCRIPT = `\
${HTTP}
get http://127.0.0.1:${ETCD_HEALTH_PORT}/health`;

/** What this host's own etcd member counts. It is served without a quorum. */
export const METRICS_SCRIPT = `\
${HTTP}
get http://127.0.0.1:${ETCD_HEALTH_PORT}/metrics`;

/** Whether the member with these metrics leads. */
export function parseLeads(metrics: string): boolean {
  return /^etcd_server_is_leader 1$/m.test(metrics);
}

/** Takes a snapshot and prints where it lies. */
export function snapshotScript(name: string): string {
  return `\
${PATH_OF}
${RUNTIME}
binary=$(path_of "$binary") || exit 127
"$binary" etcd-snapshot save --name ${quoteAll([name])} >&2 || exit $?
ls -t "$snapshots"/${quoteAll([name])}* | head -n 1`;
}
