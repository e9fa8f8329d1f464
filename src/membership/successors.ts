import type { ConfirmedRemoval } from '../llmos/removal';
import { Problem, type ProblemProps } from '../problem';
import { checkHost } from './join/check-host';
import { manyProblems } from './many-problems';
import type { NodeTarget } from './node-target';
import { otherNode } from './other-node';
import type { MachineFacts } from './ports/machine';
import type { ClusterSession } from './session';

/** A machine that takes over the name of another, which leaves right before it joins. */
export interface Succession {
  readonly node: NodeTarget;
  /** How the removal of the one before was confirmed. @default 'clean' */
  readonly removal?: ConfirmedRemoval['removal'];
}

/**
 * Looks whether every successor can join, before the machine it follows leaves: a name is given once, so that the cluster would be
 * one node short until the reason is mended. Machines of new names join before anything leaves and are looked at when they join.
 * @throws Problem with everything that was found, at once; nothing was changed
 */
export async function checkSuccessors(session: ClusterSession, successions: readonly Succession[]): Promise<void> {
  if (successions.length === 0) return;
  const { api } = await session.server('join');
  const found = await Promise.all(successions.map(async succession => {
    try {
      const machine = session.machine(succession.node);
      const [facts, old] = await Promise.all([machine.facts(), api.node(succession.node.name)]);
      const other = await otherNode(api, succession.node, facts, machine.label);
      return other ? [other] : machineProblems(succession, facts, old?.machineId ?? '', machine.label);
    } catch (error) {
      if (error instanceof Problem) return [error.props];
      throw error;
    }
  }));
  if (found.flat().length > 0) {
    throw manyProblems(`cluster '${session.cluster.name}'`, found.flat(), 'mend them all, then run `pulumi up` again; nothing was changed');
  }
}

/** @param old machine-id of the one before; empty where it is not known */
function machineProblems({ node, removal = 'clean' }: Succession, facts: MachineFacts, old: string, label: string): ProblemProps[] {
  const subject = `machine '${node.name}'`;
  const value = `machine-id ${facts.machineId}`;
  if (old !== '' && facts.machineId === old) {
    if (removal === 'reinstall') {
      return [{
        subject, value, rule: 'its removal is confirmed with removal: \'reinstall\', and it is the same machine with the same installation',
        remedy: 'reinstall its operating system first, which gives it another machine-id, or take that choice away so that it is cleaned',
      }];
    }
    if (removal === 'unreachable') {
      return [{
        subject, value, rule: `its removal is confirmed with removal: 'unreachable', and it is the machine that answers at ${label}`,
        remedy: 'take that choice away and give it an address at which both lives of it can be reached, so that it is cleaned before it joins again',
      }];
    }
  } else if (old !== '' && facts.bootstrap !== 'absent') {
    return [{
      subject, value, rule: `LLMOS is set up on ${label} already, so it could not join when the one before it has left`,
      remedy: 'clean it with llmos-uninstall.sh and delete /etc/llmos, or use another machine',
    }];
  }
  checkHost(node, facts, () => undefined);
  return [];
}
