import Table from 'cli-table3';
import { createColors } from 'picocolors';

import { mayComeBack, type RemovedNode } from '../llmos/removed-node';
import { describeQuorum } from '../quorum';
import type { NodeReport, NodesReport, QuorumReport } from './nodes-report';

/** Where the table goes: colour only where a person looks at it. */
export interface Screen {
  readonly isTTY?: boolean;
}

type Colors = ReturnType<typeof createColors>;

const HEAD = ['NAME', 'ROLE', 'ZONE', 'STATE', 'VOTER', 'ADDRESS', 'VERSION', 'CPU', 'MEMORY', 'GPU', 'AGE'];

/** kubectl's look: columns and no lines. */
const NO_LINES = Object.fromEntries([
  'top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right',
  'left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle',
].map(part => [part, '']));

/** The nodes and under them the quorum, for reading. */
export function nodesTable({ nodes, quorum, notClean }: NodesReport, screen: Screen, now: number = Date.now()): string {
  const colors = createColors(screen.isTTY === true && process.env.NO_COLOR === undefined);
  const table = new Table({ head: HEAD, chars: NO_LINES, style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 } });
  table.push(...nodes.map(node => [
    node.name, node.role, node.zone ?? '-', state(node, colors), voter(node), node.externalAddress ?? node.internalAddress ?? '-', node.version,
    node.cpu, memory(node.memory), node.gpu, age(node.createdAt, now),
  ]));
  const lines = table.toString().split('\n').map(line => line.trimEnd());
  return [...lines, '', colors.bold(quorumLine(nodes, quorum)), ...notReady(nodes), ...notClean.map(left)].join('\n');
}

function quorumLine(nodes: readonly NodeReport[], quorum: QuorumReport): string {
  const voters = nodes.filter(({ voter: votes }) => votes);
  // The sentence counts management nodes, and a learner is one that does not count yet.
  const learners = nodes.filter(({ voter: votes }) => votes === false);
  return [
    voters.length === 0 ? 'no voter yet' : describeQuorum(voters.length, voters.map(({ zone }) => zone)),
    ...leftToFail(voters, quorum.majority),
    ...(learners.length === 0 ? [] : [`not voting yet: ${names(learners)}`]),
  ].join('; ');
}

/** The tolerance is that of a cluster in good health; what has failed already is used up. */
function leftToFail(voters: readonly NodeReport[], majority: number): string[] {
  const failed = voters.filter(({ ready }) => !ready);
  if (failed.length === 0) return [];
  const left = voters.length - failed.length - majority;
  if (left < 0) return [`too few are ready for a majority: ${names(failed)} not ready`];
  return [`${left === 0 ? 'no other' : `only ${left} more`} may fail while ${names(failed)} ${failed.length === 1 ? 'is' : 'are'} not ready`];
}

function names(nodes: readonly NodeReport[]): string {
  return nodes.map(({ name }) => name).join(', ');
}

/** Why a node is not ready is a sentence, too long for a column. */
function notReady(nodes: readonly NodeReport[]): string[] {
  return nodes.filter(({ notReadyReason }) => notReadyReason !== undefined).map(({ name, notReadyReason }) => `${name} is not ready: ${notReadyReason}`);
}

/** Whoever switches such a machine on again should know of it. */
function left(removed: RemovedNode): string {
  const { name, removal, machineId, removedAt } = removed;
  const machine = `${name} was removed on ${removedAt.slice(0, 10)}${removal === 'clean' ? '' : ' and its machine was not cleaned'}${machineId === undefined ? '' : ` (machine-id ${machineId})`}`;
  return mayComeBack(removed) ? `${machine}; not fenced yet: it knows the join token, which the next pulumi up changes` : machine;
}

function state(node: NodeReport, colors: Colors): string {
  if (node.deleting) return colors.yellow('Deleting');
  const ready = node.ready ? colors.green('Ready') : colors.red('NotReady');
  return node.unschedulable ? `${ready},SchedulingDisabled` : ready;
}

function voter({ voter: votes }: NodeReport): string {
  if (votes === undefined) return '-';
  return votes ? 'yes' : 'learner';
}

/** Kubernetes writes memory in Ki; people read Gi. */
function memory(quantity: string): string {
  const [, kibibytes] = /^(\d+)Ki$/.exec(quantity) ?? [];
  return kibibytes === undefined ? quantity : `${(Number(kibibytes) / 2 ** 20).toFixed(1)}Gi`;
}

/** As kubectl shows it: the largest unit that says enough. */
function age(createdAt: string, now: number): string {
  const seconds = Math.max(0, Math.floor((now - Date.parse(createdAt)) / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 2 * 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}
