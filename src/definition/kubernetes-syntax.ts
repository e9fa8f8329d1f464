import { type Taint, type TaintEffect, ZONE_LABEL, formatTaint } from '../llmos/node';
import type { ProblemProps } from '../problem';

const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL_PART = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const TAINT_EFFECTS: readonly TaintEffect[] = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** What Kubernetes lets a kubelet set on its own node in the kubernetes.io and k8s.io domains; well_known_labels.go of the kubelet. */
const KUBELET_LABELS: readonly string[] = [
  'kubernetes.io/hostname', 'kubernetes.io/os', 'kubernetes.io/arch', 'topology.kubernetes.io/zone', 'topology.kubernetes.io/region',
  'node.kubernetes.io/instance-type', 'beta.kubernetes.io/instance-type', 'beta.kubernetes.io/os', 'beta.kubernetes.io/arch',
  'failure-domain.beta.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/region',
];

/** RFC 1123, and short enough for the label kubernetes.io/hostname, whose value it becomes. */
export function isNodeName(name: string): boolean {
  return name.length <= 63 && DNS_SUBDOMAIN.test(name);
}

/** What is wrong with these labels. `owner` names the pool or machine they belong to. */
export function labelProblems(labels: Readonly<Record<string, string>>, owner: string): ProblemProps[] {
  const problems: ProblemProps[] = [];
  for (const key of Object.keys(labels)) {
    const problem = labelProblem(key, labels[key]);
    if (problem !== undefined) problems.push({ subject: `label '${key}' of ${owner}`, ...problem });
  }
  return problems;
}

function labelProblem(key: string, value: unknown): Omit<ProblemProps, 'subject'> | undefined {
  if (!isLabelKey(key)) {
    return {
      rule: 'a label key is up to 63 letters, digits, dashes, dots and underscores, beginning and ending with a letter or digit, with or without a DNS domain and a slash in front',
      remedy: "write it like 'accelerator' or 'example.com/accelerator'",
    };
  }
  if (!isLabelValue(value)) {
    return {
      value: typeof value === 'string' ? value : `a ${typeof value}`,
      rule: 'a label value is text: empty, or up to 63 letters, digits, dashes, dots and underscores, beginning and ending with a letter or digit',
      remedy: "write it like 'h200'",
    };
  }
  if (key === ZONE_LABEL) {
    return {
      value,
      rule: 'the zone decides which failures the quorum survives and is said in one place',
      remedy: "take the label out and give the machine 'zone' instead; the label follows from it",
    };
  }
  if (isReserved(key)) {
    return {
      value,
      rule: 'a kubelet may not set this label in the domains of Kubernetes and does not start with it',
      remedy: "use a domain of your own, or the prefix 'node.kubernetes.io/'",
    };
  }
  return undefined;
}

/** What is wrong with one list of taints. */
export function taintProblems(taints: readonly Taint[], owner: string): ProblemProps[] {
  const problems = taints.flatMap((taint) => taintProblem(taint, owner) ?? []);
  const seen = new Set<string>();
  for (const taint of taints) {
    if (seen.has(taintIdentity(taint))) {
      problems.push({
        subject: `taint of ${owner}`, value: formatTaint(taint),
        rule: 'a node has at most one taint of each key and effect', remedy: 'leave one of them out',
      });
    }
    seen.add(taintIdentity(taint));
  }
  return problems;
}

function taintProblem(taint: Taint, owner: string): ProblemProps | undefined {
  const subject = `taint of ${owner}`;
  if (!isLabelKey(taint.key) || (taint.value !== undefined && !isLabelValue(taint.value))) {
    return {
      subject, value: formatTaint(taint),
      rule: 'key and value of a taint are written like those of a label', remedy: "write it like { key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' }",
    };
  }
  if (!TAINT_EFFECTS.includes(taint.effect)) {
    return { subject, value: formatTaint(taint), rule: 'Kubernetes does not know this effect', remedy: `use one of ${TAINT_EFFECTS.join(', ')}` };
  }
  return undefined;
}

/** The pool's taints and the machine's; where both have one of the same key and effect, the machine's. */
export function mergeTaints(pool: readonly Taint[], machine: readonly Taint[]): readonly Taint[] {
  const own = new Set(machine.map(taintIdentity));
  return [...pool.filter((taint) => !own.has(taintIdentity(taint))), ...machine];
}

/** What makes two taints the same one to Kubernetes. */
function taintIdentity(taint: Taint): string {
  return `${taint.key}:${taint.effect}`;
}

function isLabelKey(key: unknown): boolean {
  if (typeof key !== 'string') {
    return false;
  }
  const slash = key.indexOf('/');
  const domain = slash < 0 ? undefined : key.slice(0, slash);
  const name = key.slice(slash + 1);
  return (domain === undefined || (domain.length <= 253 && DNS_SUBDOMAIN.test(domain))) && name.length <= 63 && LABEL_PART.test(name);
}

/** Whether this can be the value of a label; a zone is one. */
export function isLabelValue(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 63 && (value === '' || LABEL_PART.test(value));
}

/** The rule of ValidateKubeletFlags: LLMOS hands labels to the kubelet as --node-labels. */
function isReserved(key: string): boolean {
  if (!key.includes('/')) return false;
  const domain = key.slice(0, key.indexOf('/'));
  const within = (parent: string): boolean => domain === parent || domain.endsWith(`.${parent}`);
  const ofKubernetes = within('kubernetes.io') || within('k8s.io');
  return ofKubernetes && !KUBELET_LABELS.includes(key) && !within('kubelet.kubernetes.io') && !within('node.kubernetes.io');
}
