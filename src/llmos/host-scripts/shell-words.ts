import { LLMOS_PATHS, LLMOS_UNIT, UNIT_DIRECTORIES } from '../paths';
import { quoteAll } from '../quote';

/** `name=value` lines are how every script answers: `say os "Debian 12"`. */
export const SAY = `say() { printf '%s=%s\\n' "$1" "$2"; }`;

/** `has_unit k3s.service`: does systemd know it. */
export const HAS_UNIT = `has_unit() { [ "$(systemctl show -p LoadState "$1" 2>/dev/null)" = LoadState=loaded ]; }`;

/** How far `llmos bootstrap` has come. is-active alone tells nothing: the unit is inactive while its job is still queued. */
export const BOOTSTRAP_STATE = `systemctl show ${LLMOS_UNIT} -p LoadState -p ActiveState -p SubState -p Result -p Job 2>/dev/null`;

/** `path_of k3s`: the binary, which sudo's PATH often does not reach. */
export const PATH_OF = `\
path_of() {
  for folder in ${quoteAll(LLMOS_PATHS.binaryDirectories)} /opt/rke2/bin /var/lib/rancher/rke2/bin; do
    if [ -x "$folder/$1" ]; then echo "$folder/$1"; return; fi
  done
  command -v "$1"
}`;

/** `unit_file k3s.service`: where its file lies, if there is one. */
export const UNIT_FILE = `\
unit_file() {
  for folder in ${quoteAll(UNIT_DIRECTORIES)}; do
    if [ -e "$folder/$1" ]; then echo "$folder/$1"; fi
  done
}`;

/** `pids_of llmos`: processes of exactly that name. Not pgrep, which small systems lack. */
export const PIDS_OF = `\
pids_of() {
  for comm in /proc/[0-9]*/comm; do
    if [ "$(cat "$comm" 2>/dev/null)" = "$1" ]; then comm=\${comm%/comm}; echo "\${comm#/proc/}"; fi
  done
}`;

/** Answers of a script, by name; a name may come several times. */
export class Answers {
  private readonly values = new Map<string, string[]>();

  constructor(output: string) {
    for (const line of output.split('\n')) {
      const [, name, value] = /^([\w-]+)=(.*)$/.exec(line) ?? [];
      if (name !== undefined) this.values.set(name, [...this.all(name), value!.trim()]);
    }
  }

  all(name: string): readonly string[] {
    return this.values.get(name) ?? [];
  }

  /** The first one; empty where the script did not say. */
  one(name: string): string {
    return this.all(name)[0] ?? '';
  }
}
