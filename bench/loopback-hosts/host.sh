#!/bin/sh
# One host, as the first process of namespaces of its own (mounts, processes, host name): what it writes below these folders nobody
# else sees, and all of it is gone with this process. usage: host.sh NAME FOLDER, where FOLDER/base holds what this host has of its own
# and FOLDER/sshd_config how it is reached.
set -eu
name=$1
folder=$2
hostname "$name"
for path in /etc /opt /usr/local /var/lib; do
  mkdir -p "$folder/upper$path" "$folder/work$path"
  mount -t overlay overlay -o "lowerdir=$path,upperdir=$folder/upper$path,workdir=$folder/work$path" $path
done
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p -m 700 /run/root
mkdir -p /run/sshd /run/systemd/system
# A fresh machine's administrator has no settings of his own, which every command would begin with.
sed -i 's|^root:.*|root:x:0:0:root:/run/root:/bin/bash|' /etc/passwd
cp -r --no-preserve=ownership "$folder/base/." /
exec /usr/sbin/sshd -D -e -f "$folder/sshd_config"
