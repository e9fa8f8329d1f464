import type { LiveMember } from '../impact';
import { describeQuorum, quorumFigures, worstZoneLoss, zoneFailureTolerance } from '../quorum';
import type { LiveMembers } from './live-cluster';

/** The quorum as it is now. */
export interface QuorumReport {
  /** Names of the nodes whose etcd members vote. */
  readonly voters: readonly string[];
  /** Names of those whose members do not vote yet. */
  readonly learners: readonly string[];
  readonly majority: number;
  /** How many voters may fail while all of them are well. */
  readonly failureTolerance: number;
  readonly zoneFailureTolerance: number;
  /** Voters that are well. */
  readonly healthy: readonly string[];
  /** How many more voters may fail now; below 0, the majority is lost. */
  readonly mayFailNow: number;
  /** How many zones may be lost now, whichever they are. */
  readonly zonesMayFailNow: number;
  /** Who says so: the members themselves, or the conditions EtcdIsVoter and Ready of their Nodes, which may be stale. */
  readonly healthFrom: LiveMembers['from'];
  /** Why the members themselves did not say it. */
  readonly healthReason?: string;
}

/** The figures of the members there really are. */
export function quorumReport({ members, from, reason }: LiveMembers, zoneOf: (name: string) => string | undefined): QuorumReport {
  const voters = members.filter(({ voter }) => voter);
  const healthy = voters.filter(member => member.healthy === true);
  const { majority, failureTolerance } = quorumFigures(voters.length);
  const mayFailNow = healthy.length - majority;
  return {
    voters: names(voters), learners: names(members.filter(({ voter }) => !voter)), majority, failureTolerance,
    zoneFailureTolerance: voters.length === 0 ? 0 : zoneFailureTolerance(voters.map(({ name }) => zoneOf(name))),
    healthy: names(healthy), mayFailNow, zonesMayFailNow: zonesLeft(healthy.map(({ name }) => zoneOf(name)), mayFailNow),
    healthFrom: from, ...(reason !== undefined && { healthReason: reason }),
  };
}

/** What failed already is used up: the zones that are left have to leave a majority of all voters. */
function zonesLeft(zones: readonly (string | undefined)[], mayFail: number): number {
  let left = 0;
  while (mayFail > 0 && left < zones.length && worstZoneLoss(zones, left + 1).lost <= mayFail) left += 1;
  return left;
}

/** The quorum in words: a line on what it survives when all is well, and one on what is left of that now. */
export function quorumLines(quorum: QuorumReport, zoneOf: (name: string) => string | undefined): string[] {
  const { voters, learners } = quorum;
  const notYet = learners.length === 0 ? [] : [`not voting yet: ${learners.join(', ')}`];
  if (voters.length === 0) return [['no voter yet', ...notYet].join('; ')];
  return [describeQuorum(voters.length, voters.map(zoneOf)), [now(quorum), ...notYet].join('; ')];
}

function now({ voters, healthy, mayFailNow, zonesMayFailNow, healthFrom }: QuorumReport): string {
  const failed = voters.filter(name => !healthy.includes(name));
  const [well, verb] = healthFrom === 'members' ? ['healthy', failed.length === 1 ? 'does not answer' : 'do not answer'] : ['ready', failed.length === 1 ? 'is not ready' : 'are not ready'];
  const so = `${healthy.length} of ${voters.length} ${well}`;
  if (failed.length === 0) return `${so}, ${mayFailNow === 0 ? 'none' : mayFailNow} may fail now`;
  const whose = `${so} (${failed.join(', ')} ${verb})`;
  if (mayFailNow < 0) return `${whose}: no majority, so the cluster takes no change`;
  const zones = zonesMayFailNow === 0 ? '' : zonesMayFailNow === 1 ? ' or any zone' : ` or any ${zonesMayFailNow} zones`;
  return `${whose}: ${mayFailNow === 0 ? 'no other' : `${mayFailNow} more`}${zones} may fail now`;
}

function names(members: readonly LiveMember[]): string[] {
  return members.map(({ name }) => name);
}
