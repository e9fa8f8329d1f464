import { parseDocument } from 'yaml';
import { LLMOS_PATHS, LLMOS_UNIT, RUNTIME_UNITS, RUNTIMES } from './paths';

/** A file on a host that holds the join token. */
export interface TokenFile {
  readonly path: string;
  /** k3s or RKE2 reads it when it starts: a change counts from its next start on. */
  readonly runtime: boolean;
  /** The content with this token and everything else as it was. */
  readonly withToken: (content: string, token: string) => string;
}

/** Environment of a unit. LLMOS writes beside the unit; RKE2's own units read a file without `.service` in its name. */
const RUNTIME_ENVIRONMENTS = [
  ...RUNTIME_UNITS.map(unit => `/etc/systemd/system/${unit}.env`),
  ...RUNTIME_UNITS.filter(unit => unit.startsWith('rke2')).map(unit => `/usr/local/lib/systemd/system/${unit.replace('.service', '')}.env`),
];

/**
 * Every file that LLMOS and the runtime it installs keep the token in. The runtime's own `server/token` is not among them: it
 * writes that itself. Nor is the unit of LLMOS, which holds a token that somebody gave to the install script as an argument: it
 * counts only where the bootstrap is forced to run once more.
 */
export const TOKEN_FILES: readonly TokenFile[] = [
  ...RUNTIMES.map(({ config }) => ({ path: config, runtime: true, withToken: setInYaml })),
  ...RUNTIME_ENVIRONMENTS.map(path => ({ path, runtime: true, withToken: setInEnvironment })),
  { path: LLMOS_PATHS.config, runtime: false, withToken: setInYaml },
  { path: `/etc/systemd/system/${LLMOS_UNIT}.env`, runtime: false, withToken: setInEnvironment },
  { path: LLMOS_PATHS.token, runtime: false, withToken: (content, token) => `${withSecret(content.trim(), token)}\n` },
  { path: LLMOS_PATHS.working, runtime: false, withToken: replaceInYaml },
  { path: LLMOS_PATHS.bootstrapped, runtime: false, withToken: replaceInYaml },
];

/** The full form of a token, `K10<hash of the CA>::server:<secret>`, keeps what comes before the secret. */
function withSecret(old: string, token: string): string {
  const [full = ''] = /^K10[0-9a-f]*::[^:]*:/.exec(old) ?? [];
  return token.startsWith('K10') ? token : full + token;
}

/** LLMOS makes the token of a first node itself, so a config may be without one. */
function setInYaml(yaml: string, token: string): string {
  const document = parseDocument(yaml);
  const old = document.has('token') ? String(document.get('token')) : '';
  const wanted = withSecret(old, token);
  if (old === wanted) return yaml;
  document.set('token', wanted);
  return document.toString({ lineWidth: 0 });
}

/** LLMOS's stamps are a record of what was done: they get no token that they had not. */
function replaceInYaml(yaml: string, token: string): string {
  return parseDocument(yaml).has('token') ? setInYaml(yaml, token) : yaml;
}

function setInEnvironment(content: string, token: string): string {
  return content.replaceAll(/^((?:LLMOS|K3S|RKE2)_TOKEN=)(["']?)(.*?)\2[ \t]*$/gm, (_line, name: string, quote: string, old: string) => `${name}${quote}${withSecret(old, token)}${quote}`);
}
