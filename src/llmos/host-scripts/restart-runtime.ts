import { RUNTIME_UNITS } from '../paths';
import { quoteAll } from '../quote';
import { HAS_UNIT } from './shell-words';

/** The runtime still runs as it was before its files changed. Gone at a reboot, as is the need to restart. */
export const RESTART_DUE = '/run/llmos-nodes/restart-due';
const RESTART_SECONDS = 5 * 60;

/** Notes that the runtime has to be restarted; before the first of its files changes. */
export const RESTART_DUE_SCRIPT = `mkdir -p "$(dirname ${RESTART_DUE})" && : >${RESTART_DUE}`;

/**
 * Restarts the runtime where that is due and waits until systemd says that it is up; k3s and RKE2 say so themselves, so a server is
 * up when its API server is.
 */
export const RESTART_WHERE_DUE = `\
${HAS_UNIT}
shows() { systemctl show "$unit" -p "$1"; }
if [ -e ${RESTART_DUE} ]; then
  for unit in ${quoteAll(RUNTIME_UNITS)}; do
    if ! has_unit "$unit" || [ "$(shows ActiveState)" = ActiveState=inactive ]; then continue; fi
    before=$(shows InvocationID)
    systemctl restart --no-block "$unit"
    waited=0
    until [ "$(shows ActiveState)" = ActiveState=active ] && [ "$(shows InvocationID)" != "$before" ]; do
      if [ $waited -ge ${RESTART_SECONDS} ]; then
        echo "$unit is not up after ${RESTART_SECONDS} s; last it said: $(journalctl -q --no-pager -o cat -n 1 -u "$unit")" >&2
        exit 1
      fi
      sleep 1
      waited=$((waited + 1))
    done
  done
  rm -f ${RESTART_DUE}
fi`;
