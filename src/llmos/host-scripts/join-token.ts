import { RUNTIME } from './control-plane';
import { HTTP } from './http';
import { RESTART_DUE, RESTART_WHERE_DUE } from './restart-runtime';

/** The token this host changed the cluster to, until every node has it. With LLMOS's own files, so that cleaning a host deletes it. */
const NEXT_TOKEN = '/var/lib/llmos/next-token';

/**
 * Makes the cluster's data and this server take a new token only, and prints it. The token is written to a file before anybody
 * hears of it, and one that lies there is gone on with: k3s starts with no other token than the one its data is bound to, so a
 * token that got lost would cost every server its next start. The PUT is repeated where it took effect already, because k3s changes
 * what its supervisor takes before it changes the data. A server that does not answer may be one that was restarted in between
 * and refuses its old config; its own token file tells.
 */
export const ROTATE_TOKEN_SCRIPT = `\
set -eu
umask 077
${HTTP}
${RUNTIME}
next=${NEXT_TOKEN}
url="https://127.0.0.1:$port/v1-$binary/token"
credential() { { printf server:; cat "$1"; } | sed 's/^\\(server:\\)K10.*:/\\1/' | tr -d '\\n' | base64 | tr -d '\\n'; }
takes() { authorisation Basic "$(credential "$1")" | status "$url" || true; }
mkdir -p "$(dirname ${RESTART_DUE})"
work=$(mktemp -d "$(dirname ${RESTART_DUE})/token.XXXXXX")
trap 'rm -rf "$work"' EXIT
if ! [ -s "$next" ]; then
  od -An -N 16 -tx1 /dev/urandom | tr -d ' \\n' >"$work/token"
  [ "$(wc -c <"$work/token")" -eq 32 ] || { echo 'the host gave no random numbers' >&2; exit 1; }
  mkdir -p "$(dirname "$next")"
  cp "$work/token" "$next.new"
  sync "$next.new" 2>/dev/null || sync
  mv -f "$next.new" "$next"
fi
current=$token_file
answer=$(takes "$next")
case $answer in
  *status=405*) current=$next ;;
  *status=401* | *status=403*) ;;
  *)
    if [ "$(sed 's/.*://' "$token_file")" = "$(cat "$next")" ]; then cat "$next"; exit 0; fi
    echo "its supervisor does not answer ($answer)" >&2
    exit 1 ;;
esac
{ printf '{"newToken":"'; cat "$next"; printf '"}'; } >"$work/request"
authorisation Basic "$(credential "$current")" | put_authorised "$url" "$work/request" >&2
cat "$next"`;

/**
 * Restarts the runtime where that is due and waits until systemd says that it is up; k3s and RKE2 say so themselves, so a server is
 * up when its API server is. The token in its files is in use then, and none is kept aside any more: a host that was given another
 * than the one it would have changed the cluster to is not to come back to that.
 */
export const RESTART_IF_DUE_SCRIPT = `\
set -eu
${RESTART_WHERE_DUE}
rm -f ${NEXT_TOKEN}`;
