// What the machine that carries the lab must be and have.
import { LabPartsError, hasCommand, run } from './store.mjs';

/** The commands the lab calls on this machine, each with the Debian package that brings it. */
const commands = {
  'systemd-nspawn': 'systemd-container',
  debootstrap: 'debootstrap',
  ip: 'iproute2',
  'mkfs.ext4': 'e2fsprogs',
  ssh: 'openssh-client',
  'ssh-keygen': 'openssh-client',
};

/** Checks the machine and installs the Debian packages it lacks. Throws LabPartsError naming everything that is missing. */
export async function prepareMachine({ log }) {
  const problems = [];
  if (process.platform !== 'linux') problems.push(`operating system (${process.platform}): the lab's hosts share the kernel of this machine; use a Linux machine or virtual machine`);
  if (process.getuid?.() !== 0) problems.push(`user (${process.getuid?.() ?? 'unknown'}): bridges, mounts and cgroups are made by root only; run it as root`);
  if (!hasCommand('go')) problems.push('go (not on PATH): Kubernetes, etcd and the images are built from Go modules; install Go 1.24 or newer');
  const missing = Object.keys(commands).filter((command) => !hasCommand(command));
  const packages = [...new Set(missing.map((command) => commands[command]))];
  if (packages.length > 0 && !hasCommand('apt-get')) problems.push(`${missing.join(', ')} (not on PATH): the hosts are made with them; install what this distribution calls ${packages.join(', ')}`);
  if (problems.length > 0) throw new LabPartsError(`the lab cannot be prepared on this machine:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  if (packages.length > 0) await aptInstall(packages, log);
}

/** Installs Debian packages; a server among them is not started. */
export async function aptInstall(packages, log) {
  log(`installing Debian packages ${packages.join(' ')}`);
  const install = () => run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages], { env: { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' } });
  try {
    // The package lists may be missing or name versions the mirror has dropped, so a failure is tried once more with new ones.
    await install().catch(async () => {
      await run('apt-get', ['update', '-q']);
      await install();
    });
  } catch (error) {
    throw new LabPartsError(`Debian packages (${packages.join(' ')}): apt-get could not install them; install them by hand and run this again\n${error.message}`);
  }
}
