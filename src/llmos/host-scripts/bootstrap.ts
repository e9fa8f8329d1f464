import { LLMOS_PATHS, LLMOS_UNIT } from '../paths';
import { quote } from '../quote';
import { bootstrapStage, type BootstrapStage } from './facts';
import { Answers, BOOTSTRAP_STATE, SAY } from './shell-words';

const JOURNAL = '--- journal';

/** Fifths of a second between two looks at the journal: reading it costs the host more than asking for the unit's state. */
const JOURNAL_EVERY = 5;

/**
 * Where `llmos bootstrap` stands and what it said since `cursor`. Only the run that is on now counts: while its job is
 * queued the journal still ends with the run before. The state is read before the stamp, which is written before the unit ends.
 *
 * While the unit runs and says nothing the answer waits there, so that a long bootstrap is no long row of questions and its end is
 * told at once.
 * @param waitSeconds how long it may wait at most
 */
export function followBootstrapScript(cursor?: string, waitSeconds = 0): string {
  const journal = `journalctl -q --no-pager -o cat --show-cursor ${cursor === undefined ? '' : `--after-cursor=${quote(cursor)}`} _SYSTEMD_INVOCATION_ID="$run"`;
  return `\
${SAY}
running() { [ ! -e ${LLMOS_PATHS.bootstrapped} ] && systemctl show ${LLMOS_UNIT} -p ActiveState -p Job 2>/dev/null | grep -q -e '^ActiveState=activating' -e '^Job=[1-9]'; }
said() { run=$(systemctl show ${LLMOS_UNIT} -p InvocationID); run=\${run#InvocationID=}; [ -n "$run" ] && ${journal} | grep -q -v '^-- cursor: '; }
waited=0
while [ $waited -lt ${Math.floor(waitSeconds * 5)} ] && running; do
  sleep 0.2 2>/dev/null || sleep 1
  waited=$((waited + 1))
  if [ $((waited % ${JOURNAL_EVERY})) = 0 ] && said; then break; fi
done
${BOOTSTRAP_STATE}
if [ -e ${LLMOS_PATHS.bootstrapped} ]; then say bootstrapped true; fi
if [ -e ${LLMOS_PATHS.config} ]; then say configured true; fi
run=$(systemctl show ${LLMOS_UNIT} -p InvocationID)
run=\${run#InvocationID=}
say run "$run"
echo '${JOURNAL}'
if [ -n "$run" ]; then
  ${journal}
fi
exit 0`;
}

/** One look at a bootstrap. */
export interface BootstrapView {
  readonly stage: BootstrapStage;
  /** systemd's id of this run of the unit. */
  readonly run: string;
  /** The start is queued: what the journal holds belongs to the run before. */
  readonly queued: boolean;
  /** systemd's word for how a run ended: `success`, `exit-code`, `signal`… */
  readonly result: string;
  readonly lines: readonly string[];
  readonly cursor?: string;
}

export function parseBootstrap(output: string): BootstrapView {
  const [state = '', journal = ''] = output.split(`${JOURNAL}\n`);
  const answers = new Answers(state);
  const lines = journal.split('\n').filter(line => line.trim() !== '');
  const cursor = lines.find(line => line.startsWith('-- cursor: '))?.slice('-- cursor: '.length);
  return {
    stage: bootstrapStage(answers),
    run: answers.one('run'),
    queued: /^[1-9]/.test(answers.one('Job')) && answers.one('ActiveState') !== 'activating',
    result: answers.one('Result'),
    lines: lines.filter(line => !line.startsWith('-- ')),
    cursor,
  };
}

/** Starts the bootstrap once more, after it ended as failed for a reason that has gone. */
export const RESTART_BOOTSTRAP_SCRIPT = `systemctl reset-failed ${LLMOS_UNIT} 2>/dev/null; systemctl restart --no-block ${LLMOS_UNIT}`;
