// The disk every host of the lab starts from: a small Debian with sshd, as a provider's image would be.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LabPartsError, digest, filesBelow, run, stored } from './store.mjs';

const suite = 'bookworm';
const packages = [
  'systemd', 'systemd-sysv', 'dbus', 'openssh-server', 'sudo', 'ca-certificates', 'curl', 'procps', 'kmod', 'iproute2',
  // k3s brings these along in its own binary; the stand-in takes Debian's.
  'containerd', 'runc', 'containernetworking-plugins', 'iptables', 'conntrack', 'ethtool', 'socat',
];

/** Makes the root file system where it is missing. Returns its folder, which nobody may write to: hosts are overlays over it. */
export async function rootfs({ log, repository }) {
  const base = join(repository, 'test/lab/hosts/base');
  const version = digest({ texts: [suite, ...packages, readFileSync(new URL(import.meta.url), 'utf8')], files: filesBelow(base) });
  return stored(`rootfs-${suite}-${version}`, async (root) => {
    log(`making the hosts' Debian ${suite} with debootstrap (about a minute, once)`);
    const mirror = await configuredMirror();
    try {
      await run('debootstrap', ['--variant=minbase', `--include=${packages.join(',')}`, suite, root, ...(mirror ? [mirror] : [])]);
    } catch (error) {
      throw new LabPartsError(`Debian ${suite} (${mirror ?? "debootstrap's own mirror"}): debootstrap could not fetch it; a Debian mirror must be reachable\n${error.message}`);
    }
    // Its modes count (sudo reads no file that others may write to), and a clone's are whatever the umask made of them.
    await run('cp', ['-r', '--no-preserve=all', `${base}/.`, root]);
    await run('chroot', [root, 'sh', '-euc', finish]);
    // Whatever is in these would be shared by hosts that must be told apart.
    for (const file of ['etc/machine-id', 'etc/hostname', 'var/lib/dbus/machine-id']) rmSync(join(root, file), { force: true });
    writeFileSync(join(root, 'etc/resolv.conf'), '');
  });
}

const finish = `
chmod 755 /usr/local/sbin/lab-machine
chmod 440 /etc/sudoers.d/ops
useradd --create-home --shell /bin/bash --groups sudo ops
install -d -m 700 /root/.ssh
install -d -m 700 -o ops -g ops /home/ops/.ssh
mkdir -p /usr/local/lib/lab
rm -f /etc/ssh/ssh_host_*
systemctl enable lab-machine.service systemd-networkd.service
systemctl disable containerd.service
# A host of the lab has no console to log in on, no disk to check and no clock of its own.
systemctl mask console-getty.service getty.target systemd-timesyncd.service e2scrub_reap.service e2scrub_all.timer
apt-get clean
rm -rf /var/lib/apt/lists/*
`;

// The mirror this machine is configured with is the one it can reach.
async function configuredMirror() {
  const lines = await run('apt-get', ['indextargets', '--format', '$(CODENAME) $(COMPONENT) $(REPO_URI)', 'Created-By: Packages']).catch(() => '');
  return lines.split('\n').map((line) => line.split(' ')).find(([codename, component]) => codename === suite && component === 'main')?.[2];
}
