import { Problem } from '../problem';
import type { Progress } from './progress';

/** What a step is given besides its context: a place to say what it waits for. */
export type Report = (detail: string) => void;

/** One part of joining or removing. Every step may run again after a crash: it looks before it acts. */
export interface Step<Context> {
  /** In the continuous form, for the progress line: `draining`. */
  readonly title: string;
  /** Left out, counted and not shown, where this says false. @default - always runs */
  readonly when?: (context: Context) => boolean | Promise<boolean>;
  run(context: Context, report: Report): Promise<void>;
}

/** How often a step that says nothing is mentioned again, so that a long wait does not look like a hang. */
const HEARTBEAT_SECONDS = 15;

/**
 * Runs the steps in order. The first failure ends the run; what was done stays done and is found again by the next run.
 * @throws the Problem of the step that failed; an error that is none becomes one that names the step
 */
export async function runSteps<Context>(
  subject: { readonly node: string; readonly action: string },
  steps: readonly Step<Context>[],
  context: Context,
  progress: Progress,
): Promise<void> {
  const startedAt = Date.now();
  for (const [index, { title, when, run }] of steps.entries()) {
    if (when && !(await when(context))) continue;
    let last: string | undefined;
    const tell = (detail?: string) => progress({
      ...subject, step: index + 1, steps: steps.length, title, detail, elapsedSeconds: (Date.now() - startedAt) / 1000,
    });
    const report: Report = detail => { if (detail !== last) tell(last = detail); };
    tell();
    const heartbeat = setInterval(() => tell(last ?? 'still at it'), HEARTBEAT_SECONDS * 1000);
    heartbeat.unref();
    try {
      await run(context, report);
    } catch (error) {
      tell('it ends here');
      throw error instanceof Problem ? error : unexpected(subject, title, error);
    } finally {
      clearInterval(heartbeat);
    }
  }
}

function unexpected({ action, node }: { readonly node: string; readonly action: string }, title: string, cause: unknown): Error {
  return Object.assign(new Problem({
    subject: `${action} '${node}'`,
    value: title,
    rule: cause instanceof Error ? cause.message : String(cause),
    remedy: 'mend that, then run the same command again: it goes on where this run stopped',
  }), { cause });
}
