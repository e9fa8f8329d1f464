import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { endProcess } from '../../end-process';
import { processesIn, removeCgroup } from './cgroups';
import { mustRun, waitUntil } from './run';

/** What the lab makes outside its scratch folder. Processes are known by the cgroup they run in, which no other process gets into. */
type Kind = 'cgroup' | 'link' | 'mount';

interface Entry {
  readonly kind: Kind;
  readonly name: string;
}

/**
 * A list on disk of what was made, so that it can be undone by name even after this process was killed. An entry is
 * written before the thing is made: undoing what never came to be costs nothing, and the reverse would be lost for ever.
 */
export class Ledger {
  constructor(private readonly path: string) {}

  /** Records that something is about to be made. */
  add(kind: Kind, name: string): void {
    appendFileSync(this.path, `${JSON.stringify({ kind, name } satisfies Entry)}\n`);
  }

  /** Ends and removes everything recorded, the last first. Can be called again. Throws where something does not go. */
  async undo(): Promise<void> {
    const entries = this.entries();
    const named = (kind: Kind) => [...new Set(entries.filter((entry) => entry.kind === kind).map((entry) => entry.name))].reverse();
    // Processes first: they hold the mounts, the cgroups and, by their network namespaces, the links.
    await endProcesses(named('cgroup'));
    for (const link of named('link')) await removeLink(link);
    for (const mount of named('mount')) await unmount(mount);
    for (const cgroup of named('cgroup')) await waitUntil(`removal of cgroup ${cgroup}`, () => removeCgroup(cgroup), 10);
  }

  private entries(): Entry[] {
    if (!existsSync(this.path)) return [];
    return readFileSync(this.path, 'utf8').split('\n').filter(Boolean).flatMap((line) => {
      try {
        return [JSON.parse(line) as Entry];
      } catch {
        return []; // the last line, cut off by a kill: its thing was not made yet
      }
    });
  }
}

/** Kills every process in the cgroups, and waits until they are gone. */
export async function endProcesses(cgroups: readonly string[]): Promise<void> {
  await waitUntil(`end of the processes in ${cgroups.join(', ')}`, () => {
    const pids = new Set(cgroups.flatMap(processesIn));
    // Process 0 is one this PID namespace cannot see; to kill it would mean this process's own group.
    for (const pid of pids) if (pid > 0) endProcess(pid);
    return pids.size === 0;
  }, 30);
}

/** Removes a network link where there is one. */
export async function removeLink(name: string): Promise<void> {
  // The kernel may be removing it at this moment, together with the network namespace of the other end.
  if (existsSync(`/sys/class/net/${name}`)) await mustRun('ip', ['link', 'delete', name]).catch(() => undefined);
  await waitUntil(`removal of link ${name}`, () => !existsSync(`/sys/class/net/${name}`), 10);
}

/** Unmounts what is mounted at a path, where something is. */
export async function unmount(path: string): Promise<void> {
  const mounted = () => readFileSync('/proc/self/mounts', 'utf8').split('\n').some((line) => line.split(' ')[1] === path);
  // A mount namespace that has just lost its last process can hold a mount for another moment.
  await waitUntil(`unmount of ${path}`, async () => {
    if (mounted()) await mustRun('umount', [path]).catch(() => undefined);
    return !mounted();
  }, 10);
}
