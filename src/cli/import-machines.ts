import type { NodeView } from '../membership/ports/cluster-api';
import type { MachineFacts } from '../membership/ports/machine';
import type { ClusterSession } from '../membership/session';

/** A machine of which `pulumi up` could not adopt the node, and why. */
export interface MachineTrouble {
  readonly name: string;
  readonly reason: string;
}

/** As many machines are asked at once: each takes a connection and a process. */
const AT_ONCE = 16;

/** Asks every machine what an adoption will ask it, and changes nothing there. */
export async function machineTroubles(session: ClusterSession, nodes: readonly NodeView[]): Promise<MachineTrouble[]> {
  const left = [...nodes];
  const found: MachineTrouble[] = [];
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, left.length) }, async () => {
    for (let node = left.shift(); node !== undefined; node = left.shift()) {
      const reason = await troubleOf(session, node);
      if (reason !== undefined) found.push({ name: node.name, reason });
    }
  }));
  return found;
}

async function troubleOf(session: ClusterSession, { name, role, externalAddress, internalAddress, machineId }: NodeView): Promise<string | undefined> {
  const address = externalAddress ?? internalAddress ?? '';
  try {
    return mismatch(await session.machine({ name, role, address, labels: {}, taints: [] }).facts(), { name, role, machineId });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function mismatch({ bootstrap, nodeName, hostname, role, machineId, privileged }: MachineFacts, node: Pick<NodeView, 'name' | 'role' | 'machineId'>): string | undefined {
  if (node.machineId !== '' && machineId !== node.machineId) return `another machine answers at its address (machine-id ${machineId}, and its Node has ${node.machineId})`;
  if (!privileged) return 'the login is neither root nor may it use sudo without a password';
  if (bootstrap !== 'done') return `LLMOS is not set up on it (${bootstrap}), so it would be taken for a machine that is to join`;
  // A management node registers before it is labelled as one.
  if (role !== undefined && role !== node.role) return `it is set up as a ${role} node, and the cluster has it as a ${node.role} node; import again once it has joined`;
  return (nodeName ?? hostname) === node.name ? undefined : `LLMOS is set up on it as '${nodeName ?? hostname}'`;
}
