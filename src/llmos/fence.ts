/** The namespace of the cluster's own parts. Its UID is the identity of the cluster. */
export const SYSTEM_NAMESPACE = 'kube-system';

/** Labels of everything this library puts into the cluster. */
export const MANAGED_BY: Readonly<Record<string, string>> = { 'app.kubernetes.io/managed-by': 'llmos-nodes' };

/** Name of the policy that keeps removed nodes out, and of its binding. A refusal by the API server quotes it. */
export const REJOIN_FENCE = 'llmos-rejoin-fence';

/**
 * The ConfigMap in kube-system whose keys are the names of removed nodes. It is made and changed while the library runs and
 * is never part of the rendered manifests, so that applying those cannot empty it.
 */
export const REMOVED_NODES_CONFIG_MAP = 'llmos-removed-nodes';

/** A Kubernetes object as plain data. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec?: Readonly<Record<string, unknown>>;
}

/**
 * The rule of the fence: a Node whose name is a key of {@link REMOVED_NODES_CONFIG_MAP} cannot be created.
 * ValidatingAdmissionPolicy v1 is served from Kubernetes 1.30 on.
 */
export function rejoinFencePolicy(): Manifest {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: REJOIN_FENCE, labels: MANAGED_BY },
    spec: {
      // While the API server cannot evaluate the rule, for one right after its start, a removed node must not slip in.
      // A node that may join loses nothing by it: its kubelet asks again every few seconds.
      failurePolicy: 'Fail',
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
      matchConstraints: {
        resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['nodes'] }],
      },
      validations: [
        {
          // A ConfigMap whose last key was taken out has no `data` at all, and reading it would be an error, so a refusal.
          expression: '!has(params.data) || !(object.metadata.name in params.data)',
          messageExpression:
            "'node ' + object.metadata.name + ' was removed from this cluster and may not register again: "
            + "reinstall the machine or clean it with llmos-uninstall.sh, then join it through llmos-nodes'",
          // Said where the message above cannot be made.
          message: 'this node was removed from the cluster and may not register again; reinstall or clean the machine, then join it through llmos-nodes',
          reason: 'Forbidden',
        },
      ],
    },
  };
}

/** Puts {@link rejoinFencePolicy} in force with the list of removed names. */
export function rejoinFenceBinding(): Manifest {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: REJOIN_FENCE, labels: MANAGED_BY },
    spec: {
      policyName: REJOIN_FENCE,
      validationActions: ['Deny'],
      paramRef: {
        name: REMOVED_NODES_CONFIG_MAP,
        namespace: SYSTEM_NAMESPACE,
        // No list, nothing removed yet: every node may join.
        parameterNotFoundAction: 'Allow',
      },
    },
  };
}

/** The list of removed names, without any; for the first time a name is fenced. */
export function removedNodesConfigMap(): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: REMOVED_NODES_CONFIG_MAP, namespace: SYSTEM_NAMESPACE, labels: MANAGED_BY },
  };
}
