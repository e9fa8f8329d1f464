import { RKE2 } from '../paths';
import { quote } from '../quote';
import type { RuntimeRelease } from '../upgrade';
import { RESTART_DUE_SCRIPT, RESTART_WHERE_DUE } from './restart-runtime';
import { HAS_UNIT, PATH_OF } from './shell-words';

/** Where a release waits for its turn. With LLMOS's own files, so that cleaning a host deletes it. */
const STAGED = '/var/lib/llmos/releases';
/** Of both distributions. */
const CONTAINERD = '/run/k3s/containerd/containerd.sock';
/** RKE2 unpacks its tools here; k3s has them built in. */
const RKE2_TOOLS = '/var/lib/rancher/rke2/bin';

/** `runtime`, `binary` and what of the release is where, as shell variables; `runs V`: the binary that is there is of release V. */
function place({ version }: RuntimeRelease): string {
  return `\
set -eu
umask 022
${PATH_OF}
${HAS_UNIT}
version=${quote(version)}
staged=${STAGED}/${quote(version)}
runtime=k3s
if has_unit ${RKE2.serverUnit} || has_unit ${RKE2.agentUnit}; then runtime=rke2; fi
binary=$(path_of "$runtime") || { echo "there is no $runtime here" >&2; exit 1; }
release_of() { "$1" --version 2>/dev/null | sed -n 's/^[a-z0-9]* version \\(v[^ ]*\\).*/\\1/p'; }`;
}

/**
 * Brings a release onto the host, beside the one that runs: what takes long or may not work is done before the node is emptied. The
 * node's own containerd pulls the image, so that mirrors and credentials of its registries count; one that was imported from a file
 * is taken as it is.
 */
export function fetchReleaseScript(release: RuntimeRelease): string {
  return `\
${place(release)}
image=${quote(release.image)}
if [ "$(release_of "$binary")" = "$version" ] || [ -e "$staged/whole" ]; then exit 0; fi
case $runtime in
  k3s)
    ctr() { "$binary" ctr -n k8s.io "$@"; }
    pull() { "$binary" crictl pull "$1"; } ;;
  rke2)
    ctr() { ${RKE2_TOOLS}/ctr --address ${CONTAINERD} -n k8s.io "$@"; }
    pull() { ${RKE2_TOOLS}/crictl --runtime-endpoint unix://${CONTAINERD} pull "$1"; } ;;
esac
rm -rf ${STAGED}
mkdir -p "$staged"
mounted=$(mktemp -d ${STAGED}/image.XXXXXX)
trap 'ctr images unmount --rm "$mounted" >/dev/null 2>&1 || true; rmdir "$mounted" 2>/dev/null || true' EXIT
if [ -z "$(ctr images ls -q "name==$image")" ]; then pull "$image" >&2; fi
ctr images mount "$image" "$mounted" >&2
cp -a "$mounted/." "$staged/"
if [ "$runtime" = k3s ] && [ "$(release_of "$staged/k3s")" != "$version" ]; then
  echo "image $image holds '$(release_of "$staged/k3s")' and not $version" >&2
  exit 1
fi
: >"$staged/whole"`;
}

/**
 * Puts the release that was fetched in the place of the one that runs, and restarts the node with it. The containers go on
 * meanwhile. The restart is noted before the binary changes, so that one which was interrupted in between is made up for.
 */
export function startReleaseScript(release: RuntimeRelease): string {
  return `\
${place(release)}
if [ "$(release_of "$binary")" != "$version" ]; then
  [ -e "$staged/whole" ] || { echo "$version was not fetched" >&2; exit 1; }
  ${RESTART_DUE_SCRIPT}
  case $runtime in
    k3s)
      cp "$staged/k3s" "$binary.new"
      chmod 755 "$binary.new"
      chcon --reference="$binary" "$binary.new" 2>/dev/null || true
      mv -f "$binary.new" "$binary" ;;
    rke2)
      type=server
      if has_unit ${RKE2.agentUnit}; then type=agent; fi
      INSTALL_RKE2_ARTIFACT_PATH=$staged INSTALL_RKE2_TYPE=$type sh "$staged/installer.sh" >&2
      systemctl daemon-reload ;;
  esac
  [ "$(release_of "$binary")" = "$version" ] || { echo "$binary is '$(release_of "$binary")' and not $version" >&2; exit 1; }
fi
${RESTART_WHERE_DUE}
rm -rf ${STAGED}`;
}

