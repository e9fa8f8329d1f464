import { CustomResource, type CustomResourceOptions, type Input, type Output } from '@pulumi/pulumi';

import type { KubeconfigInputs, MembershipInputs, NodeInputs, NodeState } from './state';

/** Every value may come from elsewhere in the program. */
export type Inputs<T> = { readonly [Key in keyof T]: Input<T[Key]> };

/**
 * What Pulumi keeps in the state to find the provider by: a constant line that loads this library when it is run. No closure is
 * captured, so neither code nor secrets of one version end up in the state, and editing the library is no diff.
 *
 * The path and the names are a compatibility contract: states of every released version hold them.
 */
export function shim(handler: 'membership' | 'node' | 'kubeconfig'): string {
  return `exports.handler = () => require('llmos-nodes/lib/pulumi/handlers').${handler};`;
}

/** The whole desired membership: the gate every Node waits for. */
export class Membership extends CustomResource {
  /** The node that may start the cluster; empty once there is one. */
  declare readonly initialise: Output<string>;
  /** UID of the cluster's kube-system namespace, once it is known. */
  declare readonly identity: Output<string>;
  /** Where the etcd snapshot lies that was taken before the latest change of the management nodes. */
  declare readonly snapshot: Output<string | undefined>;

  constructor(name: string, args: Inputs<Omit<MembershipInputs, 'nodes'>> & { readonly nodes: readonly Inputs<NodeState>[] }, opts: CustomResourceOptions) {
    super('pulumi-nodejs:dynamic/llmos:Membership', name, { ...args, initialise: undefined, identity: undefined, snapshot: undefined, __provider: shim('membership') }, opts);
  }
}

/** One machine in the cluster. */
export class Node extends CustomResource {
  declare readonly machineId: Output<string>;

  constructor(name: string, args: Inputs<NodeInputs>, opts: CustomResourceOptions) {
    super('pulumi-nodejs:dynamic/llmos:Node', name, { ...args, machineId: undefined, __provider: shim('node') }, opts);
  }
}

/** The administrator's kubeconfig. */
export class Kubeconfig extends CustomResource {
  declare readonly kubeconfig: Output<string>;

  constructor(name: string, args: Inputs<KubeconfigInputs>, opts: CustomResourceOptions) {
    super('pulumi-nodejs:dynamic/llmos:Kubeconfig', name, { ...args, kubeconfig: undefined, __provider: shim('kubeconfig') },
      { ...opts, additionalSecretOutputs: ['kubeconfig'] });
  }
}
