import type { ProblemProps } from '../problem';
import { SIZES, checkSize, failureTolerance, majority, worstZoneLoss, zoneFailureTolerance } from '../quorum';
import { count, list } from '../quorum/words';
import type { NodeDefinition } from './cluster-definition';

/** What the rules of the quorum look at. */
export interface QuorumDeclaration {
  /** `management pool 'management'` */
  readonly subject: string;
  /** How many management nodes were asked for. */
  readonly size: number;
  readonly nodes: readonly NodeDefinition[];
  readonly failureTolerance?: number;
  readonly zoneFailureTolerance?: number;
  readonly allowEven?: string;
}

/** Everything that is wrong with the number of management nodes and with what was declared of it. */
export function quorumProblems(declaration: QuorumDeclaration): ProblemProps[] {
  return [...sizeProblems(declaration), ...toleranceProblems(declaration), ...zoneProblems(declaration)];
}

function sizeProblems({ subject, size, allowEven }: QuorumDeclaration): ProblemProps[] {
  const problems: ProblemProps[] = [];
  const reasonGiven = allowEven !== undefined && String(allowEven).trim() !== '';
  if (allowEven !== undefined && !reasonGiven) {
    problems.push({ subject: `allowEven of ${subject}`, value: `'${allowEven}'`, rule: 'it is the reason, for those who review', remedy: 'write why an even number is wanted, or leave it out' });
  }
  const verdict = checkSize(size);
  if (!verdict.ok && !(verdict.even && reasonGiven)) {
    const orReason = verdict.even ? ", or say why in allowEven: '<reason>'" : '';
    problems.push({ subject, value: count(size, 'node'), rule: verdict.reason, remedy: `use ${list(verdict.nearest.map(String))}${orReason}` });
  }
  return problems;
}

function toleranceProblems({ subject, size, failureTolerance: declared }: QuorumDeclaration): ProblemProps[] {
  if (declared === undefined) {
    return [];
  }
  if (!isCount(declared)) {
    return [notACount(`failureTolerance of ${subject}`, declared)];
  }
  if (!hasQuorum(size) || declared <= failureTolerance(size)) {
    return [];
  }
  const enough = SIZES.find((allowed) => failureTolerance(allowed) >= declared);
  const most = failureTolerance(Math.max(...SIZES));
  return [{
    subject: `failureTolerance of ${subject}`, value: String(declared),
    rule: `${count(size, 'management node')} with a majority of ${majority(size)} can lose ${failureTolerance(size)}`,
    remedy: enough === undefined ? `declare ${most} at most, with ${Math.max(...SIZES)} nodes` : `use ${enough} nodes, or declare ${failureTolerance(size)}`,
  }];
}

function zoneProblems({ subject, size, nodes, zoneFailureTolerance: declared }: QuorumDeclaration): ProblemProps[] {
  if (declared === undefined) {
    return [];
  }
  if (!isCount(declared)) {
    return [notACount(`zoneFailureTolerance of ${subject}`, declared)];
  }
  const homeless = nodes.filter((node) => node.zone === undefined);
  if (declared > 0 && homeless.length > 0) {
    return [{
      subject: `zoneFailureTolerance of ${subject}`, value: String(declared),
      rule: `it is not known which zone ${list(homeless.map((node) => node.name), 'and')} would fail with`,
      remedy: "give each of these machines a 'zone'",
    }];
  }
  const zones = nodes.map((node) => node.zone);
  // With fewer machines than asked for, the count is what is wrong.
  if (!hasQuorum(size) || nodes.length !== size || declared <= zoneFailureTolerance(zones)) {
    return [];
  }
  const loss = worstZoneLoss(zones, declared);
  return [{
    subject: `zoneFailureTolerance of ${subject}`, value: String(declared),
    rule: `losing zone${loss.zones.length === 1 ? '' : 's'} ${list(loss.zones, 'and')} takes ${loss.lost} of ${count(size, 'management node')} and leaves ${size - loss.lost}, `
      + `less than the majority of ${majority(size)}`,
    // n nodes in k zones: the fullest z zones hold at least n·z/k of them, and that is under n/2 only if k > 2z.
    remedy: `spread the nodes over at least ${2 * declared + 1} zones, as evenly as can be, or declare ${zoneFailureTolerance(zones)}`,
  }];
}

function hasQuorum(size: number): boolean {
  return Number.isInteger(size) && size >= 1;
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 0;
}

function notACount(subject: string, value: number): ProblemProps {
  return { subject, value: String(value), rule: 'it is how many may fail at once', remedy: 'write a whole number from 0 on' };
}
