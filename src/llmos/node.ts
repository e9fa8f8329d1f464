/** What a node does in the cluster. k3s and RKE2 call a management node "server" and a worker node "agent". */
export type NodeRole = 'management' | 'worker';

/** What a taint does to pods that do not tolerate it. */
export type TaintEffect = 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';

/** A Kubernetes taint. */
export interface Taint {
  readonly key: string;
  /** @default - a taint without a value */
  readonly value?: string;
  readonly effect: TaintEffect;
}

/** The label in which Kubernetes keeps a node's failure zone. */
export const ZONE_LABEL = 'topology.kubernetes.io/zone';

/** What LLMOS puts on every node it sets up. */
export const MANAGED_LABEL = 'llmos.ai/managed';

/** `key=value:Effect`, as kubectl and LLMOS's config write a taint. */
export function formatTaint(taint: Taint): string {
  return `${taint.key}${taint.value === undefined ? '' : `=${taint.value}`}:${taint.effect}`;
}
