import { removeMemberCommand } from '../llmos/etcdctl';
import type { RuntimePaths } from '../llmos/paths';
import type { ProblemProps } from '../problem';
import type { NodeView } from './ports/cluster-api';

/** Something in which etcd's member list and the cluster's list of Nodes do not agree. */
export interface Ghost {
  readonly kind: 'member without a Node' | 'Node without a member' | 'two members of one node';
  /** The node's name; of a member that nobody knows, its etcd name or id. */
  readonly node: string;
  /** What it is and what to type. */
  readonly problem: ProblemProps;
}

/** An entry of the member list, under the name of its node. */
export interface Entry {
  readonly id: string;
  readonly name: string;
}

/** Where something can be typed. */
export interface Place {
  readonly host: string;
  readonly runtime: RuntimePaths;
}

/**
 * Compares the two lists. A member without a Node is never cleaned up, because k3s removes a member only when its Node goes: it
 * counts for the quorum for ever, and a machine that joins under its name fails with 'duplicate node name'. A management Node
 * without a member is a removal or a join that is not over. Two members of one node are an old life of the machine and its
 * present one, of which nobody knows which is which.
 * @param at a management host where members can be removed, as people know it: `ops@10.0.0.11:22`
 */
export function findGhosts(members: readonly Entry[], nodes: readonly Pick<NodeView, 'name' | 'role' | 'deleting'>[], at: Place): Ghost[] {
  const names = [...new Set(members.map(({ name }) => name))];
  const ghosts = names.flatMap(name => {
    const [first, ...others] = members.filter(member => member.name === name).map(({ id }) => id);
    if (others.length > 0) return twins(name, [first!, ...others], at);
    return nodes.some(node => node.name === name) ? [] : withoutNode(name, first!, at);
  });
  return [...ghosts, ...nodes.filter(({ name, role, deleting }) => role === 'management' && !deleting && !names.includes(name)).map(withoutMember)];
}

function twins(node: string, ids: readonly string[], { host, runtime }: Place): Ghost {
  return {
    kind: 'two members of one node', node,
    problem: {
      subject: `etcd members of '${node}'`, value: ids.join(', '),
      rule: 'they are of one node, which runs one of them at most, and all of them count for the quorum',
      remedy: `see by their peer addresses which are stale, and for each type on ${host}: ${removeMemberCommand(runtime, 'ID')}`,
    },
  };
}

function withoutNode(node: string, id: string, { host, runtime }: Place): Ghost {
  return {
    kind: 'member without a Node', node,
    problem: {
      subject: `etcd member of '${node}'`, value: id,
      rule: 'it has no Node, so nothing ever removes it: it counts for the quorum, and no machine can join under its name',
      remedy: `unless its machine is joining right now, type on ${host}: ${removeMemberCommand(runtime, id)}`,
    },
  };
}

function withoutMember({ name }: Pick<NodeView, 'name'>): Ghost {
  return {
    kind: 'Node without a member', node: name,
    problem: {
      subject: `management node '${name}'`,
      rule: 'it is in the cluster without an etcd member, so it does not count for the quorum, and joins etcd again when it restarts',
      remedy: 'take it out of the definition, confirm its removal and run `pulumi up`, or delete its Node',
    },
  };
}
