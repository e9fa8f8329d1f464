import { Problem } from '../problem';
import type { Deadline } from './deadline';
import type { Awaited } from './ports/cluster-api';
import type { Report } from './steps';

/** Between two looks at something that cannot be watched: an etcd member's health is a question, not an event. */
const INTERVAL_MILLISECONDS = 500;

/**
 * Asks until the answer is content. A question that fails is asked again: etcd answers nobody while it changes its leader.
 * @throws Problem at the deadline, with the last reason
 */
export async function waitUntil(subject: string, ask: () => Promise<Awaited>, deadline: Deadline, report: Report): Promise<void> {
  for (;;) {
    const answer = await ask().catch((error: unknown): Awaited => ({ done: false, reason: error instanceof Error ? error.message : String(error) }));
    if (answer.done) return;
    if (deadline.passed) throw outOfTime(subject, answer.reason, deadline);
    report(answer.reason);
    await new Promise(resolve => setTimeout(resolve, Math.min(INTERVAL_MILLISECONDS, deadline.remaining)));
  }
}

/** What every wait of this library says when its time is over. */
export function outOfTime(subject: string, lastReason: string, deadline: Deadline): Problem {
  return new Problem({
    subject,
    rule: `not done after ${Number(deadline.seconds.toFixed(1))} s (last seen: ${lastReason})`,
    remedy: deadline.remedy,
  });
}
