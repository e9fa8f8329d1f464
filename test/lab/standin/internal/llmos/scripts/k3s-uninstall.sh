#!/bin/sh
# Removes the service @SERVICE@, everything k3s started and everything it stored.
[ "$(id -u)" -eq 0 ] || exec sudo "$0" "$@"

/usr/local/bin/k3s-killall.sh

systemctl disable @SERVICE@
systemctl reset-failed @SERVICE@
rm -f /etc/systemd/system/@SERVICE@.service /etc/systemd/system/@SERVICE@.service.env
systemctl daemon-reload

rm -rf /etc/rancher/k3s /etc/rancher/node /run/k3s /var/lib/rancher/k3s /var/lib/kubelet /var/log/pods /var/log/containers
rmdir /etc/rancher /var/lib/rancher 2>/dev/null
rm -f /usr/local/bin/k3s /usr/local/bin/k3s-killall.sh /usr/local/bin/@SERVICE@-uninstall.sh
exit 0
