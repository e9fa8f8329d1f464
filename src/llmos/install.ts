import { Problem } from '../problem';
import { quote } from './quote';

/** LLMOS's own install script. Source: LLMOS's installation guide. */
export const INSTALL_URL = 'https://get-llmos.1block.ai';

/** What the install command below ends with when the script itself never ran. */
export const INSTALL_EXIT = { noDownloader: 90, downloadFailed: 91, checksumDiffers: 92 } as const;

/** How the install script reaches the host and with what it runs. */
export interface InstallProps {
  /** LLMOS release, `v0.3.1`. @default - the script's own default */
  readonly version?: string;
  /** 'upload' reads the script from standard input; else the host downloads it from this address. */
  readonly source: 'upload' | { readonly url: string };
  /** sha256 of the script, in hex. @default - not checked */
  readonly sha256?: string;
  /** More INSTALL_LLMOS_* variables. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The binary lies on the host already, at /usr/local/bin/llmos: nothing is downloaded. @default false */
  readonly hasBinary?: boolean;
}

/**
 * The command that installs LLMOS. The configuration, and with it the token, is in /etc/llmos/config.yaml already: nothing
 * secret is in this text, which every user of the host can read in the process list while it runs.
 * @throws Problem for a version, checksum or variable that the script would not take
 */
export function installCommand(props: InstallProps): string {
  const { source, sha256 } = props;
  return [
    'set -eu',
    'umask 077',
    'folder=$(mktemp -d)',
    `trap 'rm -rf "$folder"' EXIT`,
    'script=$folder/install.sh',
    source === 'upload' ? 'cat >"$script"' : download(source.url),
    ...(sha256 === undefined ? [] : [compare(checksum(sha256))]),
    `env ${environment(props)} sh "$script"`,
  ].join('\n');
}

function environment({ version, environment: more = {}, hasBinary = false }: InstallProps): string {
  const variables: Record<string, string> = {
    ...more,
    ...(version === undefined ? {} : { INSTALL_LLMOS_VERSION: release(version) }),
    ...(hasBinary ? { INSTALL_LLMOS_SKIP_DOWNLOAD: 'true' } : {}),
    // The script compares the unit and its environment, not the config: without this a changed config changes nothing.
    INSTALL_LLMOS_FORCE_RESTART: 'true',
  };
  return Object.entries(variables).map(([name, value]) => `${variable(name)}=${quote(value)}`).join(' ');
}

function download(url: string): string {
  const address = quote(url);
  return `\
if command -v curl >/dev/null; then
  curl -fsSL --retry 2 -o "$script" ${address} || exit ${INSTALL_EXIT.downloadFailed}
elif command -v wget >/dev/null; then
  wget -q -O "$script" ${address} || { echo "wget ended with status $?" >&2; exit ${INSTALL_EXIT.downloadFailed}; }
else
  exit ${INSTALL_EXIT.noDownloader}
fi`;
}

function compare(expected: string): string {
  return `\
found=$(sha256sum "$script")
found=\${found%% *}
[ "$found" = ${expected} ] || { echo "$found" >&2; exit ${INSTALL_EXIT.checksumDiffers}; }`;
}

function release(version: string): string {
  if (/^v\d[\w.+-]*$/.test(version)) return version;
  throw new Problem({ subject: 'installer version', value: version, rule: "LLMOS's releases start with v", remedy: "write it like 'v0.3.1'" });
}

function checksum(sha256: string): string {
  if (/^[0-9a-f]{64}$/i.test(sha256)) return sha256.toLowerCase();
  throw new Problem({ subject: 'installer sha256', value: sha256, rule: 'a sha256 has 64 hexadecimal digits', remedy: 'take it from `sha256sum install.sh`' });
}

function variable(name: string): string {
  if (!/^[A-Za-z_]\w*$/.test(name)) {
    throw new Problem({ subject: 'installer environment', value: name, rule: 'this is no name of a variable', remedy: 'use letters, digits and _' });
  }
  if (/TOKEN|PASSWORD|SECRET/i.test(name)) {
    throw new Problem({
      subject: 'installer environment', value: name,
      rule: "the environment of the installer is no place for a secret: the host's users can read it", remedy: 'leave it out; the join token gets there by itself',
    });
  }
  return name;
}
