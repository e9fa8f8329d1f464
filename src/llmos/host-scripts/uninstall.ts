import { LEFTOVER_PATHS, LLMOS_PATHS, LLMOS_UNIT, RESTART_BLOCK, RUNTIME_UNITS, RUNTIMES } from '../paths';
import { quoteAll } from '../quote';
import { Answers, HAS_UNIT, PATH_OF, PIDS_OF, SAY, UNIT_FILE } from './shell-words';

const { marker, dropIn, unitDirectory } = RESTART_BLOCK;
const UNITS = [LLMOS_UNIT, ...RUNTIME_UNITS];
const RUNTIME_SCRIPTS = RUNTIMES.flatMap(({ uninstallScripts }) => uninstallScripts);
const BINARIES = ['llmos', LLMOS_PATHS.uninstallScript, ...RUNTIMES.map(({ binary }) => binary), ...RUNTIME_SCRIPTS];
const BINARY_PATHS = LLMOS_PATHS.binaryDirectories.flatMap(folder => BINARIES.map(name => `${folder}/${name}`));

/**
 * Runs LLMOS's uninstall script and then deletes what it leaves. Its exit status says nothing (it calls helpers that do not
 * exist), it does not end a running bootstrap, it does not find RKE2, it leaves the config with the token, and it finds the
 * runtime's own script only where /usr/local/bin is in PATH. Nothing is deleted where something is still mounted below: a
 * pod's volume may be a bind mount of somebody's data. Our own block goes last, when nothing is left that could start.
 */
export const UNINSTALL_SCRIPT = `\
${HAS_UNIT}
${PATH_OF}
${PIDS_OF}
PATH=$PATH:${LLMOS_PATHS.binaryDirectories.join(':')}
export PATH
for unit in ${quoteAll(UNITS)}; do if has_unit "$unit"; then systemctl stop "$unit"; fi; done
for pid in $(pids_of llmos); do kill -KILL "$pid"; done
for script in ${quoteAll([LLMOS_PATHS.uninstallScript, ...RUNTIME_SCRIPTS])}; do
  if path=$(path_of "$script"); then sh "$path"; fi
done
for unit in ${quoteAll(UNITS)}; do
  systemctl disable -q "$unit"
  rm -f ${unitDirectory}/"$unit" ${unitDirectory}/"$unit".env ${unitDirectory}/"$unit".d/${dropIn}
  rmdir ${unitDirectory}/"$unit".d
done
rm -f ${quoteAll(BINARY_PATHS)}
for path in ${quoteAll(LEFTOVER_PATHS)}; do
  if ! awk -v below="$path/" 'index($2, below) == 1 { found = 1 } END { exit !found }' /proc/self/mounts; then rm -rf "$path"; fi
done
rmdir /etc/rancher /var/lib/rancher
rm -f ${marker}
rmdir "$(dirname ${marker})"
systemctl daemon-reload
for unit in ${quoteAll(UNITS)}; do systemctl reset-failed "$unit"; done
exit 0`;

/** Names of the processes a node consists of. Source: k3s, RKE2 and what they start. */
const PROCESSES = ['llmos', 'k3s', 'k3s-server', 'k3s-agent', 'rke2', 'kubelet', 'kube-apiserver', 'kube-controller', 'kube-scheduler', 'kube-proxy', 'etcd'];

/**
 * What of the node is still there. An empty folder is nothing: it may be where a disk is mounted. A containerd shim counts
 * where it holds a pod: the host may run containers of its own.
 */
export const LEFTOVERS_SCRIPT = `\
${SAY}
${PIDS_OF}
${UNIT_FILE}
for path in ${quoteAll([...LEFTOVER_PATHS, ...BINARY_PATHS, marker])}; do
  if [ -d "$path" ] && [ -z "$(ls -A "$path")" ]; then continue; fi
  if [ -e "$path" ] || [ -L "$path" ]; then say left "$path"; fi
done
for unit in ${quoteAll(UNITS)}; do
  for path in $(unit_file "$unit") ${unitDirectory}/"$unit".env ${unitDirectory}/"$unit".d/${dropIn}; do
    if [ -e "$path" ]; then say left "$path"; fi
  done
done
for name in ${quoteAll(PROCESSES)}; do
  for pid in $(pids_of "$name"); do say left "process $name ($pid)"; done
done
for pid in $(pids_of containerd-shim); do
  if tr '\\0' ' ' <"/proc/$pid/cmdline" | grep -q -e '-namespace k8s.io '; then say left "process containerd-shim ($pid)"; fi
done
exit 0`;

export function parseLeftovers(output: string): string[] {
  return [...new Answers(output).all('left')];
}
