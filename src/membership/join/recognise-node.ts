import { Problem } from '../../problem';
import { refuseHalfRemoved } from '../half-removed';
import { nodeAddress, serverUrl } from '../node-target';
import { otherNode } from '../other-node';
import type { JoinContext } from './join-context';

/**
 * Tells a node that is in the cluster already (adopted: nothing is installed) from one an earlier run left half-way
 * (carried on) and from a machine that only bears the name of one (refused: its node password and etcd member are another's).
 */
export async function recogniseNode(context: JoinContext): Promise<void> {
  const { node, session, facts, initialise } = context;
  const { bootstrap, machineId } = facts!;
  if (initialise) {
    if (bootstrap !== 'done') return;
    // An earlier run got as far as this and was stopped before it could say so.
    context.server = await session.serverAt(node, 'join');
  }
  const other = await otherNode(context.server!.api, node, facts!, context.machine.label);
  if (other) throw new Problem(other);
  const known = await context.server!.api.node(node.name);
  if (!known) await refuseUnlessReinstalled(context);
  if (known && known.machineId !== '' && known.machineId !== machineId) {
    throw new Problem({
      subject: `machine '${node.name}'`,
      value: `machine-id ${machineId}`,
      rule: `the cluster has a node of that name on another machine (machine-id ${known.machineId})`,
      remedy: 'remove that node first, or give this machine another name',
    });
  }
  // A management node registers a moment before it is labelled as one; until then the host's own configuration tells.
  const stillLabelled = node.role === 'management' && facts!.role === 'management';
  if (known && known.role !== node.role && !stillLabelled) {
    throw new Problem({
      subject: `machine '${node.name}'`,
      value: node.role,
      rule: `the cluster has it as a ${known.role} node, and a role does not change in place`,
      remedy: 'remove the node first, then declare it in the other pool',
    });
  }
  if (bootstrap !== 'done') return;
  if (!known && !(await isStillToRegister(context))) {
    throw new Problem({
      subject: `machine '${node.name}'`,
      rule: `LLMOS is set up on it, but cluster '${session.cluster.name}' has no node of that name: it was removed there, or belongs to another cluster`,
      remedy: 'clean it with llmos-uninstall.sh and delete /etc/llmos, then run `pulumi up` again',
    });
  }
  if (known) await refuseHalfRemoved(session, context.server!, node.name, known);
  context.adopted = true;
}

/** A node that was removed to be reinstalled comes back with another machine-id, or it was not reinstalled. */
async function refuseUnlessReinstalled({ node, server, facts }: JoinContext): Promise<void> {
  const removed = (await server!.api.removedNodes()).find(({ name, fenced }) => fenced && name === node.name);
  if (removed?.removal !== 'reinstall' || removed.machineId === undefined || removed.machineId !== facts!.machineId) return;
  throw new Problem({
    subject: `machine '${node.name}'`,
    value: `machine-id ${removed.machineId}`,
    rule: `that node was removed to be reinstalled (${removed.removedAt}), and this is the same machine with the same installation`,
    remedy: 'reinstall its operating system, which gives it another machine-id, or use another machine',
  });
}

/**
 * LLMOS is done before the kubelet registers: a join that was stopped in between, or never got further, is carried on. A fenced
 * name was removed, a host that joins by a server nobody knows here belongs to another cluster, and one that was set up under
 * another name never registers under this one.
 */
async function isStillToRegister({ node, session, server, facts }: JoinContext): Promise<boolean> {
  if (facts!.nodeName !== undefined && facts!.nodeName !== node.name) return false;
  if (facts!.server === undefined || (await server!.api.fencedNames()).includes(node.name)) return false;
  const ours = [session.cluster.registrationAddress, ...session.management.map(nodeAddress)];
  return ours.some(host => new URL(facts!.server!).host === new URL(serverUrl(host, session.cluster.registrationPort)).host);
}
