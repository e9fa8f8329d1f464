import { setTimeout as delay } from 'node:timers/promises';
import { Deadline } from './deadline';
import type { NodeTarget } from './node-target';
import { LoginRefused, Unreachable } from './ports/unreachable';
import type { ClusterSession } from './session';

/** How machines that were made a moment ago are waited for. */
export interface BootWait {
  readonly deadline: Deadline;
  /** Told when something is waited for, and why: once for each machine and reason. */
  readonly report: (line: string) => void;
  /** Waits between two tries. @default - real time */
  readonly pause?: (milliseconds: number) => Promise<unknown>;
}

const TRY_EVERY_MS = 3_000;
/** sshd answers before cloud-init has made the users. Longer than this it is a wrong key, and whoever counts failed logins gets impatient. */
const USERS_SECONDS = 60;

/**
 * Waits until machines answer that may still be booting. Only silence and a refused login are waited for: a wrong host key or a
 * login without a shell stays what it is. What is still wrong at the deadline is left to whoever looks next.
 */
export async function waitForBoot(session: ClusterSession, nodes: readonly NodeTarget[], wait: BootWait): Promise<void> {
  await Promise.all(nodes.map(node => waitForOne(session, node, wait)));
}

async function waitForOne(session: ClusterSession, node: NodeTarget, { deadline, report, pause = delay }: BootWait): Promise<void> {
  let users: Deadline | undefined;
  let reported: string | undefined;
  for (;;) {
    try {
      await session.machine(node).facts();
      return;
    } catch (error) {
      const silent = error instanceof Unreachable;
      if (!silent && !(error instanceof LoginRefused)) return;
      if (!silent) users ??= deadline.atMost(USERS_SECONDS);
      if ((silent ? deadline : users!).passed) return;
      const reason = `${node.name} ${silent ? 'does not answer yet' : 'does not let us in yet'}: ${error.props.rule}`;
      if (reason !== reported) report(reason);
      reported = reason;
      await pause(Math.min(TRY_EVERY_MS, deadline.remaining));
    }
  }
}
