import type { Rehearsal } from '../../src/adapters/rehearsal';
import type { ConfirmedRemoval } from '../../src/llmos/removal';
import type { MembershipInputs, MembershipOutputs, NodeInputs, NodeOutputs, NodeState } from '../../src/pulumi/state';

type Handlers = typeof import('../../src/pulumi/handlers');

/** What Pulumi keeps of a stack: the outputs of the membership, inputs and outputs of each node in the order they were made. */
export interface SmallState {
  readonly membership?: MembershipOutputs;
  readonly nodes: ReadonlyMap<string, { readonly inputs: NodeInputs; readonly outputs: NodeOutputs }>;
}

/** How an `up` ended. */
export interface SmallOutcome {
  /** What the preview refused; nothing was done then. */
  readonly refused: readonly string[];
  /** What ended it half-way. */
  readonly error?: string;
  /** `m2 leaves`, `m2 joins`, `w1 changes`: what was done to nodes, in order, what failed left out. */
  readonly done: readonly string[];
}

export const NO_STATE: SmallState = { nodes: new Map() };

/**
 * Calls the handlers in the order in which Pulumi's engine does: checks and diffs first, then every resource in the order of its
 * dependencies, a replaced one deleted before it is made again, and what is no longer declared at the end, last one first. The
 * real one takes seconds for a step; test/e2e has a few of these cases with it, to show that the order is this one.
 */
export class SmallEngine {
  constructor(readonly rehearsed: Rehearsal, public state: SmallState = NO_STATE) {}

  /** @param nodes management nodes first, as a definition has them */
  async up(nodes: readonly NodeState[], confirmed: readonly ConfirmedRemoval[] = [], more: Partial<MembershipInputs> = {}): Promise<SmallOutcome> {
    return this.runProgram(await this.newRun(confirmed), nodes, more);
  }

  async refresh(): Promise<void> {
    await this.readAll(await this.newRun([]));
  }

  /** `pulumi up --refresh`: one process of the provider does both. */
  async refreshAndUp(nodes: readonly NodeState[], confirmed: readonly ConfirmedRemoval[] = [], more: Partial<MembershipInputs> = {}): Promise<SmallOutcome> {
    const handlers = await this.newRun(confirmed);
    await this.readAll(handlers);
    return this.runProgram(handlers, nodes, more);
  }

  private async runProgram(handlers: Handlers, nodes: readonly NodeState[], more: Partial<MembershipInputs>): Promise<SmallOutcome> {
    const news = membershipOf(nodes, more);
    const old = this.state.membership;
    const refused = [...(await handlers.membership.check(old ?? {}, news)).failures];
    if (refused.length === 0) {
      for (const node of nodes) refused.push(...(await handlers.node.check(this.state.nodes.get(node.name)?.inputs ?? {}, inputsOf(node))).failures);
    }
    const done: string[] = [];
    if (refused.length > 0) return { refused: refused.map(({ reason }) => reason), done };
    try {
      await this.change(handlers, news, old, done);
      return { refused: [], done };
    } catch (error) {
      return { refused: [], error: (error as Error).message, done };
    }
  }

  private async readAll(handlers: Handlers): Promise<void> {
    const nodes = new Map(this.state.nodes);
    for (const [name, { inputs, outputs }] of this.state.nodes) {
      const view = await handlers.node.read(name, outputs);
      if (view.id === '') nodes.delete(name);
      else nodes.set(name, { inputs: view.inputs ?? inputs, outputs: view.props });
    }
    this.state = { ...this.state, nodes };
  }

  private async change(handlers: Handlers, news: MembershipInputs, old: MembershipOutputs | undefined, done: string[]): Promise<void> {
    const nodes = new Map(this.state.nodes);
    const changed = old !== undefined && (await handlers.membership.diff(news.cluster, old, news)).changes;
    const keep = (membership: MembershipOutputs) => { this.state = { membership, nodes }; };
    if (old === undefined) keep((await handlers.membership.create(news)).outs);
    else keep(changed ? (await handlers.membership.update(news.cluster, old, news)).outs : old);

    for (const node of news.nodes) {
      const { name } = node;
      const inputs: NodeInputs = { ...inputsOf(node), ...(name === news.nodes[0]!.name ? { initialise: this.state.membership!.initialise === name } : {}) };
      const known = nodes.get(name);
      const diff = known && await handlers.node.diff(name, known.outputs, inputs);
      if (diff?.changes === false) continue;
      if (known && diff!.replaces!.length === 0) {
        nodes.set(name, { inputs, outputs: (await handlers.node.update(name, known.outputs, inputs)).outs });
        done.push(`${name} changes`);
        continue;
      }
      if (known) {
        if (!diff!.deleteBeforeReplace) throw new Error(`${name} would be made before it is deleted`);
        await handlers.node.delete(name, known.outputs);
        nodes.delete(name);
        done.push(`${name} leaves`);
      }
      nodes.set(name, { inputs, outputs: await this.create(handlers, inputs, outputs => nodes.set(name, { inputs, outputs })) });
      done.push(`${name} joins`);
    }
    const declared = new Set(news.nodes.map(({ name }) => name));
    const gone = [...nodes].filter(([name]) => !declared.has(name)).reverse().sort(([, a], [, b]) => Number(a.outputs.role === 'management') - Number(b.outputs.role === 'management'));
    for (const [name, { outputs }] of gone) {
      await handlers.node.delete(name, outputs);
      nodes.delete(name);
      done.push(`${name} leaves`);
    }
  }

  /** @param keep takes what the state keeps of a node that failed half-way */
  private async create(handlers: Handlers, inputs: NodeInputs, keep: (halfJoined: NodeOutputs) => void): Promise<NodeOutputs> {
    try {
      return (await handlers.node.create(inputs)).outs;
    } catch (error) {
      const { properties } = error as { properties?: NodeOutputs };
      if (properties) keep(properties);
      throw error;
    }
  }

  /** What resources of one run share lives in a module: another process of the provider starts without it. */
  private async newRun(confirmed: readonly ConfirmedRemoval[]): Promise<Handlers> {
    jest.resetModules();
    const handlers = require('../../src/pulumi/handlers') as Handlers;
    const config: Record<string, string> = { 'llmos:rehearsal': this.rehearsed.folder, 'llmos:confirmRemoval': JSON.stringify(confirmed) };
    await handlers.node.configure({ config: { get: key => config[key] } });
    return handlers;
  }
}

function membershipOf(nodes: readonly NodeState[], more: Partial<MembershipInputs>): MembershipInputs {
  return {
    cluster: 'prod', registrationAddress: 'prod.example.com', registrationPort: 6443, connection: {}, settings: { kubernetesVersion: 'v1.34.4+k3s1' },
    nodes, confirmRemoval: [], installer: {}, deadlines: { create: 20, delete: 20 }, ...more,
  };
}

function inputsOf(node: NodeState): NodeInputs {
  return { ...node, cluster: 'prod' };
}
