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
