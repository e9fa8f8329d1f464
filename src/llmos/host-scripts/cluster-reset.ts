import { K3S, RKE2 } from '../paths';
import { ETCD_HEALTH_PORT } from '../ports';
import { quote } from '../quote';
import { RUNTIME } from './control-plane';
import { HTTP } from './http';
import { Answers, PATH_OF, SAY } from './shell-words';

/** Where a recovery keeps its copies and its note. Cleaning a host leaves it: the copy may be the last one there is. */
const FOLDER = '/var/lib/llmos-nodes';
/** On the host whose data the cluster is recovered from, until the recovery is over. */
const NOTE = `${FOLDER}/recovery`;
const RESET_UNIT = 'llmos-nodes-cluster-reset.service';
const RESET_SECONDS = 10 * 60;
/** What a copy leaves free, in KiB: etcd and the journal of the host go on writing. */
const SPARE_KIB = 64 * 1024;

/** `$server` and `$unit` of the runtime that is here, and whether any of it runs. */
const SERVER = `\
${RUNTIME}
server=/var/lib/rancher/$binary/server
if [ $binary = ${RKE2.binary} ]; then unit=${RKE2.serverUnit}; else unit=${K3S.serverUnit}; fi
runs() { case $(systemctl show "$unit" -p ActiveState) in *=active | *=activating | *=reloading | *=deactivating) return 0 ;; esac; return 1; }`;

/** What a host has of etcd's data, and what its member says of it without asking the others. */
export interface Datastore {
  /** etcd's data is on the disk. */
  readonly present: boolean;
  /** Kubernetes runs or is being started. */
  readonly running: boolean;
  /**
   * How far the data goes: the revision of the key-value store, as the member's own metrics have it. What the members agreed on
   * has one order, so a higher revision contains a lower one. @default - the member does not run, or is a learner
   */
  readonly revision?: number;
  /** Members that its etcd knows of, itself and learners among them. @default - it does not say */
  readonly members?: number;
  /** The recovery this host's data was chosen for and that is not over. */
  readonly recovery?: RecoveryNote;
  /** Recoveries for which this host's own data was moved out of the way: what is there now is newer. */
  readonly forgotten: readonly string[];
}

/** What stays on the host a cluster is recovered from until that is over. */
export interface RecoveryNote {
  /** Names the recovery and its copies: when it was begun, `20260131T104500Z`. */
  readonly id: string;
  /** The revision that was there when it was chosen. */
  readonly revision: number;
  /** Its data has become a cluster of its own: from here on there is no way back. */
  readonly reset: boolean;
}

/**
 * etcd's metrics are served from the first moment on, while its client port waits for a quorum.
 * Source: etcd's embed.StartEtcd, which serves clients only after the member has published itself.
 */
export const DATASTORE_SCRIPT = `\
${SAY}
${HTTP}
${SERVER}
if [ -d "$server/db/etcd/member/wal" ]; then say present true; fi
if runs; then say running true; fi
get http://127.0.0.1:${ETCD_HEALTH_PORT}/metrics 2>/dev/null | sed -n \\
  -e 's/^etcd_debugging_mvcc_current_revision /revision=/p' -e 's/^etcd_server_is_learner /learner=/p' \\
  -e 's/^etcd_network_known_peers{.*Remote="\\([0-9a-f]*\\)".*} 1$/member=\\1/p'
if [ -f ${NOTE} ]; then sed 's/^/recovery-/' ${NOTE}; fi
for mark in ${FOLDER}/recovery-*/forgotten; do
  if [ -e "$mark" ]; then mark=\${mark%/forgotten}; say forgotten "\${mark##*/recovery-}"; fi
done
exit 0`;

export function parseDatastore(output: string): Datastore {
  const answers = new Answers(output);
  const members = new Set(answers.all('member')).size;
  const revision = answers.one('learner') === '1' ? undefined : number(answers.one('revision'));
  const id = answers.one('recovery-id');
  return {
    present: answers.one('present') === 'true',
    running: answers.one('running') === 'true',
    revision,
    members: members === 0 ? undefined : members,
    recovery: id === '' ? undefined : { id, revision: number(answers.one('recovery-revision')) ?? 0, reset: answers.one('recovery-reset') === 'true' },
    forgotten: answers.all('forgotten'),
  };
}

/** Prometheus writes large numbers as 1.234567e+06. */
function number(text: string): number | undefined {
  return text === '' ? undefined : Number(text);
}

/** Notes that the cluster is recovered from this host; one that is there already stays as it is. */
export function noteRecoveryScript(id: string, revision: number): string {
  return `\
set -eu
umask 077
mkdir -p ${FOLDER}
if [ -e ${NOTE} ]; then exit 0; fi
printf 'id=%s\\nrevision=%s\\n' ${quote(id)} ${revision} >${NOTE}.new
mv ${NOTE}.new ${NOTE}`;
}

/** The recovery is over, or taken back; its copies stay. */
export const END_RECOVERY_SCRIPT = `rm -f ${NOTE}`;

/** RKE2 runs etcd as a pod that outlives its service. */
export const STOP_DATASTORE_SCRIPT = `\
set -eu
${PATH_OF}
${SERVER}
if [ $binary = ${RKE2.binary} ]; then "$(path_of rke2-killall.sh)" >/dev/null 2>&1; fi`;

/**
 * Copies etcd's data, the token it is bound to and the certificates, and prints where the copy lies; nothing is printed where there
 * is no data. A copy that is complete is never written again.
 */
export function copyDatastoreScript(id: string): string {
  return `\
set -eu
umask 077
${HTTP}
${SERVER}
copy=${FOLDER}/recovery-${quote(id)}
if [ -e "$copy/complete" ]; then echo "$copy"; exit 0; fi
if ! [ -d "$server/db/etcd/member/wal" ]; then exit 0; fi
if runs || get http://127.0.0.1:${ETCD_HEALTH_PORT}/metrics >/dev/null 2>&1; then echo 'etcd still runs there' >&2; exit 1; fi
mkdir -p "$copy"
rm -rf "$copy"/*
needed=$(($(du -sk "$server/db/etcd" | cut -f 1) + ${SPARE_KIB}))
free=$(df -Pk "$copy" | awk 'NR == 2 { print $4 }')
if [ "$free" -lt "$needed" ]; then
  rmdir "$copy"
  echo "the copy of etcd's data needs $((needed / 1024)) MiB in ${FOLDER}, and $((free / 1024)) MiB are free" >&2
  exit 1
fi
cp -a "$server/db/etcd" "$copy/etcd"
for part in token tls; do if [ -e "$server/$part" ]; then cp -a "$server/$part" "$copy/$part"; fi; done
sync
: >"$copy/complete"
echo "$copy"`;
}

/**
 * Makes a cluster of this one member of the data, with the runtime's own command, in a unit of its own: it goes on where the
 * connection breaks, and whoever comes next waits for it. k3s and RKE2 leave a flag when it is done.
 */
export const RESET_SCRIPT = `\
set -eu
umask 077
${PATH_OF}
${SERVER}
if grep -qx reset=true ${NOTE}; then exit 0; fi
flag=$server/db/reset-flag
while systemctl is-active -q ${RESET_UNIT}; do sleep 1; done
if ! [ -e "$flag" ]; then
  if runs; then echo "$unit still runs there" >&2; exit 1; fi
  if ! systemd-run -q --wait --collect --unit=${RESET_UNIT} -p RuntimeMaxSec=${RESET_SECONDS} \\
    -p EnvironmentFile="-/etc/default/\${unit%.service}" -p EnvironmentFile="-/etc/systemd/system/$unit.env" -p EnvironmentFile="-/usr/local/lib/systemd/system/\${unit%.service}.env" \\
    "$(path_of "$binary")" server --cluster-reset || ! [ -e "$flag" ]; then
    journalctl -q --no-pager -o cat -n 3 -u ${RESET_UNIT} >&2
    exit 1
  fi
fi
{ cat ${NOTE}; echo reset=true; } >${NOTE}.new
mv ${NOTE}.new ${NOTE}`;

/** Deletes etcd's data where there is a copy of it, once in a recovery: what is there afterwards is the recovered cluster's. Snapshots stay. */
export function forgetDatastoreScript(id: string): string {
  return `\
set -eu
umask 077
${SERVER}
copy=${FOLDER}/recovery-${quote(id)}
if [ -e "$copy/forgotten" ]; then exit 0; fi
if runs; then echo "$unit still runs there" >&2; exit 1; fi
if [ -d "$server/db/etcd/member/wal" ] && ! [ -e "$copy/complete" ]; then echo "there is no copy of etcd's data yet" >&2; exit 1; fi
rm -rf "$server/db/etcd" "$server/db/etcd-tmp" "$server/db/reset-flag"
mkdir -p "$copy"
: >"$copy/forgotten"`;
}
