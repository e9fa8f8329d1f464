import { K3S, RKE2 } from '../llmos/paths';
import { findGhosts, type Entry, type Ghost } from './ghosts';
import { listMembers } from './members';
import type { NodeView } from './ports/cluster-api';
import type { Machine } from './ports/machine';
import type { ClusterSession } from './session';

/** The Nodes and etcd's members as they were at one moment. */
export interface ClusterLook {
  readonly nodes: ReadonlyMap<string, NodeView>;
  /** From etcd's real list. */
  readonly members: readonly { readonly name: string; readonly voter: boolean }[];
  readonly ghosts: readonly Ghost[];
}

/** Looks at a cluster as a whole, and changes nothing. @throws Problem where no management host of it can be worked with */
export async function lookAtCluster(session: ClusterSession): Promise<ClusterLook> {
  const server = await session.server('join');
  const [nodes, members] = await Promise.all([server.api.nodes(), listMembers(session, server)]);
  return { nodes: new Map(nodes.map(node => [node.name, node])), members, ghosts: ghostsSeenFrom(session, server.machine, members, nodes) };
}

/** In what the two lists do not agree, with what to type on the machine they were read from. */
export function ghostsSeenFrom({ cluster }: ClusterSession, { label }: Pick<Machine, 'label'>, members: readonly Entry[], nodes: readonly NodeView[]): Ghost[] {
  return findGhosts(members, nodes, { host: label, runtime: cluster.registrationPort === RKE2.supervisorPort ? RKE2 : K3S });
}
