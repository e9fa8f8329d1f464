import type { MembershipSnapshot } from '../impact';
import { formatTaint, ZONE_LABEL } from '../llmos/node';
import type { ExpectedNode } from '../membership/drift';
import { toTarget, type NodeState } from '../pulumi/state';

/** What the cluster's nodes are compared with. */
export interface DeclaredCluster {
  /** The cluster's name. */
  readonly name: string;
  /** UID of the kube-system namespace. @default - not known, or not recorded yet */
  readonly identity?: string;
  readonly nodes: readonly DeclaredNode[];
}

/** A node as it is to be. */
export interface DeclaredNode extends ExpectedNode {
  readonly zone?: string;
}

/** A node as the stack's state has it. */
export function declaredInStack(node: NodeState, more: Pick<DeclaredNode, 'kubernetesVersion' | 'machineId' | 'anotherMachine' | 'leaving' | 'operation'>): DeclaredNode {
  const { name, role, zone, labels, taints } = toTarget(node);
  return { name, role, zone, address: known(node.address), internalAddress: known(node.internalAddress), labels, taints: taints.map(formatTaint), ...more };
}

/** What `cdk8s synth` wrote, as the nodes are compared with it. */
export function declaredInDefinition({ cluster, kubernetesVersion, nodes }: MembershipSnapshot): DeclaredCluster {
  return {
    name: cluster,
    nodes: nodes.map(({ name, role, zone, address, internalAddress, labels, taints }) => ({
      name, role, zone, address: known(address), internalAddress: known(internalAddress), kubernetesVersion, taints,
      labels: { ...labels, ...(zone !== undefined && { [ZONE_LABEL]: zone }) },
    })),
  };
}

/** What stands for an address that is not known yet are words. */
function known(address: string | undefined): string | undefined {
  return address === undefined || /[\s<]/.test(address) ? undefined : address;
}
