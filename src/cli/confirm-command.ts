import { Command, Option } from 'commander';

import { isSameRemoval, type ConfirmedRemoval } from '../llmos/removal';
import { Problem } from '../problem';
import { askAtTerminal, type Ask } from './ask-at-terminal';
import { PulumiStack } from './pulumi-stack';

const IN_AUTOMATION = 'in automation set it in a reviewed change: confirmRemoval in the definition, or one more entry of llmos:confirmRemoval in the stack\'s configuration';

/** `llmos-nodes confirm`: a removal is confirmed by typing the node's name, as LLMOS itself asks for it. */
export function confirmCommand(): Command {
  return new Command('confirm')
    .summary('confirm the removal of a node')
    .description('Confirm the removal of a node by typing its name. It is written into the stack\'s configuration (llmos:confirmRemoval); nothing is removed before the next pulumi up.')
    .argument('<node>', 'name of the node')
    .addOption(new Option('--unreachable', 'its machine does not answer and is gone for good; it cannot be cleaned').conflicts('reinstall'))
    .addOption(new Option('--recovered', 'likewise, and `llmos-nodes recover` made the cluster whole without it').conflicts('reinstall'))
    .option('--reinstall', 'its machine is reinstalled by somebody else; it is stopped and not cleaned')
    .option('--force-drain', 'delete pods that a PodDisruptionBudget still holds back when the drain\'s time is over')
    .option('--delete-bare-pods', 'delete pods that no controller would make again')
    .option('--stack <name>', 'the stack (default: the selected one)')
    .action(async (name: string, { stack, ...flags }: ConfirmFlags & { readonly stack?: string }) => {
      console.log(await confirmRemoval(chosen(name, flags), new PulumiStack(stack), askAtTerminal(IN_AUTOMATION)));
    });
}

interface ConfirmFlags {
  readonly unreachable?: boolean;
  readonly recovered?: boolean;
  readonly reinstall?: boolean;
  readonly forceDrain?: boolean;
  readonly deleteBarePods?: boolean;
}

function chosen(name: string, { unreachable, recovered, reinstall, forceDrain, deleteBarePods }: ConfirmFlags): ConfirmedRemoval {
  return {
    name,
    ...((unreachable || recovered) && { removal: 'unreachable' }), ...(recovered && { vote: 'lost' }), ...(reinstall && { removal: 'reinstall' }),
    ...(forceDrain && { drain: 'force' }), ...(deleteBarePods && { barePods: 'delete' }),
  };
}

/**
 * Confirms one removal, where the typed name is the node's. Confirmed before in another way, it is confirmed in this way now.
 * @returns what to say
 * @throws Problem where the stack has no such node, or something else was typed; nothing is written then
 */
export async function confirmRemoval(removal: ConfirmedRemoval, stack: Pick<PulumiStack, 'nodes' | 'confirmed' | 'confirm'>, ask: Ask): Promise<string> {
  const { name } = removal;
  const nodes = await stack.nodes();
  const node = nodes.find(each => each.name === name);
  if (!node) {
    throw new Problem({
      subject: 'node', value: name, rule: `the stack has no node of that name (it has ${nodes.map(each => each.name).join(', ') || 'none'})`,
      remedy: 'check the name, and the stack with --stack',
    });
  }
  if ((await stack.confirmed()).some(confirmed => confirmed.name === name && isSameRemoval(confirmed, removal))) return `The removal of '${name}' is confirmed already. It happens with the next pulumi up that leaves it out or gives it another machine.`;
  const typed = await ask(`Type the name of the ${node.role} node of cluster '${node.cluster}' whose removal you confirm:`);
  if (typed.trim() !== name) {
    throw new Problem({ subject: 'typed name', value: typed, rule: `it is not '${name}', so nothing is confirmed`, remedy: 'run the command again' });
  }
  await stack.confirm(removal);
  return `Confirmed: '${name}' may be removed. Take it out of the definition, or give it another machine there, look at pulumi preview, then run pulumi up.`;
}
