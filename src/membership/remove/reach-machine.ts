import { Problem } from '../../problem';
import type { MachineFacts } from '../ports/machine';
import type { Report } from '../steps';
import type { RemoveContext } from './remove-context';

/**
 * Looks at the machine that leaves, and tells it from another one that stands at its address by now. Without a machine to work on
 * (`facts` stay unset) the removal goes on only where somebody said so by the node's name.
 */
export async function reachMachine(context: RemoveContext, report: Report): Promise<void> {
  const { machine, removal } = context;
  let facts: MachineFacts;
  try {
    facts = await machine.facts();
  } catch (error) {
    if (removal === 'clean') throw orUnreachable(context, error);
    report(`${error instanceof Problem ? error.props.rule : String(error)}: goes on without it, as was confirmed`);
    return;
  }
  const other = anotherMachine(context, facts);
  if (other !== undefined && removal === 'clean') throw new Problem(other);
  if (other !== undefined) {
    context.isAnother = true;
    return report(`${other.rule}: goes on without it, as was confirmed`);
  }
  if (removal === 'unreachable') {
    throw new Problem({
      subject: `node '${context.node.name}'`,
      value: 'removal: \'unreachable\'',
      rule: `${machine.label} answers, so it can be cleaned, and would come back where it is not`,
      remedy: 'take that choice away, leave its name in confirmRemoval and run `pulumi up` again',
    });
  }
  context.facts = facts;
}

/** Why this is not the machine that joined, where it is not. */
function anotherMachine({ node, machineId, machine }: RemoveContext, facts: MachineFacts) {
  if (machineId !== undefined && facts.machineId !== machineId) {
    return {
      subject: `node '${node.name}'`,
      value: `machine-id ${facts.machineId}`,
      rule: `${machine.label} is not the machine that joined (machine-id ${machineId}), so it is not touched`,
      remedy: 'give the node\'s machine its address back; if that machine is gone for good, '
        + `confirm the removal with { name: '${node.name}', removal: 'unreachable' }`,
    };
  }
  const { nodeName } = facts;
  if (nodeName === undefined || nodeName === node.name) return undefined;
  return {
    subject: `node '${node.name}'`,
    value: machine.label,
    rule: `that machine is set up as node '${nodeName}' now, so it is not touched`,
    remedy: 'correct the address, or take the node out of the state (pulumi state delete) once you removed it by hand',
  };
}

/** The way out for a machine that will never answer again is not in the message of a connection that failed. */
function orUnreachable({ node }: RemoveContext, error: unknown): unknown {
  if (!(error instanceof Problem)) return error;
  const { remedy, ...props } = error.props;
  return new Problem({ ...props, remedy: `${remedy}; if it is gone for good: npx llmos-nodes confirm ${node.name} --unreachable` });
}
