import { LLMOS_PATHS, LLMOS_UNIT } from '../paths';
import { quote } from '../quote';
import { bootstrapStage, type BootstrapStage } from './facts';
import { Answers, BOOTSTRAP_STATE, SAY } from './shell-words';

const JOURNAL = '--- journal';

/**
 * Where `llmos bootstrap` stands and what it said since `cursor`. Only the run that is on now counts: while its job is
 * queued the journal still ends with the run before. The state is read before the stamp, which is written before the unit ends.
 */
export function followBootstrapScript(cursor?: string): string {
  return `\
${SAY}
${BOOTSTRAP_STATE}
if [ -e ${LLMOS_PATHS.bootstrapped} ]; then say bootstrapped true; fi
if [ -e ${LLMOS_PATHS.config} ]; then say configured true; fi
run=$(systemctl show ${LLMOS_UNIT} -p InvocationID)
run=\${run#InvocationID=}
say run "$run"
echo '${JOURNAL}'
if [ -n "$run" ]; then
  journalctl -q --no-pager -o cat --show-cursor ${cursor === undefined ? '' : `--after-cursor=${quote(cursor)}`} _SYSTEMD_INVOCATION_ID="$run"
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
