import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The folders, one in each cgroup hierarchy of this machine, that belong to what is called `name`. They lie below this
 * process's own cgroups, so limits set on it hold for the hosts too; in the version 2 hierarchy they lie at its root,
 * because there a cgroup with processes can hand no controllers down.
 */
export function cgroupFolders(name: string): string[] {
  const own = readFileSync('/proc/self/cgroup', 'utf8').trimEnd().split('\n').map((line) => line.split(':'));
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n').map((line) => line.split(' '));
  return mounts.filter(([, , type]) => type === 'cgroup' || type === 'cgroup2').map(([, mountPoint = '', type, , options = '']) => {
    if (type === 'cgroup2') return join(mountPoint, name);
    const hierarchy = own.find(([, controllers = '']) => controllers !== '' && controllers.split(',').every((controller) => options.split(',').includes(controller)));
    return join(mountPoint, hierarchy?.slice(2).join(':') ?? '/', name);
  });
}

/** Makes a cgroup that processes can be put into. */
export function makeCgroup(folder: string): void {
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, 'cpuset.cpus')) || !existsSync(join(folder, 'cgroup.clone_children'))) return;
  // A version 1 cpuset starts without processors and takes no process until it has some.
  for (const file of ['cpuset.cpus', 'cpuset.mems']) writeFileSync(join(folder, file), readFileSync(join(folder, '..', file)));
  writeFileSync(join(folder, 'cgroup.clone_children'), '1');
}

/** The ids of all processes in a cgroup and those below it; none where it does not exist. */
export function processesIn(folder: string): number[] {
  try {
    const below = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const here = readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
    return [...here, ...below.flatMap((entry) => processesIn(join(folder, entry.name)))];
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

/** Removes a cgroup and those below it. Returns whether it is gone; it stays while a process in it is still ending. */
export function removeCgroup(folder: string): boolean {
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) if (entry.isDirectory()) removeCgroup(join(folder, entry.name));
    rmdirSync(folder);
  } catch (error) {
    if (!isGone(error) && (error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
  }
  return !existsSync(folder);
}

// A cgroup can go while it is read: ENODEV is what its files answer then.
function isGone(error: unknown): boolean {
  return ['ENOENT', 'ENODEV'].includes((error as NodeJS.ErrnoException).code ?? '');
}
