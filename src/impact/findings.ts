import { lostRegistration, type Reachable } from '../llmos/registration';
import { refusedDeclaration, upgradeBesideRemoval } from '../llmos/version-change';
import { checkSize } from '../quorum';
import { count, list } from '../quorum/words';
import { confirmedNames, leaving, managementOf, type NodeChanges } from './compare-nodes';
import { shortList } from './group-names';
import { FINDING_KINDS, type Finding, type ImpactFigures, type ImpactStep, type LiveHealth } from './impact-report';
import { UNKNOWN_ADDRESS, type MembershipSnapshot, type SnapshotNode } from './membership-snapshot';

/** The worst first, as the exit codes are ordered. */
export function worstFirst(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => FINDING_KINDS.indexOf(a.kind) - FINDING_KINDS.indexOf(b.kind));
}

/** Rules of a definition that a manifest written by hand may break; synthesis checks them as well. */
export function invalidFindings(before: MembershipSnapshot | undefined, after: MembershipSnapshot, figures: ImpactFigures): Finding[] {
  const findings: Finding[] = [];
  if (before !== undefined && before.cluster !== after.cluster) {
    findings.push({
      kind: 'invalid', message: `cluster '${before.cluster}' (${after.cluster}): a cluster keeps its name`,
      remedy: `give it its name '${before.cluster}' back, or compare two definitions of one cluster`,
    });
  }
  const twice = repeated(after.nodes.map(({ name }) => name));
  if (twice.length > 0) {
    findings.push({ kind: 'invalid', message: `node ${shortList(twice)}: a node is declared once`, remedy: 'give each machine a name of its own' });
  }
  const size = managementOf(after).length;
  const verdict = checkSize(size);
  if (after.checked !== true && !verdict.ok && !(verdict.even && (after.allowEven ?? '').trim() !== '')) {
    const orReason = verdict.even ? ", or say why in allowEven: '<reason>'" : '';
    findings.push({ kind: 'invalid', message: `${count(size, 'management node')}: ${verdict.reason}`, remedy: `use ${list(verdict.nearest.map(String))}${orReason}` });
  }
  for (const [key, what] of [['failureTolerance', 'failures'], ['zoneFailureTolerance', 'lost zones']] as const) {
    const declared = after[key];
    const reached = figures[key] ?? 0;
    if (declared !== undefined && declared > reached) {
      findings.push({ kind: 'invalid', message: `${key} (${declared}): the management nodes tolerate ${reached} ${what}`, remedy: 'declare what they tolerate, or more nodes' });
    }
  }
  return findings;
}

/** Machines would join through a node that leaves. Refused in a preview as well, where the same rule is asked. */
export function registrationFindings(before: MembershipSnapshot | undefined, after: MembershipSnapshot): Finding[] {
  const { registration } = after.settings;
  if (before === undefined || registration === undefined) return [];
  const host = registration.replace(/^https:\/\//, '').replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  const lost = lostRegistration(after.cluster, host, before.nodes.map(reachable), after.nodes.map(reachable));
  return lost === undefined ? [] : [{ kind: 'invalid', message: `${lost.subject} (${lost.value}): ${lost.rule}`, remedy: lost.remedy }];
}

/** Management nodes leave in the change that upgrades. Refused in a preview as well, where the same rule is asked. */
export function upgradeFindings(before: MembershipSnapshot | undefined, after: MembershipSnapshot): Finding[] {
  const gone = after.confirmRemoval.filter(({ removal }) => removal === 'unreachable').map(({ name }) => name);
  const refused = before && upgradeBesideRemoval(after.cluster, before, after, gone);
  return refused === undefined ? [] : [{ kind: 'invalid', message: `${refused.subject} (${refused.value}): ${refused.rule}`, remedy: refused.remedy }];
}

/** A release that no node can be brought to from the declared one. A preview knows what each node was brought to, and has refused it itself. */
export function versionFindings(before: MembershipSnapshot | undefined, after: MembershipSnapshot): Finding[] {
  const refusal = after.checked === true ? undefined : refusedDeclaration(before?.kubernetesVersion, after.kubernetesVersion);
  if (refusal === undefined) return [];
  return [{ kind: 'invalid', message: `kubernetesVersion (${before!.kubernetesVersion} → ${after.kubernetesVersion}): ${refusal.rule}`, remedy: refusal.remedy }];
}

function reachable({ name, role, address, internalAddress }: SnapshotNode): Reachable {
  const known = (value: string | undefined) => (value === UNKNOWN_ADDRESS ? undefined : value);
  return { name, role, address: known(address), internalAddress: known(internalAddress) };
}

/** Steps that cannot be taken although a way was found. */
export function unsafeSteps(steps: readonly ImpactStep[], destroyed: boolean, dead: ReadonlySet<string>): Finding[] {
  const findings: Finding[] = [];
  const last = steps.find(({ voters }) => voters === 0);
  if (last !== undefined && !destroyed) {
    findings.push({
      kind: 'unsafe', message: `removing ${last.node} leaves no voter: with the only one the cluster is gone`,
      remedy: last.reason === 'replacement' ? 'give the new machine a name of its own, so that it joins before the old one leaves' : 'join another management node first',
    });
  }
  const refused = steps.find(({ health }) => health?.safe === false);
  if (refused !== undefined) {
    const { reason, remedy = 'look at the cluster first' } = refused.health!;
    const leavesDead = steps.some(({ action, node }) => action === 'remove' && !dead.has(node) && mentions(remedy, node));
    findings.push({
      kind: 'unsafe', message: `step ${refused.number} (${refused.action} ${refused.node}): ${reason}`,
      remedy: leavesDead ? `${remedy}; a dead node that leaves is taken out first where its removal is confirmed with removal: 'unreachable'` : remedy,
    });
  }
  return findings;
}

/** Without a quorum the API server writes nothing, so not even a worker comes or goes. */
export function lostQuorum({ voters, healthy, majority }: LiveHealth): Finding[] {
  if (healthy >= majority) return [];
  return [{ kind: 'unsafe', message: `${healthy} of ${count(voters, 'voter')} answer, less than the majority of ${majority}: the cluster has no quorum now`, remedy: 'repair a management node first' }];
}

function mentions(text: string, node: string): boolean {
  return text.split(/[\s,]+/).includes(node);
}

/** Removals that nobody confirmed. */
export function unconfirmedFindings(missing: readonly string[], destroyed: string | undefined): Finding[] {
  if (missing.length === 0) return [];
  return [{
    kind: 'unconfirmed',
    message: `removal of ${shortList(missing)}: a node is removed only when its name was confirmed`,
    remedy: destroyed === undefined
      ? `if that is meant, add ${missing.length === 1 ? 'it' : 'them'} to confirmRemoval in the definition or, with a stack, to llmos:confirmRemoval`
      : `to destroy the whole cluster: pulumi config set llmos:confirmDestroy ${destroyed}`,
  }];
}

/** What is tolerated less afterwards. */
export function loweredFindings(before: ImpactFigures, after: ImpactFigures): Finding[] {
  if (before.voters === 0) return [];
  if (after.voters === 0) return [{ kind: 'lowered', message: 'no management node is left: the cluster is destroyed' }];
  const findings: Finding[] = [];
  const zones = [before.zoneFailureTolerance ?? 0, after.zoneFailureTolerance ?? 0] as const;
  if (after.failureTolerance < before.failureTolerance) {
    findings.push({ kind: 'lowered', message: `the failure tolerance goes from ${before.failureTolerance} to ${after.failureTolerance}` });
  }
  if (zones[1] < zones[0]) findings.push({ kind: 'lowered', message: `the zone failure tolerance goes from ${zones[0]} to ${zones[1]}` });
  return findings;
}

/** The confirmations of a change, sorted by whether something asks for them. */
export function confirmations(after: MembershipSnapshot | undefined, changes: NodeChanges): { confirmed: string[]; missing: string[]; unused: string[] } {
  const leave = leaving(changes);
  const names = new Set(leave.map(({ name }) => name));
  const declared = new Set(after?.nodes.map(({ name }) => name));
  return {
    confirmed: leave.filter(({ confirmed }) => confirmed).map(({ name }) => name),
    missing: leave.filter(({ confirmed }) => !confirmed).map(({ name }) => name),
    unused: [...confirmedNames(after?.confirmRemoval ?? [])].filter(name => declared.has(name) && !names.has(name)),
  };
}

function repeated(names: readonly string[]): string[] {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const name of names) (seen.has(name) ? twice : seen).add(name);
  return [...twice];
}
