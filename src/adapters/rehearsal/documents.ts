import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Problem } from '../../problem';
import { isCode } from './folder-lock';

/** Changes of several files that belong together: path to content, or to null where the file goes. */
type Changes = Readonly<Record<string, string | null>>;

/** What is to be written, until it is: a process killed between two files leaves it to the next one. */
const COMMIT = 'commit.json';

/**
 * JSON files of a folder, read once and changed in memory. What one piece of work changed is kept or dropped as a whole;
 * {@link commit} writes everything that was kept, all or none. Paths are relative to the folder.
 */
export class Documents {
  private readonly opened = new Map<string, { text: string | null; value: unknown }>();
  private readonly kept: Record<string, string | null> = {};
  private trace = new Set<string>();

  /** Only under the folder's lock: finishes what a killed process began to write. */
  constructor(private readonly folder: string) {
    const left = readText(join(folder, COMMIT));
    if (left !== null) this.apply(JSON.parse(left) as Changes);
  }

  /** Begins a trace. @returns the paths opened in the one before: whoever looked at them looks again when one changes */
  startTrace(): ReadonlySet<string> {
    const before = this.trace;
    this.trace = new Set();
    return before;
  }

  /** The same object at every call, free to be changed. The folder is ours, so that its shape is not checked. */
  open<T>(path: string): T | undefined {
    this.trace.add(path);
    const known = this.opened.get(path);
    if (known) return (known.value ?? undefined) as T | undefined;
    const text = readText(join(this.folder, path));
    const value = text === null ? null : parsed<T>(path, text);
    this.opened.set(path, { text, value });
    return value ?? undefined;
  }

  put<T>(path: string, value: T): T {
    this.open(path);
    this.opened.get(path)!.value = value;
    return value;
  }

  delete(path: string): void {
    this.put(path, null);
  }

  /** Names of the files in a folder, those put or deleted just now included. */
  list(folder: string): string[] {
    const names = new Set(readNames(join(this.folder, folder)));
    for (const [path, { value }] of this.opened) {
      if (dirname(path) !== folder) continue;
      const name = path.slice(folder.length + 1);
      if (value === null) names.delete(name);
      else names.add(name);
    }
    return [...names].sort();
  }

  /** What was changed since the trace began is to be. @returns the paths that changed */
  keep(): string[] {
    const changed: string[] = [];
    for (const path of this.trace) {
      const document = this.opened.get(path)!;
      const text = document.value === null ? null : `${JSON.stringify(document.value, undefined, 2)}\n`;
      if (text === document.text) continue;
      this.kept[path] = document.text = text;
      changed.push(path);
    }
    return changed;
  }

  /** What was changed since the trace began has never been. */
  drop(): void {
    for (const path of this.trace) {
      const document = this.opened.get(path)!;
      document.value = document.text === null ? null : parsed(path, document.text);
    }
  }

  /** Writes what was kept. */
  commit(): void {
    const paths = Object.keys(this.kept);
    if (paths.length > 1) writeAtomically(join(this.folder, COMMIT), JSON.stringify(this.kept));
    if (paths.length > 0) this.apply(this.kept);
  }

  private apply(changes: Changes): void {
    for (const [path, content] of Object.entries(changes)) {
      if (content === null) rmSync(join(this.folder, path), { force: true });
      else writeAtomically(join(this.folder, path), content);
    }
    if (Object.keys(changes).length > 1) rmSync(join(this.folder, COMMIT));
  }
}

/** Nobody ever sees half of the content. Makes the folder where there is none. */
export function writeAtomically(path: string, content: string, mode = 0o666): void {
  const temporary = `${path}.new`;
  try {
    writeFileSync(temporary, content, { mode });
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(temporary, content, { mode });
  }
  renameSync(temporary, path);
}

/** The text of a file; null where there is none. */
export function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null;
    throw error;
  }
}

function readNames(folder: string): string[] {
  try {
    return readdirSync(folder).filter(name => name.endsWith('.json'));
  } catch (error) {
    if (isCode(error, 'ENOENT')) return [];
    throw error;
  }
}

function parsed<T>(path: string, text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new Problem({ subject: `rehearsal file '${path}'`, rule: 'it is not JSON any more, so what it says is lost', remedy: 'mend it, or delete the rehearsal\'s folder and start a new one' });
  }
}
