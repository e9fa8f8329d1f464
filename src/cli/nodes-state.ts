import type { NodeView } from '../membership/ports/cluster-api';
import type { DeclaredNode } from './nodes-declared';

/**
 * A node's state in one word or two. With a Node it is kubectl's, and `removing` once its deletion was asked for; without one
 * it is what is known from the stack and from etcd.
 */
export function stateOf(view: Pick<NodeView, 'ready' | 'unschedulable' | 'deleting'>): string;
export function stateOf(view: undefined, declared: Pick<DeclaredNode, 'operation' | 'leaving' | 'machineId'>, isMember: boolean): string;
export function stateOf(view: Pick<NodeView, 'ready' | 'unschedulable' | 'deleting'> | undefined, declared?: Pick<DeclaredNode, 'operation' | 'leaving' | 'machineId'>, isMember = false): string {
  if (view) {
    if (view.deleting) return 'removing';
    return `${view.ready ? 'Ready' : 'NotReady'}${view.unschedulable ? ',SchedulingDisabled' : ''}`;
  }
  if (declared?.operation) return declared.operation;
  if (declared?.leaving) return 'removing';
  if (isMember) return 'no Node';
  return declared?.machineId === undefined ? 'not there yet' : 'gone';
}

/** States in which something is wrong or under way, the most urgent first. */
const URGENT = ['no Node', 'gone', 'NotReady', 'not there yet', 'removing', 'joining', 'SchedulingDisabled'];

/** What has to be looked at comes first; what is Ready last. */
export function urgency(state: string): number {
  const place = URGENT.findIndex(each => state.startsWith(each) || state.endsWith(each));
  return place === -1 ? URGENT.length : place;
}
