import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';

/** What is done under the lock is synchronous and takes milliseconds: whoever has held it this long is not doing anything. */
const STALE_MILLISECONDS = 10_000;

/** Longest pause between two tries; the actual one is random, so that processes that wait do not march in step. */
const PAUSE_MILLISECONDS = 8;

/**
 * Runs `work` while no other process on this machine runs anything under the lock file at `path`.
 *
 * Written here rather than taken from a library: those that exist hold a lock over asynchronous work and keep it alive with
 * timers, and wait seconds for the lock of a process that was killed. Here the owner's process id tells at once.
 */
export async function underLock<T>(path: string, work: () => T): Promise<T> {
  for (;;) {
    const release = tryLock(path);
    if (release) {
      try {
        return work();
      } finally {
        release();
      }
    }
    await new Promise(resolve => setTimeout(resolve, 1 + Math.random() * PAUSE_MILLISECONDS));
  }
}

/** @returns how to give the lock back; undefined where somebody else has it */
function tryLock(path: string): (() => void) | undefined {
  const owner = `${process.pid} ${randomUUID()}`;
  try {
    writeFileSync(path, owner, { flag: 'wx' });
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
    breakStale(path);
    return undefined;
  }
  return () => {
    if (readIfThere(path) === owner) rmSync(path);
  };
}

/**
 * Deletes a lock whose owner died. Two who find it stale at once must not both delete it, or the second would delete the new
 * lock of the first: so a lock named after the dead owner decides, and what it guards is looked at again under it.
 */
function breakStale(path: string): void {
  const owner = readIfThere(path);
  if (owner === undefined || !isStale(path, owner)) return;
  const release = tryLock(`${path}.${owner.split(' ')[1] ?? 'unknown'}`);
  if (!release) return;
  if (readIfThere(path) === owner) rmSync(path, { force: true });
  release();
}

function isStale(path: string, owner: string): boolean {
  const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
  if (age > STALE_MILLISECONDS) return true;
  const pid = Number(owner.split(' ')[0]);
  // Between its creation and its first byte a lock belongs to somebody who is just about to write the name.
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    // EPERM: it lives and is another user's.
    return isCode(error, 'ESRCH');
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Whether an error is the system's error of this code, such as ENOENT. */
export function isCode(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException).code === code;
}
