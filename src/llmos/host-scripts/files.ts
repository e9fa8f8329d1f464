import { quote } from '../quote';

/** Writes standard input to a file that only root reads: whole or not at all, whatever interrupts it. */
export function writeFileScript(path: string): string {
  const target = quote(path);
  return `\
set -eu
umask 077
mkdir -p "$(dirname ${target})"
new=$(mktemp ${quote(`${path}.XXXXXX`)})
trap 'rm -f "$new"' EXIT
cat >"$new"
sync "$new" 2>/dev/null || sync
mv -f "$new" ${target}`;
}

/** Prints each of these files as one line of base64: an empty line where there is none. */
export function readAllScript(paths: readonly string[]): string {
  return `for file in ${paths.map(quote).join(' ')}; do if [ -f "$file" ]; then base64 <"$file" | tr -d '\\n'; fi; echo; done`;
}

/** What readAllScript printed; undefined for a file that is not there or empty. */
export function parseAll(output: string): (string | undefined)[] {
  return output.trimEnd().split('\n').map(line => (line === '' ? undefined : Buffer.from(line, 'base64').toString('utf8')));
}

/** Prints the first of these files that is there; nothing and status 1 where none is. */
export function readFirstScript(paths: readonly string[]): string {
  return `for file in ${paths.map(quote).join(' ')}; do if [ -s "$file" ]; then cat "$file"; exit 0; fi; done; exit 1`;
}

/** A file that is to lie on a host. */
export interface PlacedFile {
  readonly path: string;
  readonly bytes: number;
  /** In lower-case hex. */
  readonly sha256: string;
  /** As chmod takes it: `0755`. */
  readonly mode: string;
}

/** What the script below ends with where the file did not arrive as it was sent. */
export const ARRIVED_DAMAGED = 93;

/** Prints `there` where the file lies there already. Its length is looked at first: reading gigabytes to compare them takes a while. */
export function lookForFileScript({ path, bytes, sha256 }: PlacedFile): string {
  const target = quote(path);
  return `\
if [ "$(wc -c <${target} 2>/dev/null | tr -d ' ')" = ${bytes} ] && [ "$(sha256sum <${target})" = '${sha256}  -' ]; then echo there; fi`;
}

/** Puts standard input there, whole or not at all; what is read from the path meanwhile is what was there before. */
export function receiveFileScript({ path, sha256, mode }: PlacedFile): string {
  const target = quote(path);
  return `\
set -eu
umask 077
mkdir -p "$(dirname ${target})"
new=$(mktemp "$(dirname ${target})/.llmos-nodes.XXXXXX")
trap 'rm -f "$new"' EXIT
cat >"$new"
[ "$(sha256sum <"$new")" = '${sha256}  -' ] || exit ${ARRIVED_DAMAGED}
chmod ${mode} "$new"
mv -f "$new" ${target}`;
}

/** The same file at a second place: as a link, or as a copy where that is another file system. */
export function alsoAtScript(path: string, second: string): string {
  const [from, to] = [quote(path), quote(second)];
  return `\
set -eu
umask 077
mkdir -p "$(dirname ${to})"
[ ${from} -ef ${to} ] || ln -f ${from} ${to} 2>/dev/null || cp -f ${from} ${to}`;
}
