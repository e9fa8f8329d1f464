#!/usr/bin/env bash
# What merging a change does to the quorum: synthesises the definition of two commits and compares them.
#
#   impact.sh <base> <head> [folder for impact.md and impact.json]
#
# PROJECT   folder of the project in the repository          default: .
# INSTALL   how its packages are installed                   default: npm ci
# FAIL_ON   the mildest finding that fails, see impact --help default: lowered
#
# Ends with the exit status of `llmos-nodes impact`. Needs no credentials and reaches no machine.
set -euo pipefail

base=$1 head=$2 output=${3:-.}
project=${PROJECT:-.} install=${INSTALL:-npm ci --no-audit --no-fund}
mkdir -p "$output"
output=$(cd "$output" && pwd)
rm -f "$output/impact.md" "$output/impact.json"
work=$(mktemp -d)

clean_up() {
  for side in base head; do git worktree remove --force "$work/$side" 2>/dev/null || true; done
  rm -rf "$work"
}
trap clean_up EXIT

# A report is written whatever happens: a comment of an earlier push must not stay and tell of a change that is no more.
refuse() {
  local status=$1 reason=$2
  {
    printf '<!-- llmos-nodes impact -->\n### Quorum impact: %s\n\n' "$reason"
    # Indented, and so shown as it is: no text of a program can end it.
    sed $'s/\e\\[[0-9;]*m//g' "$work/log" | tail -n 40 | sed 's/^/    /'
  } >"$output/impact.md"
  echo "$reason" >&2
  cat "$work/log" >&2
  exit "$status"
}

# A worktree of its own for each side: nothing of one is left when the other is synthesised.
synthesise() {
  git worktree add --quiet --detach "$work/$1" "$2" &&
    { cd "$work/$1/$project" && rm -rf dist && $install && npm run synth; }
}

exists() { git cat-file -e "$1:$([ "$project" = . ] || echo "$project/")cdk8s.yaml" 2>/dev/null; }

(synthesise head "$head") >"$work/log" 2>&1 </dev/null || refuse 3 'the definition of this change cannot be synthesised'
change=(--to "$work/head/$project/dist")
# A base without a project is a repository that gets its first definition.
if exists "$base"; then
  (synthesise base "$base") >"$work/log" 2>&1 </dev/null || refuse 2 'the definition this change starts from cannot be synthesised'
  change+=(--from "$work/base/$project/dist")
fi

status=0
(cd "$work/head/$project" &&
  npx --no-install llmos-nodes impact "${change[@]}" --fail-on "${FAIL_ON:-lowered}" \
    --output text --output "markdown=$output/impact.md" --output "json=$output/impact.json") 2>"$work/log" </dev/null || status=$?
[ -f "$output/impact.md" ] || refuse "$status" 'it cannot be told what this change does'
cat "$work/log" >&2
exit "$status"
