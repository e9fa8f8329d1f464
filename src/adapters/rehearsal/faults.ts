import { isDeepStrictEqual } from 'node:util';
import { parse, parseDocument, type Document } from 'yaml';
import type { MachineFacts } from '../../membership/ports/machine';
import { Problem } from '../../problem';

/** The file in the rehearsal's folder that people edit. */
export const FAULTS_FILE = 'faults.yaml';

/** What is unusual about one machine. */
export interface MachineFaults {
  /** Its power is off. Taken back, whatever is installed on it starts again, unless it is blocked. */
  readonly dead?: boolean;
  /** How long LLMOS takes to set the node up. @default - the cluster's */
  readonly installSeconds?: number;
  /** The installer fails with these words. */
  readonly installFails?: string;
  /** No etcd snapshot can be taken on it, for this reason. */
  readonly snapshotFails?: string;
  /** A release of Kubernetes to upgrade to cannot be fetched, for this reason. */
  readonly releaseMissing?: string;
  /** The install script that the host downloads is another one than expected: refused wherever a checksum is given. */
  readonly checksumMismatch?: boolean;
  /** Its kubelet reports NotReady with these words. */
  readonly notReady?: string;
  /** Its etcd member never catches up, so it stays a learner. */
  readonly lagging?: boolean;
  /** How many revisions its etcd member's data is behind the newest. @default 0 */
  readonly behind?: number;
  /** Its etcd member runs and answers nothing in time. */
  readonly unhealthy?: boolean;
  /** What it says of itself; `machineId`, `arch`, `cores`, `memoryBytes`, `clockSkewSeconds`, `portsInUse`, `otherKubernetes`… @default - amd64, 8 cores, 16 GiB, Debian 12 */
  readonly facts?: Partial<Omit<MachineFacts, 'bootstrap' | 'nodeName' | 'role'>>;
  /** GPUs the node offers. @default 0 */
  readonly gpus?: number;
}

/** What is unusual about everything that is not one machine, and how fast time passes. All times are in seconds. */
export interface ClusterFaults {
  /** No API server answers. */
  readonly apiAway?: boolean;
  /** LLMOS's operator does not answer joining machines. */
  readonly operatorUnready?: boolean;
  /** From the start of LLMOS on a host until its node is set up. @default 0.3 */
  readonly installSeconds?: number;
  /** From power on until the services of a host start, and between two starts of a service that ended. @default 0.1 */
  readonly bootSeconds?: number;
  /** Between two looks of etcd's leader at its learner; 15 in reality. @default 0.1 */
  readonly promotionSeconds?: number;
  /** After this long without progress the leader throws a learner out. @default 300 */
  readonly learnerSeconds?: number;
  /** Between two tries of whatever is tried for ever; LLMOS's 15 in reality. @default 0.2 */
  readonly retrySeconds?: number;
  /** How long the node of a dead machine is still shown as Ready; 40 in reality. @default 0.3 */
  readonly notReadySeconds?: number;
  /** How long a pod takes to start, and to end. @default 0.1 */
  readonly podSeconds?: number;
}

/** Pods that run in the rehearsed cluster. */
export interface Workload {
  readonly name: string;
  /** @default default */
  readonly namespace?: string;
  /** @default 1 */
  readonly replicas?: number;
  /** Where its pods start; afterwards they go wherever there is room. @default - wherever there is room */
  readonly node?: string;
  /** A PodDisruptionBudget: evictions that leave fewer ready pods are refused. @default - no budget */
  readonly minAvailable?: number;
  /** `Pod` for pods without a controller, which nothing makes again. @default ReplicaSet */
  readonly kind?: 'ReplicaSet' | 'StatefulSet' | 'Pod';
}

export const CLUSTER_KEY = 'Cluster';
export const WORKLOADS_KEY = 'Workloads';

const DEFAULTS = {
  apiAway: false, operatorUnready: false, installSeconds: 0.3, bootSeconds: 0.1, promotionSeconds: 0.1,
  learnerSeconds: 300, retrySeconds: 0.2, notReadySeconds: 0.3, podSeconds: 0.1,
} as const satisfies Required<ClusterFaults>;

const MACHINE_KEYS: Readonly<Record<keyof MachineFaults, string>> = {
  dead: 'boolean', installSeconds: 'number', installFails: 'string', snapshotFails: 'string', releaseMissing: 'string', checksumMismatch: 'boolean', notReady: 'string',
  lagging: 'boolean', behind: 'number', unhealthy: 'boolean', facts: 'object', gpus: 'number',
};
const WORKLOAD_KEYS: Readonly<Record<keyof Workload, string>> = {
  name: 'string', namespace: 'string', replicas: 'number', node: 'string', minAvailable: 'number', kind: 'string',
};

/** The content of faults.yaml. */
export class Faults {
  readonly cluster: Required<ClusterFaults>;
  readonly workloads: readonly Workload[];
  private readonly machines: ReadonlyMap<string, MachineFaults>;

  /** @throws Problem with everything in the text that means nothing */
  constructor(text: string) {
    const { [CLUSTER_KEY]: cluster, [WORKLOADS_KEY]: workloads, ...machines } = parsed(text);
    const wrong = [
      ...wrongKeys(CLUSTER_KEY, cluster, Object.fromEntries(Object.entries(DEFAULTS).map(([key, value]) => [key, typeof value]))),
      ...(Array.isArray(workloads ?? []) ? [] : [`${WORKLOADS_KEY} is not a list`]),
      ...(Array.isArray(workloads) ? workloads.flatMap(each => wrongKeys(WORKLOADS_KEY, each, WORKLOAD_KEYS)) : []),
      ...Object.entries(machines).flatMap(([name, faults]) => wrongKeys(name, faults, MACHINE_KEYS)),
    ];
    if (wrong.length > 0) {
      throw new Problem({ subject: FAULTS_FILE, value: wrong.join('; '), rule: 'the rehearsal does not know what that means', remedy: 'correct it; the words are listed at openRehearsal' });
    }
    this.cluster = { ...DEFAULTS, ...(cluster as ClusterFaults) };
    this.workloads = (workloads ?? []) as Workload[];
    this.machines = new Map(Object.entries(machines as Record<string, MachineFaults | null>).map(([name, faults]) => [name, faults ?? {}]));
  }

  /** A machine's faults, written under its name or its address. */
  of({ name, key }: { readonly name: string; readonly key: string }): MachineFaults {
    return this.machines.get(name) ?? this.machines.get(key) ?? {};
  }

  /** Names and addresses of machines without power. */
  get dead(): string[] {
    return [...this.machines].filter(([, { dead }]) => dead).map(([name]) => name);
  }
}

/** The text with some settings changed, comments and everything else left as they were; an undefined setting is taken out. */
export function withFaults(text: string, key: string, changes: MachineFaults | ClusterFaults): string {
  const document = editable(text);
  for (const [setting, value] of Object.entries(changes)) {
    if (value === undefined && document.hasIn([key, setting])) document.deleteIn([key, setting]);
    if (value !== undefined) document.setIn([key, setting], document.createNode(value));
  }
  if (isDeepStrictEqual(document.toJS()?.[key], {})) document.delete(key);
  return document.toString();
}

/** The text with one more workload, or with another workload of its name replaced. */
export function withWorkload(text: string, workload: Workload): string {
  const document = editable(text);
  const others = new Faults(text).workloads.filter(({ name, namespace }) => name !== workload.name || namespace !== workload.namespace);
  document.set(WORKLOADS_KEY, document.createNode([...others, workload]));
  return document.toString();
}

function editable(text: string): Document {
  const document: Document = parseDocument(text);
  document.contents ??= document.createNode({});
  return document;
}

function parsed(text: string): Record<string, unknown> {
  try {
    return { ...(parse(text) as object | null) };
  } catch (error) {
    throw new Problem({ subject: FAULTS_FILE, value: (error as Error).message.split('\n')[0], rule: 'it is not YAML', remedy: 'correct it' });
  }
}

function wrongKeys(subject: string, settings: unknown, known: Readonly<Record<string, string>>): string[] {
  if (settings === undefined || settings === null) return [];
  if (typeof settings !== 'object' || Array.isArray(settings)) return [`${subject} has no settings`];
  return Object.entries(settings).filter(([key, value]) => typeof value !== known[key])
    .map(([key]) => (known[key] === undefined ? `${subject}.${key} is unknown` : `${subject}.${key} is not a ${known[key]}`));
}
