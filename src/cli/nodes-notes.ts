import { shortList } from '../impact/group-names';
import { printable } from '../impact/render/printable';
import { describeSetAside } from '../llmos/set-aside';
import { mayComeBack, type RemovedNode } from '../llmos/removed-node';
import type { NodeReport } from './nodes-node';
import type { NodesReport } from './nodes-report';

/** What stands under the quorum: sentences that are too long for a column. */
export function notesOf({ quorum, notClean }: NodesReport, nodes: readonly NodeReport[]): string[] {
  const { healthFrom, healthReason } = quorum;
  return [
    ...(healthFrom === 'members' ? [] : [`Health as the Nodes' conditions EtcdIsVoter and Ready have it, which may be stale${healthReason === undefined ? '' : `: ${healthReason}`}`]),
    ...together(nodes.filter(({ notReadyReason }) => notReadyReason !== undefined).map(({ name, notReadyReason }) => [name, notReadyReason!] as const))
      .map(([names, reason]) => `${shortList(names)} ${names.length === 1 ? 'is' : 'are'} not ready: ${reason}`),
    ...nodes.flatMap(({ name, setAside }) => (setAside === undefined ? [] : [`${name}: ${describeSetAside(setAside)}; llmos-nodes maintain ${name} --end brings it back`])),
    // What is not there yet says so in its state, and what is not ready has been said.
    ...together(nodes.filter(({ state }) => state !== 'not there yet').flatMap(({ name, drift }) => drift.filter(({ kind }) => kind !== 'not ready')
      .map(({ message, remedy }) => [name, remedy === undefined ? message : `${message}; ${remedy}`] as const))).map(([names, message]) => `${shortList(names)}: ${message}`),
    ...notClean.map(left),
  ].map(printable);
}

/** Names that the same is said of, so that a thousand nodes are one line. */
function together(said: readonly (readonly [name: string, text: string])[]): [string[], string][] {
  const names = new Map<string, string[]>();
  for (const [name, text] of said) {
    const known = names.get(text);
    if (known) known.push(name);
    else names.set(text, [name]);
  }
  return [...names].map(([text, all]) => [all, text]);
}

/** Whoever switches such a machine on again should know of it. */
function left(removed: RemovedNode): string {
  const { name, removal, machineId, removedAt } = removed;
  const machine = `${name} was removed on ${removedAt.slice(0, 10)}${removal === 'clean' ? '' : ' and its machine was not cleaned'}${machineId === undefined ? '' : ` (machine-id ${machineId})`}`;
  return mayComeBack(removed) ? `${machine}; not fenced yet: it knows the join token, which the next pulumi up changes` : machine;
}
