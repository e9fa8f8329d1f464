import { readConfirmations, type ConfirmedRemoval } from '../llmos/removal';
import { InputProblem } from './input-problem';
import type { MembershipSnapshot, SnapshotNode } from './membership-snapshot';
import { asMap, readMembership, type MembershipText } from './read-membership';
import { parseYaml } from './parse-yaml';

/** The ConfigMap in which the chart renders the membership for review, and its only key. Source: definition/membership-manifest.ts. */
const CONFIG_MAP = 'llmos-membership';
const KEY = 'membership.yaml';

/** What `cdk8s synth` writes of the whole cluster that is no setting. */
const NO_SETTINGS = new Set(['cluster', 'kubernetes', 'llmos', 'quorum', 'allowEven', 'declared', 'confirmRemoval', 'pools', 'settings']);

/**
 * Reads the membership from what `cdk8s synth` rendered: the YAML of a chart, other manifests in it or not.
 *
 * @param source how messages name the text: the file's path
 * @throws InputProblem where there is no membership in it, or more than one, or one that cannot be read
 */
export function fromSynthesised(text: string, source = 'synthesised definition'): MembershipSnapshot {
  const found = text.split(/^---.*$/m).filter(part => part.includes(CONFIG_MAP)).flatMap(part => membershipOf(part, source));
  const [membership] = found;
  if (membership === undefined) {
    throw new InputProblem('unknown', {
      subject: source, rule: `no ConfigMap '${CONFIG_MAP}' with a membership is in it`, remedy: 'give it what `cdk8s synth` wrote for a ClusterChart',
    });
  }
  if (found.length > 1) {
    throw new InputProblem('unknown', {
      subject: source, value: `${found.length} memberships`, rule: 'a report is about one cluster', remedy: 'give it the manifests of one chart',
    });
  }
  try {
    return snapshot(readMembership(membership), source);
  } catch (error) {
    if (error instanceof InputProblem) throw error;
    throw notYaml(source, error);
  }
}

function membershipOf(document: string, source: string): string[] {
  let manifest: unknown;
  try {
    manifest = parseYaml(document);
  } catch (error) {
    throw notYaml(source, error);
  }
  const name = asMap(asMap(manifest).get('metadata')).get('name');
  const membership = asMap(asMap(manifest).get('data')).get(KEY);
  return name === CONFIG_MAP && typeof membership === 'string' ? [membership] : [];
}

function notYaml(source: string, error: unknown): InputProblem {
  const [reason] = String((error as Error).message).split('\n');
  return new InputProblem('unknown', {
    subject: source, rule: `it cannot be read as YAML (${reason!.replace(/:$/, '')})`, remedy: 'run `cdk8s synth` again; the file may be cut short',
  });
}

function snapshot({ cluster, pools }: MembershipText, source: string): MembershipSnapshot {
  const declared = asMap(cluster.get('declared'));
  const nodes = [...pools].flatMap(([name, pool]) => poolNodes(name, pool, source));
  const name = text(cluster.get('cluster'));
  if (name === undefined || pools.size === 0) {
    throw new InputProblem('invalid', { subject: source, rule: 'a membership has the name of its cluster and its pools', remedy: 'run `cdk8s synth` again and see what it says' });
  }
  return {
    cluster: name,
    kubernetesVersion: text(cluster.get('kubernetes')), llmosVersion: text(cluster.get('llmos')), allowEven: text(cluster.get('allowEven')),
    settings: Object.fromEntries([...cluster, ...asMap(cluster.get('settings'))]
      .filter(([key]) => !NO_SETTINGS.has(key)).map(([key, value]) => [key, shown(value)])),
    nodes,
    confirmRemoval: confirmations(plain(cluster.get('confirmRemoval') ?? []), source),
    failureTolerance: wholeNumber(declared.get('failureTolerance')), zoneFailureTolerance: wholeNumber(declared.get('zoneFailureTolerance')),
  };
}

function poolNodes(name: string, pool: ReadonlyMap<string, unknown>, source: string): SnapshotNode[] {
  const role = pool.get('role');
  if (role !== 'management' && role !== 'worker') {
    throw new InputProblem('invalid', {
      subject: `pool '${name}' of ${source}`, value: String(role), rule: 'its role is management or worker', remedy: 'run `cdk8s synth` again and see what it says',
    });
  }
  const labels = texts(pool.get('labels'));
  const taints = list(pool.get('taints'));
  return [...asMap(pool.get('nodes'))].map(([nodeName, value]): SnapshotNode => {
    const node = asMap(value);
    const own = list(node.get('taints'));
    const replaced = new Set(own.map(identity));
    return {
      name: String(nodeName), role, pool: name,
      zone: text(node.get('zone')), address: text(node.get('address')), internalAddress: text(node.get('internalAddress')),
      labels: node.has('labels') ? { ...labels, ...texts(node.get('labels')) } : labels,
      taints: own.length === 0 ? taints : [...taints.filter(taint => !replaced.has(identity(taint))), ...own],
    };
  });
}

/** Key and effect make a taint, as in definition/kubernetes-syntax.ts: a machine's own replaces the pool's. */
function identity(taint: string): string {
  return taint.replace(/=[^:]*/, '');
}

function confirmations(written: unknown, source: string): readonly ConfirmedRemoval[] {
  const { removals, problems: [problem] } = readConfirmations(written, `confirmRemoval of ${source}`);
  if (problem !== undefined) throw new InputProblem('invalid', problem);
  return removals;
}

function text(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : String(value);
}

function texts(value: unknown): Record<string, string> {
  return Object.fromEntries([...asMap(value)].map(([key, each]) => [key, String(each)]));
}

function list(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function wholeNumber(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function shown(value: unknown): string {
  return Array.isArray(value) ? value.join(', ') : String(value);
}

/** Maps as objects. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  return value instanceof Map ? Object.fromEntries([...value].map(([key, each]) => [key, plain(each)])) : value;
}
