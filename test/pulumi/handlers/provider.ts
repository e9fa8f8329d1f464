import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRehearsal, type Rehearsal } from '../../../src/adapters/rehearsal';
import type { MembershipInputs, MembershipOutputs, NodeInputs, NodeOutputs, NodeState } from '../../../src/pulumi/state';

export type Handlers = typeof import('../../../src/pulumi/handlers');

export const CLUSTER = 'prod';
export const m1: NodeState = { name: 'm1', role: 'management', address: '192.0.2.11' };
export const m2: NodeState = { name: 'm2', role: 'management', address: '192.0.2.12' };
export const m3: NodeState = { name: 'm3', role: 'management', address: '192.0.2.13' };
export const w1: NodeState = { name: 'w1', role: 'worker', address: '192.0.2.21', zone: 'a', labels: { rack: 'r1' }, taints: [{ key: 'gpu', value: 'h200', effect: 'NoSchedule' }] };

export function membershipOf(nodes: readonly NodeState[], more: Partial<MembershipInputs> = {}): MembershipInputs {
  return {
    cluster: CLUSTER, registrationAddress: '192.0.2.11', registrationPort: 6443, connection: {}, settings: { kubernetesVersion: 'v1.34.4+k3s1' },
    nodes, confirmRemoval: [], installer: {}, deadlines: { create: 20, delete: 20 }, ...more,
  };
}

export const inputs = (node: NodeState, more: Partial<NodeInputs> = {}): NodeInputs => ({ ...node, cluster: CLUSTER, ...more });

export const reasons = async (check: Promise<{ failures: { reason: string }[] }>) => (await check).failures.map(({ reason }) => reason);

/** The handlers of the provider, called as the engine calls them, on a rehearsal of their own. */
export class Provider {
  readonly folder = mkdtempSync(join(tmpdir(), 'llmos-nodes-handlers-'));
  readonly rehearsed: Rehearsal = openRehearsal(this.folder);
  /** The stack's configuration. */
  readonly settings: Record<string, string> = { 'llmos:rehearsal': this.folder };
  private handlers!: Handlers;

  /** Its first run has begun; what it prints is kept from the terminal. */
  static async start(): Promise<Provider> {
    jest.spyOn(console, 'log').mockImplementation(() => undefined);
    const provider = new Provider();
    await provider.newRun();
    return provider;
  }

  private constructor() {}

  get node(): Handlers['node'] {
    return this.handlers.node;
  }

  get membership(): Handlers['membership'] {
    return this.handlers.membership;
  }

  /** What resources of one run share lives in a module: another process of the provider starts without it. */
  async newRun(): Promise<void> {
    jest.resetModules();
    this.handlers = require('../../../src/pulumi/handlers') as Handlers;
    await this.node.configure({ config: { get: key => this.settings[key] } });
  }

  /** Another run whose Membership passed the gate. */
  async declare(nodes: readonly NodeState[], more: Partial<MembershipInputs> = {}): Promise<MembershipInputs> {
    await this.newRun();
    const membership = membershipOf(nodes, more);
    expect((await this.membership.check({}, membership)).failures).toEqual([]);
    return membership;
  }

  /** What the state keeps of a Membership that was just created. */
  async created(nodes: readonly NodeState[], more: Partial<MembershipInputs> = {}): Promise<MembershipOutputs> {
    const news = await this.declare(nodes, more);
    return (await this.membership.create(news)).outs;
  }

  /** What the state keeps of it after an update in another run. */
  async updated(olds: MembershipOutputs, nodes: readonly NodeState[]): Promise<MembershipOutputs> {
    const news = await this.declare(nodes);
    return (await this.membership.update(CLUSTER, olds, news)).outs;
  }

  /** Lets these nodes form a cluster and returns what the state keeps of each. */
  async given(...nodes: readonly NodeState[]): Promise<Record<string, NodeOutputs>> {
    const { initialise } = await this.created(nodes);
    const state: Record<string, NodeOutputs> = {};
    for (const node of nodes) state[node.name] = (await this.node.create(inputs(node, { initialise: node.name === initialise }))).outs;
    await this.newRun();
    return state;
  }

  dispose(): void {
    jest.restoreAllMocks();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
