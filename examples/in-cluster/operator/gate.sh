#!/bin/sh
# Stands in front of the Pulumi CLI in a workspace, as `pulumi`. Before every `up` comes the impact report; where that refuses, its
# exit status is that of the `up`, and nothing was run. The operator's retries and a person in the pod come by here as well.
set -eu

# The next one on PATH is the real one, for what follows and for the report itself.
PATH=${PATH#*:}

# The operator puts flags in front of `up`; `update` is another name of it.
for argument; do
  case $argument in up | update)
    node_modules/.bin/llmos-nodes impact --stack "$(pulumi stack --show-name)" --fail-on "$IMPACT_FAIL_ON" >&2
    break
  esac
done
exec pulumi "$@"
