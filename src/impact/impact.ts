import { TransitionError } from '../quorum';
import { compareNodes, confirmedNames, leaving, managementOf, type NodeChanges } from './compare-nodes';
import { exposuresOf } from './exposures';
import { figuresOf } from './figures';
import { confirmations, invalidFindings, loweredFindings, lostQuorum, registrationFindings, unconfirmedFindings, unsafeSteps, upgradeFindings, versionFindings, worstFirst } from './findings';
import { REPORT_SCHEMA_VERSION, type Finding, type ImpactFigures, type ImpactReport, type ImpactStep, type ImpactVerdict, type LiveMember } from './impact-report';
import { liveHealth, withHealth } from './live-health';
import type { MembershipSnapshot } from './membership-snapshot';
import { otherChanges } from './other-changes';
import { planSteps, stepReasons } from './plan-steps';
import { summarise } from './summary';

/** What is known besides the two memberships. */
export interface ImpactOptions {
  /** The members of the running cluster and their health; a dead one changes what is safe. @default - all are taken to be well */
  readonly live?: readonly LiveMember[];
  /** Why the change was refused already, as a preview says. @default - it was not */
  readonly refusals?: readonly Finding[];
  /** Nodes of `before` whose removal an earlier run began and did not end. @default - none */
  readonly leftOver?: readonly string[];
}

/** No etcd has as many voters. A list that long is a mistake, and its steps would not be read. */
const MOST_VOTERS = 99;

/**
 * What a change does to the quorum, before it happens. Does no I/O.
 *
 * @param before the membership now; undefined where there is no cluster yet
 * @param after the membership wanted; undefined where the cluster is destroyed
 */
export function impact(before: MembershipSnapshot | undefined, after: MembershipSnapshot | undefined, options: ImpactOptions = {}): ImpactReport {
  const { refusals = [], live } = options;
  if (before === undefined && after === undefined) return withVerdict({ ...NOTHING, findings: worstFirst(refusals) }, 'unchanged');

  const confirmRemoval = (after ?? before!).confirmRemoval;
  const confirmed = confirmedNames(confirmRemoval);
  const changes = compareNodes(before?.nodes ?? [], after?.nodes ?? [], confirmed, new Set(options.leftOver));
  const destroyed = after === undefined || after.nodes.length === 0;
  const dead = confirmedNames(confirmRemoval, 'unreachable');
  const withZones = [...managementOf(before), ...managementOf(after)].some(({ zone }) => zone !== undefined);
  const figures = { before: figuresOf(managementOf(before), withZones), after: figuresOf(managementOf(after), withZones) };

  const way = findWay(before, after, changes, dead, withZones);
  const changed = leaving(changes).length + changes.joins.length > 0;
  const health = live === undefined ? undefined : liveHealth(live);
  const steps = live === undefined ? way.steps : withHealth(way.steps, live, destroyed);
  const named = confirmations(after, changes);
  const findings = worstFirst([
    ...refusals,
    ...(destroyed ? [] : [
      ...invalidFindings(before, after, figures.after), ...registrationFindings(before, after), ...upgradeFindings(before, after), ...versionFindings(before, after),
    ]),
    ...way.findings,
    ...(health !== undefined && changed && !destroyed ? lostQuorum(health) : []),
    ...unsafeSteps(steps, destroyed, dead),
    ...unconfirmedFindings(named.missing, destroyed ? before?.cluster : undefined),
    ...loweredFindings(figures.before, figures.after),
  ]);
  return withVerdict({
    ...NOTHING, ...changes, ...figures, steps, findings, confirmations: named,
    cluster: (after ?? before!).cluster,
    lowest: lowestOf([figures.before, ...steps, figures.after]),
    exposures: exposuresOf(figures.before, steps, figures.after),
    otherChanges: before === undefined || after === undefined ? [] : otherChanges(before, after),
    ...(after?.allowEven !== undefined && { allowEven: after.allowEven }),
    ...(health !== undefined && { live: health }),
  }, tendency(figures.before, figures.after, changed));
}

const NOTHING = {
  schemaVersion: REPORT_SCHEMA_VERSION, findings: [], steps: [], joins: [], removals: [], replacements: [], roleChanges: [],
  confirmations: { confirmed: [], missing: [], unused: [] }, exposures: [], otherChanges: [],
} as const satisfies Partial<ImpactReport>;

function withVerdict({ schemaVersion, ...rest }: Omit<ImpactReport, 'summary' | 'verdict'>, otherwise: ImpactVerdict): ImpactReport {
  const verdict = rest.findings[0]?.kind ?? otherwise;
  // The sentence comes early, for people who read the JSON.
  return { schemaVersion, verdict, summary: summarise({ schemaVersion, verdict, ...rest }), ...rest };
}

/** Where nothing was lost. A new cluster has more than nothing. */
function tendency(before: ImpactFigures, after: ImpactFigures, changed: boolean): ImpactVerdict {
  const zones = (figures: ImpactFigures): number => figures.zoneFailureTolerance ?? 0;
  if (before.voters === 0 && after.voters > 0) return 'raised';
  if (after.failureTolerance > before.failureTolerance || zones(after) > zones(before)) return 'raised';
  return changed ? 'kept' : 'unchanged';
}

function findWay(
  before: MembershipSnapshot | undefined, after: MembershipSnapshot | undefined, changes: NodeChanges, dead: ReadonlySet<string>, withZones: boolean,
): { steps: ImpactStep[]; findings: Finding[] } {
  const leavingNames = new Set(leaving(changes).map(({ name }) => name));
  const withoutVote = new Set((after?.confirmRemoval ?? []).filter(({ name, vote }) => vote === 'lost' && leavingNames.has(name)).map(({ name }) => name));
  const voters = { before: managementOf(before).filter(({ name }) => !withoutVote.has(name)), after: managementOf(after) };
  if (voters.before.length > MOST_VOTERS || voters.after.length > MOST_VOTERS) {
    return { steps: [], findings: [{
      kind: 'invalid', message: `${Math.max(voters.before.length, voters.after.length)} management nodes: no etcd has more than ${MOST_VOTERS} members`,
      remedy: 'declare most of them as workers',
    }] };
  }
  try {
    return { findings: [], steps: planSteps(voters.before, voters.after, {
      replaced: new Set(changes.replacements.map(({ name }) => name)),
      demoted: new Set(changes.roleChanges.filter(({ from }) => from === 'management').map(({ name }) => name)),
      dead, withZones, reasonOf: stepReasons(changes, dead),
    }) };
  } catch (error) {
    if (!(error instanceof TransitionError)) throw error;
    return { steps: [], findings: [{ kind: 'unsafe', message: error.rule, remedy: error.remedy }] };
  }
}

function lowestOf(figures: readonly ImpactFigures[]): NonNullable<ImpactReport['lowest']> {
  const zones = figures.flatMap(({ zoneFailureTolerance }) => zoneFailureTolerance ?? []);
  return {
    failureTolerance: Math.min(...figures.map(({ failureTolerance }) => failureTolerance)),
    ...(zones.length > 0 && { zoneFailureTolerance: Math.min(...zones) }),
  };
}
