import { Problem } from '../problem';
import { checkRestart, describeMeanwhile } from '../quorum';
import { readMembers } from './members';
import { refuseWhileAside } from './refuse-while-aside';
import type { ClusterSession, Server } from './session';

/** What needs the restart, and what a refusal says of it. */
export interface RestartReason {
  /** `upgrading 'm2' of cluster 'prod'` */
  readonly subject: string;
  /** Why the member has to restart at all. @default - the subject says it */
  readonly why?: string;
  /** It may be the only member, whose restart no quorum survives: whoever asks knows, and says so. @default false */
  readonly mayBeOnly?: boolean;
}

/** The cluster while one of its management nodes is away. */
export interface Meanwhile {
  /** It has no other: nobody answers, and there is no quorum to keep. */
  readonly isOnlyMember: boolean;
  /** `2 of 3 voters answer, majority 2: no further failure is tolerated` */
  readonly quorum: string;
}

/**
 * Looks whether a management node may go away now, and come back later.
 * @throws Problem where the cluster would not have a quorum while its member is away, or another one is not well or is out of service
 */
export async function guardRestart(session: ClusterSession, server: Server, name: string, { subject, why, mayBeOnly = false }: RestartReason): Promise<Meanwhile> {
  await refuseWhileAside(server.api, name);
  const members = await readMembers(session, server);
  if (mayBeOnly && members.length === 1 && members[0]!.name === name) {
    return { isOnlyMember: true, quorum: 'it is the only management node: the API server is away meanwhile' };
  }
  const { safe, reason, remedy } = checkRestart(members, name);
  if (!safe) {
    throw new Problem({ subject, rule: why === undefined ? reason : `${why}; ${reason}`, remedy: `${remedy}; then run the same command again` });
  }
  const voters = members.filter(({ voter }) => voter);
  const answering = voters.filter(member => member.name !== name && member.healthy);
  return { isOnlyMember: false, quorum: describeMeanwhile(voters.length, answering.length) };
}
