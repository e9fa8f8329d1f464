import { ApiObject, Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import { SYSTEM_NAMESPACE } from '../llmos/fence';
import type { ClusterDefinition } from './cluster-definition';
import { renderMembership } from './render-membership';

/** The ConfigMap in kube-system that holds the membership for review. */
export const MEMBERSHIP_CONFIG_MAP = 'llmos-membership';

/** Its only key. The value is YAML; see renderMembership. */
export const MEMBERSHIP_KEY = 'membership.yaml';

/** Renders the membership as a ConfigMap made for review. */
export class MembershipManifest extends Construct {
  /** @param definition asked when the chart is rendered, after all pools have been added */
  constructor(scope: Construct, id: string, definition: () => ClusterDefinition) {
    super(scope, id);
    new ApiObject(this, 'config-map', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: MEMBERSHIP_CONFIG_MAP, namespace: SYSTEM_NAMESPACE },
      data: { [MEMBERSHIP_KEY]: Lazy.any({ produce: () => renderMembership(definition()) }) },
    });
  }
}
