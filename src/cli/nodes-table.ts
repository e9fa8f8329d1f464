import Table from 'cli-table3';
import { createColors } from 'picocolors';

import { ZONE_LABEL } from '../llmos/node';
import type { NodeView } from '../membership/ports/cluster-api';
import { describeQuorum } from '../quorum';

/** Where the table goes: colour only where a person looks at it. */
export interface Screen {
  readonly isTTY?: boolean;
}

/** The nodes, management first, and under them the quorum. */
export function nodesTable(nodes: readonly NodeView[], screen: Screen, now: number = Date.now()): string {
  const colors = createColors(screen.isTTY === true && process.env.NO_COLOR === undefined);
  const table = new Table({
    head: ['NAME', 'ROLE', 'ZONE', 'STATE', 'VOTER', 'ADDRESS', 'VERSION', 'CPU', 'MEMORY', 'GPU', 'AGE'],
    // kubectl's look: columns and no lines.
    chars: Object.fromEntries(['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right', 'left',
      'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'].map(part => [part, ''])),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
  });
  table.options.chars.middle = '';
  const sorted = [...nodes].sort((a, b) => a.role.localeCompare(b.role) || a.name.localeCompare(b.name, undefined, { numeric: true }));
  for (const node of sorted) {
    table.push([
      node.name, node.role, node.labels[ZONE_LABEL] ?? '-', state(node, colors), voter(node), node.internalAddress ?? '-', node.kubeletVersion,
      node.cpu, memory(node.memory), node.gpu, age(node.createdAt, now),
    ]);
  }
  const voters = sorted.filter(({ etcdIsVoter }) => etcdIsVoter);
  const quorum = voters.length === 0 ? 'no management node is a voter yet' : describeQuorum(voters.length, voters.map(({ labels }) => labels[ZONE_LABEL]));
  return `${table.toString().split('\n').map(line => line.trimEnd()).join('\n')}\n\n${colors.bold(quorum)}`;
}

function state(node: NodeView, colors: ReturnType<typeof createColors>): string {
  if (node.deleting) return colors.yellow('Deleting');
  const ready = node.ready ? colors.green('Ready') : colors.red('NotReady');
  return node.unschedulable ? `${ready},SchedulingDisabled` : ready;
}

function voter(node: NodeView): string {
  if (node.role === 'worker') return '-';
  return node.etcdIsVoter ? 'yes' : 'learner';
}

/** Kubernetes writes memory in Ki; people read GiB. */
function memory(quantity: string): string {
  const kibibytes = /^(\d+)Ki$/.exec(quantity);
  return kibibytes ? `${(Number(kibibytes[1]) / 2 ** 20).toFixed(1)}Gi` : quantity;
}

/** As kubectl shows it: the largest unit that fits. */
function age(createdAt: string, now: number): string {
  const seconds = Math.max(0, Math.floor((now - Date.parse(createdAt)) / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 2 * 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86400)}d`;
}
