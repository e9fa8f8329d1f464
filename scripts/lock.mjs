// One process at a time, by a listening Unix socket: the system closes it when its owner dies, however it dies, so there is
// no stale lock to judge by age or process id, and whoever waits hears of the end at once.
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { log } from './log.mjs';

/**
 * Does `work` while no other process of this user holds the lock on `name`.
 * @template T
 * @param {string} name what is locked, such as the folder to be filled
 * @param {() => Promise<T>} work
 * @param {{ log?: typeof log }} [options]
 * @returns {Promise<T>}
 */
export async function withLock(name, work, { log: print = log } = {}) {
  const path = socketPath(name);
  let release = await take(path);
  while (!release) {
    print(`another process is preparing ${name}: waiting for it`);
    await ownerGone(path);
    release = await take(path);
  }
  try {
    return await work();
  } finally {
    release();
  }
}

// In the temporary folder and by a digest: the path of a Unix socket may have 104 characters, a cache folder's may have more.
const socketPath = (name) =>
  join(tmpdir(), `llmos-nodes-${userInfo().uid}-${createHash('sha256').update(name).digest('hex').slice(0, 16)}.lock`);

/** @returns {Promise<(() => void) | undefined>} how to give the lock back; undefined when somebody else has it */
function take(path) {
  return new Promise((resolve, reject) => {
    const waiting = new Set();
    const server = createServer((socket) => {
      waiting.add(socket.on('error', () => {}).on('close', () => waiting.delete(socket)));
    });
    server.once('error', (error) => (error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error)));
    server.listen(path, () => resolve(() => {
      server.close();
      for (const socket of waiting) socket.destroy();
    }));
    server.unref();
  });
}

/** Resolves when the owner gave the lock back or died. */
function ownerGone(path) {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.on('error', (error) => {
      // Nobody listens: its owner was killed and left the file. Two who find it at once might both go on, which is harmless:
      // what they make is made aside and moved into place in one step.
      if (error.code === 'ECONNREFUSED') rmSync(path, { force: true });
    });
    socket.on('close', () => resolve(undefined));
  });
}
