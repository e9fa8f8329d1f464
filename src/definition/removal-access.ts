import { ApiObject, type ApiObjectMetadata } from 'cdk8s';
import { Construct } from 'constructs';
import { ACCESS_NAME, type AccessRule, CLUSTER_ACCESS, SYSTEM_ACCESS } from '../llmos/access';
import { SYSTEM_NAMESPACE } from '../llmos/fence';

const RBAC = 'rbac.authorization.k8s.io';

/** The account that removals run as, with the rights they need and no others. */
export class RemovalAccess extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const everywhere = { name: ACCESS_NAME };
    const inSystem = { name: ACCESS_NAME, namespace: SYSTEM_NAMESPACE };
    // A removal asks for a short-lived token; no pod is to find one.
    new ApiObject(this, 'account', { apiVersion: 'v1', kind: 'ServiceAccount', metadata: inSystem, automountServiceAccountToken: false });
    this.grant('ClusterRole', everywhere, CLUSTER_ACCESS);
    this.grant('Role', inSystem, SYSTEM_ACCESS);
  }

  /** A role with these rights, and the account as the only one who has it. */
  private grant(kind: 'ClusterRole' | 'Role', metadata: ApiObjectMetadata, rules: readonly AccessRule[]): void {
    new ApiObject(this, kind, { apiVersion: `${RBAC}/v1`, kind, metadata, rules: rules.map(policyRule) });
    new ApiObject(this, `${kind}Binding`, {
      apiVersion: `${RBAC}/v1`, kind: `${kind}Binding`, metadata,
      roleRef: { apiGroup: RBAC, kind, name: ACCESS_NAME },
      subjects: [{ kind: 'ServiceAccount', name: ACCESS_NAME, namespace: SYSTEM_NAMESPACE }],
    });
  }
}

function policyRule({ apiGroup, resource, name, verbs }: AccessRule): object {
  return { apiGroups: [apiGroup], resources: [resource], ...(name === undefined ? {} : { resourceNames: [name] }), verbs };
}
