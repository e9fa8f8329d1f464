#!/bin/sh
# Stands in for the LLMOS install script: same environment, same files, same habits. The release server is a folder
# named by INSTALL_LLMOS_ARTIFACT_URL (file:// or http) that holds checksums.txt and llmos_linux_<arch>.
#
#   INSTALL_LLMOS_VERSION        version to install, starts with v
#   INSTALL_LLMOS_ARTIFACT_URL   where to download from
#   INSTALL_LLMOS_SKIP_DOWNLOAD  true: the binary is in place already
#   INSTALL_LLMOS_SKIP_ENABLE    true: neither enable nor start the service
#   INSTALL_LLMOS_SKIP_START     true: enable it only
#   INSTALL_LLMOS_FORCE_RESTART  true: restart the service even if nothing changed
#   INSTALL_LLMOS_BIN_DIR        default /usr/local/bin
#   INSTALL_LLMOS_SYSTEMD_DIR    default /etc/systemd/system
#   INSTALL_LLMOS_EXEC           arguments put in front of the script's own
#   LLMOS_*                      kept for the service in its environment file
set -e

info() { echo '[INFO] ' "$@"; }
fatal() { echo '[ERROR] ' "$@" >&2; exit 1; }

# Each argument in single quotes: they end up in the unit file, readable for every user of the host.
quoted() {
    for argument in "$@"; do
        printf " '%s'" "$(printf %s "$argument" | sed "s/'/'\\\\''/g")"
    done
}

setup() {
    command -v systemctl >/dev/null || fatal 'Can not find systemd to use as a process supervisor for LLMOS'
    SUDO=
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || fatal 'This script must be run as root. Please use sudo or run as root.'
        info 'running as non-root, will use sudo for installation.'
        SUDO=sudo
    fi
    BIN_DIR=${INSTALL_LLMOS_BIN_DIR:-/usr/local/bin}
    SYSTEMD_DIR=${INSTALL_LLMOS_SYSTEMD_DIR:-/etc/systemd/system}
    UNIT=$SYSTEMD_DIR/llmos.service
    UNINSTALL=$BIN_DIR/llmos-uninstall.sh
    # shellcheck disable=SC2086
    ARGUMENTS=$(quoted $INSTALL_LLMOS_EXEC "$@")
    BEFORE=$(installed)
}

# What tells a changed installation from an unchanged one. The config file is not part of it.
installed() { $SUDO sha256sum "$BIN_DIR/llmos" "$UNIT" "$UNIT.env" 2>&1 || true; }

fetch() {
    if command -v curl >/dev/null; then
        curl -sfL -o "$1" "$2" || fatal "Download failed: $2"
    elif command -v wget >/dev/null; then
        wget -qO "$1" "$2" || fatal "Download failed: $2"
    else
        fatal 'Can not find curl or wget for downloading files'
    fi
}

sha256() { sha256sum "$1" | cut -d ' ' -f 1; }

get_binary() {
    if [ "$INSTALL_LLMOS_SKIP_DOWNLOAD" = true ]; then
        info 'Skipping llmos download and verify'
        [ -x "$BIN_DIR/llmos" ] || fatal "Executable llmos binary not found at $BIN_DIR/llmos"
        return
    fi
    case $(uname -m) in
        x86_64) arch=amd64 ;;
        aarch64) arch=arm64 ;;
        *) fatal "Unsupported architecture $(uname -m)" ;;
    esac
    case $INSTALL_LLMOS_VERSION in
        v*) info "Using $INSTALL_LLMOS_VERSION as release" ;;
        *) fatal "Invalid llmos version: $INSTALL_LLMOS_VERSION" ;;
    esac
    [ -n "$INSTALL_LLMOS_ARTIFACT_URL" ] || fatal 'Download failed: INSTALL_LLMOS_ARTIFACT_URL is not set'
    folder=$(mktemp -d -t llmos-install.XXXXXXXXXX)
    trap 'rm -rf "$folder"' EXIT
    fetch "$folder/checksums" "$INSTALL_LLMOS_ARTIFACT_URL/checksums.txt"
    expected=$(awk -v name="llmos_linux_$arch" '$2 == name { print $1 }' "$folder/checksums")
    if [ -x "$BIN_DIR/llmos" ] && [ "$(sha256 "$BIN_DIR/llmos")" = "$expected" ]; then
        info 'Skipping binary downloaded, installed llmos matches hash'
        return
    fi
    fetch "$folder/llmos" "$INSTALL_LLMOS_ARTIFACT_URL/llmos_linux_$arch"
    got=$(sha256 "$folder/llmos")
    [ "$got" = "$expected" ] || fatal "Download sha256 does not match $expected, got $got"
    info "Installing llmos to $BIN_DIR/llmos"
    chmod 755 "$folder/llmos"
    $SUDO chown root:root "$folder/llmos"
    $SUDO mv -f "$folder/llmos" "$BIN_DIR/llmos"
}

# The flaws are the real script's: it is verbose, calls helpers it does not have, ends with the status of whatever came
# last, leaves a running bootstrap alone and /etc/llmos/config.yaml in place, and on a host where no Kubernetes service
# was installed yet leaves that one's folders.
write_uninstall() {
    info "Creating uninstall script $UNINSTALL"
    $SUDO tee "$UNINSTALL" >/dev/null <<EOF
#!/bin/sh
set -x
[ \$(id -u) -eq 0 ] || exec sudo \$0 \$@
KUBE_UNINSTALL=
systemctl disable llmos
systemctl reset-failed llmos
systemctl daemon-reload
rm -f $UNIT $UNIT.env
for service in k3s k3s-agent rke2 rke2-agent; do
    if [ -z "\$KUBE_UNINSTALL" ] && [ -f /etc/systemd/system/\$service.service ]; then
        KUBE_UNINSTALL=\$service-uninstall.sh
    fi
done
if [ -n "\$KUBE_UNINSTALL" ]; then
    info "Uninstalling k8s runtime"
    \$KUBE_UNINSTALL
    rm -rf /var/lib/rancher /etc/rancher
else
    warn "Kubernetes runtime not found, skipping uninstall k8s runtime."
fi
trap 'rm -f $UNINSTALL' EXIT
rm -rf \${LLMOS_DATA_DIR:-/var/lib/llmos} /var/lib/rook/*llmos*
rm -f $BIN_DIR/llmos
EOF
    $SUDO chmod 755 "$UNINSTALL"
}

write_unit() {
    $SUDO systemctl disable llmos >/dev/null 2>&1 || true
    $SUDO rm -f "$UNIT" "$UNIT.env"
    info "env: Creating environment file $UNIT.env"
    $SUDO touch "$UNIT.env"
    $SUDO chmod 0600 "$UNIT.env"
    env | grep -E '^LLMOS_|^(NO|HTTP|HTTPS|no|http|https)_(PROXY|proxy)=' | $SUDO tee "$UNIT.env" >/dev/null || true
    info "systemd: Creating service file $UNIT"
    $SUDO tee "$UNIT" >/dev/null <<EOF
[Unit]
Description=LLMOS Bootstrap
Wants=network-online.target
After=network-online.target

[Install]
WantedBy=multi-user.target

[Service]
Type=oneshot
EnvironmentFile=-/etc/default/%N
EnvironmentFile=-/etc/sysconfig/%N
EnvironmentFile=-$UNIT.env
KillMode=process
TasksMax=infinity
TimeoutStartSec=0
ExecStart=$BIN_DIR/llmos bootstrap$ARGUMENTS
EOF
}

start() {
    [ "$INSTALL_LLMOS_SKIP_ENABLE" != true ] || return 0
    info 'systemd: Enabling llmos unit'
    $SUDO systemctl enable "$UNIT" >/dev/null 2>&1
    $SUDO systemctl daemon-reload
    [ "$INSTALL_LLMOS_SKIP_START" != true ] || return 0
    if [ "$BEFORE" = "$(installed)" ] && [ "$INSTALL_LLMOS_FORCE_RESTART" != true ]; then
        info 'No change detected so skipping service start'
        return 0
    fi
    info 'systemd: Starting llmos'
    $SUDO systemctl restart --no-block llmos
    info 'Run "journalctl -u llmos -f" to watch logs'
}

setup "$@"
get_binary
write_uninstall
write_unit
start
