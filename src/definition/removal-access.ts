import { ClusterRole, ClusterRoleBinding, type IApiEndpoint, type IApiResource, Role, RoleBinding, ServiceAccount } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { ACCESS_NAME, type AccessRule, CLUSTER_ACCESS, SYSTEM_ACCESS } from '../llmos/access';
import { SYSTEM_NAMESPACE } from '../llmos/fence';

/** The account that removals run as, with the rights they need and no others. */
export class RemovalAccess extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const everywhere = { name: ACCESS_NAME };
    const inSystem = { name: ACCESS_NAME, namespace: SYSTEM_NAMESPACE };
    const account = new ServiceAccount(this, 'account', { metadata: inSystem });

    const clusterRole = new ClusterRole(this, 'cluster-role', { metadata: everywhere });
    for (const rule of CLUSTER_ACCESS) {
      clusterRole.allow([...rule.verbs], apiResource(rule));
    }
    new ClusterRoleBinding(this, 'cluster-role-binding', { metadata: everywhere, role: clusterRole }).addSubjects(account);

    const role = new Role(this, 'role', { metadata: inSystem });
    for (const rule of SYSTEM_ACCESS) {
      role.allow([...rule.verbs], apiResource(rule));
    }
    new RoleBinding(this, 'role-binding', { metadata: inSystem, role }).addSubjects(account);
  }
}

/** cdk8s-plus has ApiResource for whole kinds only; its interfaces also know the name of one object. */
function apiResource({ apiGroup, resource, name }: AccessRule): IApiResource & IApiEndpoint {
  const described: IApiResource = { apiGroup, resourceType: resource, resourceName: name };
  return { ...described, asApiResource: () => described, asNonApiResource: () => undefined };
}
