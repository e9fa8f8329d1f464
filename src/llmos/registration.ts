import type { ProblemProps } from '../problem';
import type { NodeRole } from './node';

/** A node, as far as it can be joined through. */
export interface Reachable {
  readonly name: string;
  readonly role: NodeRole;
  /** @default - not known yet */
  readonly address?: string;
  /** @default - not known yet, or none */
  readonly internalAddress?: string;
}

/**
 * Whether machines would join through a management node that is about to leave. A name or a load balancer in front of all of them
 * is nobody's address and stays what it is; a node's own address goes with the node, and with it every kubeconfig that was handed
 * out, and the server that agents were told of.
 * @returns what is wrong and what to do; undefined where nothing is, or where an address that is not known yet may be it
 */
export function lostRegistration(cluster: string, registrationAddress: string, before: readonly Reachable[], after: readonly Reachable[]): ProblemProps | undefined {
  const isIt = ({ role, address, internalAddress }: Reachable): boolean => role === 'management' && [address, internalAddress].includes(registrationAddress);
  const owner = before.find(isIt);
  const management = after.filter(({ role }) => role === 'management');
  if (owner === undefined || after.some(isIt) || management.length === 0 || management.some(({ address }) => address === undefined)) return undefined;
  // One that has been there before can be joined through at once.
  const successor = management.find(({ name }) => before.some(node => node.name === name)) ?? management[0]!;
  return {
    subject: `registrationAddress of cluster '${cluster}'`,
    value: registrationAddress,
    rule: `it is the address of ${owner.name}, and after this change no management node has it: machines that join and every kubeconfig would be sent to a host that is none`,
    remedy: `in the same change, set it to a name or a load balancer in front of all management nodes, or to the address of one that stays (${successor.name}: ${successor.address})`,
  };
}
