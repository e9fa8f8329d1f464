import { Problem } from '../../problem';
import { run } from '../run';
import type { MembershipInputs, NodeOutputs } from '../state';

/** Another machine is the node by now, put there by hand, and somebody confirmed that the one that joined was reinstalled. */
export function isTakenOver({ name, drift, anotherMachine }: NodeOutputs, membership: MembershipInputs): boolean {
  return drift?.machine !== undefined && anotherMachine === undefined
    && run.confirmedRemovals(membership).removals.some(each => each.name === name && each.removal === 'reinstall');
}

/** @throws Problem where the node is another machine by now: nothing of that one is changed before somebody says that it is meant */
export function refuseAnotherMachine({ name, drift }: NodeOutputs): void {
  if (drift?.machine === undefined) return;
  throw new Problem({
    subject: `node '${name}'`, rule: `${drift.machine}, so nothing of it is changed`,
    remedy: `if its machine was reinstalled: npx llmos-nodes confirm ${name} --reinstall; where it is the old one again, run \`pulumi refresh\``,
  });
}
