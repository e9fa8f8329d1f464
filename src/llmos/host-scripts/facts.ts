import { parse } from 'yaml';
import { CONFIG_MARK, nodeRole } from '../config';
import type { NodeRole } from '../node';
import { LLMOS_PATHS, RUNTIME_UNITS, RUNTIMES } from '../paths';
import { isLlmosPort } from '../ports';
import { quoteAll } from '../quote';
import { goArchitecture } from '../requirements';
import { Answers, BOOTSTRAP_STATE, SAY } from './shell-words';

/** How far LLMOS has come on a host. */
export type BootstrapStage = 'absent' | 'configured' | 'running' | 'failed' | 'done';

/** Units and files of a Kubernetes that is never LLMOS's: kubeadm and whatever else runs a kubelet, k0s, MicroK8s. */
const FOREIGN_UNITS = ['kubelet.service', 'k0scontroller.service', 'k0sworker.service', 'snap.microk8s.daemon-kubelite.service'];
const FOREIGN_PATHS = ['/etc/kubernetes/kubelet.conf', '/etc/kubernetes/admin.conf', '/var/lib/k0s', '/var/snap/microk8s'];
/**
 * k3s and RKE2 are LLMOS's own where LLMOS has been at work, and somebody else's where it has not. Images and registries laid ready
 * for a closed network are no Kubernetes yet.
 */
const RUNTIME_PATHS = RUNTIMES.flatMap(({ binary }) => [`/etc/rancher/${binary}`, `/var/lib/rancher/${binary}`]);

/** Everything that is asked of a host before anything is changed on it, in one go. */
const ASK = `\
${SAY}
present() { for path in "$@"; do if [ -e "$path" ]; then say kubernetes "$path"; fi; done; }
runs() { for path in "$@"; do if [ -n "$(find "$path" ! -type d ! -name registries.yaml ! -path '*/agent/images/*' 2>/dev/null | head -n 1)" ]; then say kubernetes "$path"; fi; done; }
in_use() { for unit in "$@"; do if systemctl is-enabled -q "$unit" || systemctl is-active -q "$unit"; then say kubernetes "$unit"; fi; done 2>/dev/null; }
say clock "$(date +%s)"
say hostname "$(cat /proc/sys/kernel/hostname)"
say machine-id "$(cat /etc/machine-id)"
say boot-id "$(cat /proc/sys/kernel/random/boot_id)"
say os "$(. /etc/os-release; echo "$PRETTY_NAME")"
say machine "$(uname -m)"
say cores "$(getconf _NPROCESSORS_ONLN)"
say memory-kib "$(sed -n 's/^MemTotal: *\\([0-9]*\\).*/\\1/p' /proc/meminfo)"
if [ -d /run/systemd/system ]; then say systemd true; fi
awk '$4 == "0A" { n = split($2, part, ":"); print "listening=" part[n] }' /proc/net/tcp /proc/net/tcp6 | sort -u
${BOOTSTRAP_STATE}
if [ -e ${LLMOS_PATHS.bootstrapped} ]; then say bootstrapped true; fi
for config in ${quoteAll([LLMOS_PATHS.bootstrapped, LLMOS_PATHS.config, LLMOS_PATHS.working])}; do
  if [ -r "$config" ]; then
    say configured true
    sed -n 's/^ *\\(role\\|server\\|nodeName\\): */\\1=/p' "$config"
    break
  fi
done
if ! grep -q '^${CONFIG_MARK}' ${LLMOS_PATHS.config}; then say by-hand true; fi
in_use ${quoteAll(FOREIGN_UNITS)}
present ${quoteAll(FOREIGN_PATHS)}
if [ -z "$(find /var/lib/llmos ! -type d ! -path '*/llmos/images/*' 2>/dev/null | head -n 1)" ]; then
  in_use ${quoteAll(RUNTIME_UNITS)}
  runs ${quoteAll(RUNTIME_PATHS)}
fi
exit 0`;

/** Runs the questions with root's rights where they can be had, and says whether they can. */
export const FACTS_SCRIPT = `\
ask=$(cat <<'ASK'
${ASK}
ASK
)
if [ "$(id -u)" = 0 ]; then echo privileged=true; sh -c "$ask"
elif sudo -n true 2>/dev/null; then echo privileged=true; sudo -n sh -c "$ask"
else sh -c "$ask"; fi 2>/dev/null`;

/** What a host says of itself. */
export interface HostFacts {
  readonly hostname: string;
  /** /etc/machine-id: tells a reinstalled machine from the same one coming back. */
  readonly machineId: string;
  /** Different after each start of the host, whatever its clock says. @default - it does not say */
  readonly bootId?: string;
  /** Name and version of the operating system, as /etc/os-release has it. */
  readonly os: string;
  /** In Go's words: amd64, arm64, or whatever the host says. */
  readonly arch: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly systemd: boolean;
  /** The login is root, or may use sudo without a password. */
  readonly privileged: boolean;
  /** TCP ports LLMOS needs that something else already listens on. */
  readonly portsInUse: readonly number[];
  /** Traces of a Kubernetes that LLMOS did not install: unit names or paths. */
  readonly otherKubernetes: readonly string[];
  readonly bootstrap: BootstrapStage;
  /** LLMOS was set up by somebody else than this library. @default - by this library, or not yet */
  readonly byHand?: boolean;
  /** `nodeName` and `role` of the host's LLMOS config, where there is one. */
  readonly nodeName?: string;
  readonly role?: NodeRole;
  /** The server it joins by, as the same config has it: `https://10.0.0.11:6443`. @default - it joins none */
  readonly server?: string;
}

/** The facts, and the host's clock in seconds since 1970 (NaN where the script did not run at all). */
export function parseFacts(output: string): { readonly facts: HostFacts; readonly clock: number } {
  const answers = new Answers(output);
  const bootstrap = bootstrapStage(answers);
  const ports = answers.all('listening').map(port => Number.parseInt(port, 16)).filter(isLlmosPort);
  const facts = {
    hostname: answers.one('hostname'),
    machineId: answers.one('machine-id'),
    bootId: answers.one('boot-id') || undefined,
    os: answers.one('os'),
    arch: goArchitecture(answers.one('machine')),
    cores: Number(answers.one('cores')),
    memoryBytes: Number(answers.one('memory-kib')) * 1024,
    systemd: answers.one('systemd') === 'true',
    privileged: answers.one('privileged') === 'true',
    // Once LLMOS is at work there, the ports are its own.
    portsInUse: bootstrap === 'absent' || bootstrap === 'configured' ? [...new Set(ports)].sort((a, b) => a - b) : [],
    otherKubernetes: answers.all('kubernetes'),
    bootstrap,
    ...(bootstrap !== 'absent' && answers.one('by-hand') === 'true' && { byHand: true }),
    nodeName: plain(answers.one('nodeName')),
    // LLMOS takes a config with a server and no role for an agent's.
    role: nodeRole(plain(answers.one('role')) ?? (answers.one('server') === '' ? undefined : 'agent')),
    server: plain(answers.one('server')),
  };
  return { facts, clock: Number.parseInt(answers.one('clock'), 10) };
}

/** Reads the answers to BOOTSTRAP_STATE together with `bootstrapped` and `configured`. */
export function bootstrapStage(answers: Answers): BootstrapStage {
  if (answers.one('bootstrapped') === 'true') return 'done';
  if (['activating', 'deactivating'].includes(answers.one('ActiveState')) || /^[1-9]/.test(answers.one('Job'))) return 'running';
  if (answers.one('ActiveState') === 'failed') return 'failed';
  return answers.one('configured') === 'true' || answers.one('LoadState') === 'loaded' ? 'configured' : 'absent';
}

/** A YAML scalar without its quotes. */
function plain(scalar: string): string | undefined {
  const value: unknown = scalar === '' ? undefined : parse(scalar);
  return value === undefined || value === null ? undefined : String(value);
}
