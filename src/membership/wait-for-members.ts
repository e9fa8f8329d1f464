import type { Deadline } from './deadline';
import { readMembers, type LiveMember } from './members';
import type { ClusterSession, Server } from './session';
import type { Report } from './steps';
import { waitUntil } from './wait';

/** What is waited for, and how long. */
export interface MembersWait {
  readonly session: ClusterSession;
  readonly server: Server;
  /** The management node that joined or was restarted. */
  readonly name: string;
  /** What is wrong with other members is no fault of this change. @default false */
  readonly onlyItsOwn?: boolean;
  readonly deadline: Deadline;
  readonly report: Report;
}

/**
 * Waits until etcd is whole: the node's own member is there, and every member votes and answers.
 * @throws Problem at the deadline, with what is still missing
 */
export async function waitForMembers({ session, server, name, onlyItsOwn = false, deadline, report }: MembersWait): Promise<void> {
  await waitUntil(`management node '${name}'`, async () => {
    const members = (await readMembers(session, server)).filter(member => !onlyItsOwn || member.name === name);
    const missing = members.flatMap(member => whatIsMissing(member) ?? []);
    if (!members.some(member => member.name === name)) missing.push(`${name} is not a member yet`);
    return missing.length === 0 ? { done: true } : { done: false, reason: missing.join(', ') };
  }, deadline, report);
}

function whatIsMissing({ name, voter, healthy }: LiveMember): string | undefined {
  if (!voter) return `${name} is still a learner`;
  return healthy ? undefined : `etcd on ${name} does not answer`;
}
