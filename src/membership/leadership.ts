import { readMembers } from './members';
import type { ClusterSession, Server } from './session';
import type { Report } from './steps';

/**
 * Lets a healthy voter lead etcd before the leader goes away, so that nobody waits for an election. Where that does not work the
 * election comes a little later: it is said and no reason to stop.
 */
export async function handOverLeadership(session: ClusterSession, server: Server, name: string, report: Report): Promise<void> {
  try {
    const members = await readMembers(session, server);
    const own = members.find(member => member.name === name)?.host;
    if (own === undefined || !(await session.machine(own).leads())) return;
    const heir = members.find(member => member.name !== name && member.voter && member.healthy);
    if (heir === undefined) return;
    await session.machine(own).handOverLeadership(heir.id);
    report(`${heir.name} leads etcd now`);
  } catch (error) {
    report(`the leader was not changed, so the others elect one when it is away: ${error instanceof Error ? error.message : String(error)}`);
  }
}
