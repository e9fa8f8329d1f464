import { REMOVED_NODES_CONFIG_MAP, REJOIN_FENCE, SYSTEM_NAMESPACE } from './fence';

/** The ServiceAccount that removals run as, in kube-system; its roles and their bindings carry the same name. */
export const ACCESS_NAME = 'llmos-nodes';

/** The Lease in kube-system that keeps two changes of one cluster apart. */
export const LOCK_LEASE = 'llmos-nodes';

/** The user name under which the API server sees {@link ACCESS_NAME}; for impersonation and audit logs. */
export const ACCESS_USER = `system:serviceaccount:${SYSTEM_NAMESPACE}:${ACCESS_NAME}`;

/** One permission: verbs on one kind of resource. */
export interface AccessRule {
  /** Empty for the core group. */
  readonly apiGroup: string;
  readonly resource: string;
  /** @default - every object of that kind */
  readonly name?: string;
  readonly verbs: readonly string[];
}

/** What a removal needs all over the cluster. */
export const CLUSTER_ACCESS: readonly AccessRule[] = [
  // Find the node, see it become unschedulable and go; cordon and request the etcd member's removal (patch); delete it.
  // `create` is there for the proof of the fence alone: a dry run is authorised like the real request.
  { apiGroup: '', resource: 'nodes', verbs: ['get', 'list', 'watch', 'patch', 'delete', 'create'] },
  // Know what is to be drained, and see it go. `delete` is for a removal that was confirmed with drain: 'force' alone.
  { apiGroup: '', resource: 'pods', verbs: ['get', 'list', 'watch', 'delete'] },
  // Drain by eviction: only an eviction respects disruption budgets.
  { apiGroup: '', resource: 'pods/eviction', verbs: ['create'] },
  // Name the budget that holds up a drain.
  { apiGroup: 'policy', resource: 'poddisruptionbudgets', verbs: ['get', 'list'] },
  // The namespace's UID is the identity of the cluster: every step checks that it talks to the right one.
  { apiGroup: '', resource: 'namespaces', name: SYSTEM_NAMESPACE, verbs: ['get'] },
  // See that the fence stands. Reading is all: whoever creates a policy with a ConfigMap as its parameter must be allowed
  // to read every ConfigMap of the cluster (authorize in validatingadmissionpolicy/authz.go of the API server), and
  // whoever may patch it can take it down. The chart's manifests bring it, applied with the administrator's rights.
  { apiGroup: 'admissionregistration.k8s.io', resource: 'validatingadmissionpolicies', name: REJOIN_FENCE, verbs: ['get'] },
  { apiGroup: 'admissionregistration.k8s.io', resource: 'validatingadmissionpolicybindings', name: REJOIN_FENCE, verbs: ['get'] },
];

/** What a removal needs in kube-system. Secrets are not among it: that namespace keeps the cluster's own. */
export const SYSTEM_ACCESS: readonly AccessRule[] = [
  // Fence and unfence names. `create` can be tied to one name because a server-side apply says the name in its URL.
  { apiGroup: '', resource: 'configmaps', name: REMOVED_NODES_CONFIG_MAP, verbs: ['get', 'patch', 'create'] },
  // Take, renew and give back the lock. A plain create has no name yet when it is authorised, so it cannot be tied to one.
  { apiGroup: 'coordination.k8s.io', resource: 'leases', name: LOCK_LEASE, verbs: ['get', 'update', 'patch', 'delete'] },
  { apiGroup: 'coordination.k8s.io', resource: 'leases', verbs: ['create'] },
];
