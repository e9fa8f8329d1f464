import type { MembershipSnapshot } from '../impact';
import { formatTaint, type NodeRole, ZONE_LABEL } from '../llmos/node';
import { toTarget, type NodeState } from '../pulumi/state';

/** What the cluster's nodes are compared with. */
export interface DeclaredCluster {
  /** The cluster's name. */
  readonly name: string;
  /** UID of the kube-system namespace. @default - not known, or not recorded yet */
  readonly identity?: string;
  readonly kubernetesVersion?: string;
  readonly nodes: readonly DeclaredNode[];
}

/** A node as it is to be. */
export interface DeclaredNode {
  readonly name: string;
  readonly role: NodeRole;
  readonly zone?: string;
  /** @default - not known yet */
  readonly address?: string;
  readonly internalAddress?: string;
  /** Those that were declared, the zone's among them. */
  readonly labels: Readonly<Record<string, string>>;
  /** `key=value:Effect` */
  readonly taints: readonly string[];
  /** Of the machine that joined. @default - none has, as far as is known */
  readonly machineId?: string;
  /** It is still recorded and no longer declared: its removal is due. @default false */
  readonly leaving?: boolean;
  /** What a run of Pulumi is doing with it. @default - nothing */
  readonly operation?: 'joining' | 'removing';
}

/** A node as the stack's state has it. */
export function declaredInStack(node: NodeState, more: Pick<DeclaredNode, 'machineId' | 'leaving' | 'operation'>): DeclaredNode {
  const { name, role, zone, labels, taints } = toTarget(node);
  return { name, role, zone, address: known(node.address), internalAddress: known(node.internalAddress), labels, taints: taints.map(formatTaint), ...more };
}

/** What `cdk8s synth` wrote, as the nodes are compared with it. */
export function declaredInDefinition({ cluster, kubernetesVersion, nodes }: MembershipSnapshot): DeclaredCluster {
  return {
    name: cluster, kubernetesVersion,
    nodes: nodes.map(({ name, role, zone, address, internalAddress, labels, taints }) => ({
      name, role, zone, address: known(address), internalAddress: known(internalAddress), taints,
      labels: { ...labels, ...(zone !== undefined && { [ZONE_LABEL]: zone }) },
    })),
  };
}

/** What stands for an address that is not known yet are words. */
function known(address: string | undefined): string | undefined {
  return address === undefined || /[\s<]/.test(address) ? undefined : address;
}
