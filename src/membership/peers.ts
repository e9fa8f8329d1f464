import { readMembers } from './members';
import { nodeAddress, serverUrl } from './node-target';
import type { ClusterSession, Server } from './session';

/**
 * Lets every management node's configs name another living one as the server to join by. The first node was installed with
 * `cluster-init`: wiped and started again with that in place it would make a second cluster, and a peer that has left would
 * leave the others pointing at nobody. Alone, a node has nobody to point at and is left as it is; one that does not answer now is
 * neither pointed at nor changed, and gets its turn with the next change.
 */
export async function pointAtLivingPeers(session: ClusterSession, server: Server): Promise<void> {
  const living = (await readMembers(session, server)).filter(({ voter, healthy }) => voter && healthy)
    .flatMap(({ host }) => host ?? []);
  if (living.length < 2) return;
  await Promise.all(living.map(async (node, index) => {
    const peer = living[(index + 1) % living.length]!;
    await session.machine(node).joinBy(serverUrl(nodeAddress(peer), session.cluster.registrationPort));
  }));
}
