import type { DeclaredNode } from '../../membership/gate';
import type { NodeState } from '../state';
import { isKnown } from './unknown';

/** A node as the gate sees it: an address that is not known yet is not compared. */
export function declaredNode({ name, role, address, internalAddress }: NodeState): DeclaredNode {
  return { name, role, address: isKnown(address) ? address : undefined, internalAddress: isKnown(internalAddress) ? internalAddress ?? '' : undefined };
}
