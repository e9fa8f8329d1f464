import { drain } from '../drain';
import type { Report } from '../steps';
import type { RemoveContext } from './remove-context';

/** What a drain may take of the time that is left: the steps that cannot be taken back come after it. */
const DRAIN_SHARE = 3 / 4;
/** The pods of a machine that is gone run no more. Asking for their eviction only lets others start sooner, so it is not insisted on. */
const GONE_SECONDS = 60;

/** Drains the node as its removal was confirmed. Where its machine is gone nothing of it keeps the node: its pods go with the Node. */
export async function drainAsConfirmed({ server, node, facts, confirmed, deadline }: RemoveContext, report: Report): Promise<void> {
  const time = deadline.share(DRAIN_SHARE);
  const choices = { atDeadline: confirmed?.drain, barePods: confirmed?.barePods };
  if (facts) return drain(server!.api, node.name, time, report, choices);
  await drain(server!.api, node.name, time.atMost(GONE_SECONDS), report, choices).catch((error: unknown) => {
    report(`goes on all the same, as the machine is gone: ${error instanceof Error ? error.message : String(error)}`);
  });
}
