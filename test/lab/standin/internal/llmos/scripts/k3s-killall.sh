#!/bin/sh
# Ends k3s and everything it started on this host, pods included; the data stays.
[ "$(id -u)" -eq 0 ] || exec sudo "$0" "$@"

for service in k3s k3s-agent; do
    if systemctl is-active --quiet "$service" || systemctl is-failed --quiet "$service" || [ "$(systemctl is-active "$service" 2>/dev/null)" = activating ]; then
        systemctl stop "$service"
    fi
done

# The pods outlive the service: end each shim and all below it, then whatever is left in the pods' cgroups.
tree() {
    for child in $(ps -e -o ppid= -o pid= | awk -v parent="$1" '$1 == parent { print $2 }'); do
        tree "$child"
    done
    echo "$1"
}
for shim in $(ps -e -o pid= -o args= | awk '/containerd-shim/ && /\/run\/k3s\/containerd/ && !/awk/ { print $1 }'); do
    kill -9 $(tree "$shim") 2>/dev/null
done
cgroups=$(find /sys/fs/cgroup -depth -type d \( -path '*/kubepods*' -o -path '*/k8s.io*' \) 2>/dev/null)
for group in $cgroups; do
    for pid in $(cat "$group/cgroup.procs" 2>/dev/null); do kill -9 "$pid" 2>/dev/null; done
done
for wait in 1 2 3 4 5 6 7 8 9 10; do
    busy=$(for group in $cgroups; do cat "$group/cgroup.procs" 2>/dev/null; done)
    [ -z "$busy" ] && break
    sleep 0.2
done

for below in /run/k3s /var/lib/rancher/k3s /var/lib/kubelet /run/netns/cni-; do
    awk -v start="$below" 'index($2, start) == 1 { print $2 }' /proc/self/mounts | sort -r | while read -r mount; do
        umount -l "$mount"
    done
done
rm -rf /run/k3s /run/netns/cni-* /var/lib/cni
for group in $cgroups; do rmdir "$group" 2>/dev/null; done

for route in $(ip -4 route show | awk '$1 ~ /^10\.42\./ && $2 == "via" { print $1 }'); do ip route del "$route"; done
for link in $(ip -o link show | awk -F'[ :@]+' '$2 == "cni0" || $2 ~ /^veth/ { print $2 }'); do ip link delete "$link" 2>/dev/null; done
for tables in iptables ip6tables; do
    if command -v $tables-save >/dev/null; then
        $tables-save | grep -v -e KUBE- -e CNI- | $tables-restore
    fi
done
exit 0
