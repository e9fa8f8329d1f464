import { Problem } from '../problem';
import { memberNames } from './members';
import type { NodeView } from './ports/cluster-api';
import type { ClusterSession, Server } from './session';

/** @throws Problem for a management node of which only the Node is left, because a removal took its member and never ended */
export async function refuseHalfRemoved(session: ClusterSession, server: Server, name: string, { removedMember }: NodeView): Promise<void> {
  if (removedMember === undefined || (await memberNames(session, server)).includes(name)) return;
  throw new Problem({
    subject: `machine '${name}'`,
    rule: 'its removal was begun: its etcd member is gone, and started again it would join etcd without being asked',
    remedy: 'take it out of the definition and run `pulumi up`, which ends the removal; then declare it again',
  });
}
