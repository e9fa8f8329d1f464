// Where the lab's parts are kept between runs, and how one gets there.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** The lab's folder in the user's cache: parts are costly to make and belong to the machine, not to one clone. */
export const labCache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'llmos-nodes', 'lab');
const store = join(labCache, 'store');

/** A problem the reader can put right; printed without a stack trace. */
export class LabPartsError extends Error {}

/**
 * Returns the path of a part in the store, made by `make(path)` if it is not there. The name carries the version. The
 * part is made under a temporary name and renamed when it is whole, so an interrupted run leaves nothing that looks done.
 */
export async function stored(name, make) {
  const path = join(store, name);
  if (existsSync(path)) return path;
  mkdirSync(store, { recursive: true });
  const partial = join(store, `.partial-${process.pid}-${name}`);
  await discard(partial);
  try {
    await make(partial);
    if (!existsSync(path)) renameSync(partial, path);
  } finally {
    await discard(partial);
  }
  return path;
}

/** Removes the other versions of a part whose versions come and go quickly and cost seconds to make again. */
export async function keepOnly(prefix, version) {
  for (const name of readdirSync(store)) {
    if (new RegExp(`^${prefix}-[0-9a-f]{12}`).test(name) && !name.startsWith(`${prefix}-${version}`)) await discard(join(store, name));
  }
}

/** Removes what runs that were killed left half made. */
export async function discardInterrupted() {
  for (const name of existsSync(store) ? readdirSync(store) : []) {
    const owner = /^\.partial-(\d+)-/.exec(name)?.[1];
    if (owner && !existsSync(`/proc/${owner}`)) await discard(join(store, name));
  }
}

// debootstrap mounts /proc and /sys inside the tree it makes: those go first, or the removal would reach through them.
async function discard(path) {
  if (!existsSync(path)) return;
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n').map((line) => line.split(' ')[1] ?? '');
  for (const mount of mounts.filter((target) => target.startsWith(`${path}/`)).reverse()) await run('umount', [mount]);
  await run('rm', ['-rf', '--one-file-system', path]);
}

/** Gives the file a second, unversioned name in the folder the hosts see, replacing an older version in one step. */
export function publish(path, target) {
  if (existsSync(target) && statSync(target).ino === statSync(path).ino) return;
  mkdirSync(dirname(target), { recursive: true });
  const partial = `${target}.${process.pid}`;
  rmSync(partial, { force: true });
  linkSync(path, partial);
  renameSync(partial, target);
}

/** A short name for the content of files (each a path) and texts, for parts whose version is their source. */
export function digest({ files = [], texts = [] }) {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${text}\0`);
  for (const file of files) hash.update(`${statSync(file).mode & 0o777}\0`).update(readFileSync(file)).update('\0');
  return hash.digest('hex').slice(0, 12);
}

/** All files below a folder, sorted. */
export function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

/** Runs a command; throws LabPartsError with the end of its output when it fails. Returns its standard output. */
export function run(command, args, { cwd, env } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let all = '';
    child.stdout.on('data', (data) => { stdout += data; all += data; });
    child.stderr.on('data', (data) => { all += data; });
    child.on('error', (error) => reject(new LabPartsError(`${command}: ${error.code === 'ENOENT' ? 'not found on PATH' : error.message}`)));
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(stdout);
      const end = all.trimEnd().split('\n').slice(-15).join('\n');
      reject(new LabPartsError(`${command} ${args[0] ?? ''} ended with ${signal ?? `status ${code}`}:\n${end}`));
    });
  });
}

/** Tells whether a command is on PATH, or in the folders of the administrator's commands that a PATH may lack. */
export function hasCommand(name) {
  return [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'].some((folder) => folder && existsSync(join(folder, name)));
}
