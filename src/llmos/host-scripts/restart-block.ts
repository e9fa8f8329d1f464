import { LLMOS_UNIT, RESTART_BLOCK, RUNTIME_UNITS } from '../paths';
import { quoteAll } from '../quote';
import { HAS_UNIT, PIDS_OF } from './shell-words';

const { marker, dropIn, unitDirectory } = RESTART_BLOCK;
const UNITS = quoteAll([LLMOS_UNIT, ...RUNTIME_UNITS]);

/**
 * Ends a bootstrap that still runs and keeps every unit of the node from starting again; what runs now goes on running.
 * `systemctl mask` fails on a unit file in /etc, so it is disabled and a drop-in stops its next start. Restart=no matters:
 * k3s is Restart=always, and a removed etcd member would move its data aside and join afresh. The marker remembers what to
 * take back, so it is written once, before anything changes.
 */
export const BLOCK_RESTART_SCRIPT = `\
set -eu
${HAS_UNIT}
${PIDS_OF}
mkdir -p "$(dirname ${marker})"
if ! [ -e ${marker} ]; then
  for unit in ${UNITS}; do if systemctl is-enabled -q "$unit" 2>/dev/null; then echo "enabled=$unit"; fi; done >${marker}.new
  if systemctl show ${LLMOS_UNIT} -p ActiveState -p Job | grep -q -e '^ActiveState=activating' -e '^Job=[1-9]'; then echo running=true >>${marker}.new; fi
  mv ${marker}.new ${marker}
fi
for unit in ${UNITS}; do
  mkdir -p ${unitDirectory}/"$unit".d
  printf '[Unit]\\nConditionPathExists=!%s\\n\\n[Service]\\nRestart=no\\n' ${marker} >${unitDirectory}/"$unit".d/${dropIn}
done
systemctl daemon-reload
if has_unit ${LLMOS_UNIT}; then systemctl stop ${LLMOS_UNIT}; fi
for pid in $(pids_of llmos); do kill -KILL "$pid" 2>/dev/null || true; done
for unit in ${UNITS}; do if has_unit "$unit"; then systemctl disable -q "$unit"; fi; done`;

/** Takes the block back: the units are enabled that were, and a bootstrap that was ended starts again. */
export const ALLOW_RESTART_SCRIPT = `\
set -eu
${HAS_UNIT}
if ! [ -e ${marker} ]; then exit 0; fi
for unit in ${UNITS}; do
  rm -f ${unitDirectory}/"$unit".d/${dropIn}
  rmdir ${unitDirectory}/"$unit".d 2>/dev/null || true
done
systemctl daemon-reload
for unit in $(sed -n 's/^enabled=//p' ${marker}); do
  # A removal that went on may have taken the unit away, or stopped it.
  if has_unit "$unit"; then
    systemctl enable -q "$unit"
    if [ "$unit" != ${LLMOS_UNIT} ]; then systemctl start --no-block "$unit"; fi
  fi
done
running=$(sed -n 's/^running=//p' ${marker})
rm -f ${marker}
rmdir "$(dirname ${marker})" 2>/dev/null || true
if [ "$running" = true ]; then systemctl start --no-block ${LLMOS_UNIT}; fi`;

export const STOP_RUNTIME_SCRIPT = `\
set -eu
${HAS_UNIT}
for unit in ${quoteAll(RUNTIME_UNITS)}; do if has_unit "$unit"; then systemctl stop "$unit"; fi; done`;
