/**
 * HTTP from the host, by curl or else GNU wget, whichever it has. Servers are asked before they can be known, so their
 * certificate is not checked, as LLMOS itself does not. A secret goes from a shell variable through a pipe into the client's
 * configuration: it is in no argument and no environment. (`printf` is built into every shell.) wget takes its configuration
 * from nothing but a regular file, which only the user can read and which is gone right after.
 *
 *     get URL                                the body; on failure a status that is not 0, and the reason as an error
 *     authorisation Bearer "$token" | get_authorised URL     likewise
 *     client_certificate FILE KEY_FILE | get_authorised URL   likewise
 *     authorisation Bearer "$token" | status URL             `status=401`, or the reason why there is none
 *     authorisation Basic "$pair" | put_authorised URL FILE   sends a file; otherwise like get_authorised, with more time
 */
export const HTTP = `\
client=
if command -v curl >/dev/null; then client=curl; elif command -v wget >/dev/null; then client=wget; fi
authorisation() {
  credential=$(printf '%s' "$2" | sed 's/[\\\\"]/\\\\&/g')
  case $client in
    curl) printf 'header = "Authorization: %s %s"\\n' "$1" "$credential" ;;
    wget) printf 'header = Authorization: %s %s\\n' "$1" "$2" ;;
  esac
}
client_certificate() {
  case $client in
    curl) printf 'cert = "%s"\\nkey = "%s"\\n' "$1" "$2" ;;
    wget) printf 'certificate = %s\\nprivate_key = %s\\n' "$1" "$2" ;;
  esac
}
with_wget() (
  umask 077
  settings=$(mktemp)
  trap 'rm -f "$settings"' EXIT
  cat >"$settings"
  wget --config="$settings" -T 5 -t 1 --no-check-certificate "$@"
)
get() { get_authorised "$1" </dev/null; }
get_authorised() {
  case $client in
    curl) curl -fksS --max-time 5 --config - "$1" ;;
    wget) with_wget -q -O - "$1" || { echo "wget ended with status $?" >&2; return 1; } ;;
    *) echo 'the host has neither curl nor wget' >&2; return 1 ;;
  esac
}
put_authorised() {
  case $client in
    curl) curl -fksS --max-time 60 --config - -X PUT --data-binary "@$2" "$1" ;;
    wget) with_wget -q -O - -T 60 --method=PUT --body-file="$2" "$1" || { echo "wget ended with status $?" >&2; return 1; } ;;
    *) echo 'the host has neither curl nor wget' >&2; return 1 ;;
  esac
}
status() {
  case $client in
    curl) curl -ksS --max-time 5 --config - -o /dev/null -w 'status=%{http_code}\\n' "$1" 2>&1 ;;
    wget) with_wget -S -O /dev/null "$1" 2>&1 | sed -n 's|^ *HTTP/[0-9.]* \\([0-9]*\\).*|status=\\1|p;s|^wget: ||p;/failed/p' ;;
  esac
}`;
