#!/bin/sh
# Stands in for LLMOS's install script: puts the binary, the unit and the uninstall script in place and starts the unit without waiting.
set -eu
install -m 755 /usr/local/lib/standin/llmos /usr/local/bin/llmos
cat >/usr/local/bin/llmos-uninstall.sh <<'END'
#!/bin/sh
systemctl disable llmos.service
rm -rf /var/lib/rancher /etc/rancher /var/lib/llmos /etc/systemd/system/k3s-agent.service /etc/systemd/system/llmos.service /usr/local/bin/llmos "$0"
END
chmod 755 /usr/local/bin/llmos-uninstall.sh
printf '[Service]\nType=oneshot\nExecStart=/usr/local/bin/llmos bootstrap\n' >/etc/systemd/system/llmos.service
(umask 077; : >/etc/systemd/system/llmos.service.env)
systemctl daemon-reload
systemctl enable llmos.service
systemctl restart --no-block llmos.service
