import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import type { NodeRole, Taint } from '../llmos/node';
import { Problem, type ProblemProps, formatProblem } from '../problem';
import type { NodeDefinition, PoolDefinition } from './cluster-definition';
import { labelProblems, taintProblems } from './kubernetes-syntax';
import { type MachineProps, machineProblems, nodeDefinition } from './machine';
import { requirePlain } from './plain';

/** What every pool of machines has. */
export interface NodePoolProps {
  /** The machines to take nodes from, in this order. There may be more of them than `count`. */
  readonly machines: readonly MachineProps[];
  /** How many of the machines are nodes: the first so many. A plain number, because it is what is reviewed. @default - all of them */
  readonly count?: number;
  /** Labels of every node of the pool. @default - none */
  readonly labels?: Readonly<Record<string, string>>;
  /** Taints of every node of the pool. @default - none */
  readonly taints?: readonly Taint[];
}

/**
 * Machines that have the same role. Its constructor throws a Problem where `count`, the list of machines or a name or zone
 * is an Output; everything else is checked when the definition is synthesised, with all other problems.
 *
 * Machines beyond `count` are not looked at: an inventory may list what is not ready yet.
 */
export abstract class NodePool extends Construct {
  /** The pool itself, as it goes into the cluster's definition. */
  readonly definition: PoolDefinition;
  /** The machines in use, in order. */
  readonly nodes: readonly NodeDefinition[];
  /** How many nodes were asked for, whether or not there are so many machines. */
  readonly size: number;
  /** `management pool 'management'`, for messages. */
  protected readonly subject: string;

  protected constructor(scope: Construct, id: string, role: NodeRole, props: NodePoolProps) {
    super(scope, id);
    // Below the chart, so that pools of the same id in different constructs are told apart.
    const name = this.node.path.slice(Chart.of(this).node.path.length).replace(/^\//, '');
    this.subject = `${role} pool '${name}'`;
    requirePlainPool(props, this.subject);

    const machines = props.machines.slice(0, Math.max(0, Math.trunc(props.count ?? props.machines.length)));
    this.size = props.count ?? props.machines.length;
    this.definition = Object.freeze({
      name,
      role,
      machines: props.machines.length,
      labels: Object.freeze({ ...props.labels }),
      taints: Object.freeze([...(props.taints ?? [])]),
    });
    this.nodes = Object.freeze(machines.map((machine) => nodeDefinition(machine, role, this.definition)));
    this.addRule(() => [
      ...this.countProblems(),
      ...labelProblems(this.definition.labels, this.subject),
      ...taintProblems(this.definition.taints, this.subject),
      ...machines.flatMap(machineProblems),
    ]);
  }

  /** Adds a rule that synthesis checks with all others. What it says stays: the constructor fixed all that a pool's rules look at. */
  protected addRule(problems: () => readonly ProblemProps[]): void {
    let found: string[] | undefined;
    this.node.addValidation({ validate: () => found ??= problems().map(formatProblem) });
  }

  private countProblems(): ProblemProps[] {
    const { machines } = this.definition;
    if (Number.isInteger(this.size) && this.size >= 0 && this.size <= machines) {
      return [];
    }
    return [{
      subject: `count of ${this.subject}`, value: String(this.size),
      rule: `its inventory has ${machines} machines, and a count is a whole number from 0 to that`,
      remedy: this.size > machines ? 'add machines or lower the count' : 'correct the count',
    }];
  }
}

function requirePlainPool(props: NodePoolProps, subject: string): void {
  requirePlain(props.count, () => `count of ${subject}`, 'how many nodes there are');
  requirePlain(props.machines, () => `machines of ${subject}`, 'how many nodes there are');
  if (!Array.isArray(props.machines)) {
    throw new Problem({ subject: `machines of ${subject}`, rule: 'it is a list of machines', remedy: "write it like [{ name: 'm1', address: '192.0.2.11' }]" });
  }
  props.machines.forEach((machine, index) => {
    // As nearly all are; of an Output or a promise no name is text.
    if (typeof machine.name === 'string' && (machine.zone === undefined || typeof machine.zone === 'string')) return;
    requirePlain(machine, () => `machine ${index + 1} of ${subject}`, 'which machines there are');
    requirePlain(machine.name, () => `name of machine ${index + 1} of ${subject}`, 'the name of a node');
    requirePlain(machine.zone, () => `zone of machine '${machine.name}'`, 'the zone of a node');
  });
}
