import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openRehearsal, type Rehearsal } from '../../src/adapters/rehearsal';
import type { NodeState } from '../../src/pulumi/state';
import { AT_ONCE, addressOf, rehearsal, removeFolders } from '../adapters/rehearsal/cluster-fixture';
import { SmallEngine, type SmallOutcome, type SmallState } from './small-engine';

export const m = (number: number, more: Partial<NodeState> = {}): NodeState => ({ name: `m${number}`, role: 'management', address: addressOf(`m${number}`), ...more });
export const w = (number: number, more: Partial<NodeState> = {}): NodeState => ({ name: `w${number}`, role: 'worker', address: addressOf(`w${number}`), ...more });
/** So many management nodes and two workers. */
export const of = (size: number): NodeState[] => [...Array.from({ length: size }, (_, index) => m(index + 1)), w(1), w(2)];
/** Of a machine that was in no cluster yet. */
export const SPARE = '10.0.9.1';

/** Clusters of each size, made once; each case works on a copy. */
const made = new Map<number, { readonly rehearsed: Rehearsal; readonly state: SmallState }>();
const copies: string[] = [];

/** Makes clusters of these sizes before the tests of a file. */
export function givenClusters(...sizes: readonly number[]): void {
  beforeAll(async () => {
    jest.spyOn(console, 'log').mockImplementation(() => undefined);
    for (const size of sizes) {
      const engine = new SmallEngine(await rehearsal(AT_ONCE));
      expectDone(await engine.up(of(size)));
      made.set(size, { rehearsed: engine.rehearsed, state: engine.state });
    }
  });
  afterEach(() => copies.splice(0).forEach(folder => rmSync(folder, { recursive: true, force: true })));
  afterAll(() => {
    removeFolders();
    jest.restoreAllMocks();
  });
}

/** A copy of the cluster with so many management nodes. */
export async function clusterOf(size: number): Promise<SmallEngine> {
  const original = made.get(size)!;
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'replacing-'));
  copies.push(folder);
  cpSync(original.rehearsed.folder, folder, { recursive: true });
  return new SmallEngine(openRehearsal(folder), original.state);
}

export function expectDone({ refused, error }: SmallOutcome): void {
  expect({ refused, error }).toEqual({ refused: [] });
}

/** What joined and left, in order. */
export function turns({ done }: SmallOutcome): string[] {
  return done.filter(turn => !turn.endsWith('changes'));
}

/** Everything that a replacement must not disturb, and what it is to leave behind. */
export async function look({ rehearsed, state }: SmallEngine) {
  // Whoever looks lets happen what is due, what a machine that was switched on tries among it.
  await rehearsed.api().nodes();
  const clusters = JSON.parse(readFileSync(join(rehearsed.folder, 'clusters.json'), 'utf8')) as { members: { node: string; learner: boolean }[] }[];
  const nodes = await rehearsed.api().nodes();
  return {
    clusters: clusters.length,
    members: clusters[0]!.members.map(({ node, learner }) => `${node}${learner ? ' (learner)' : ''}`).sort(),
    nodes: nodes.filter(({ ready }) => ready).map(({ name, role }) => `${name} ${role}`).sort(),
    notReady: nodes.filter(({ ready }) => !ready).map(({ name }) => name),
    fenced: (await rehearsed.api().fencedNames()).sort(),
    state: [...state.nodes.keys()].sort(),
  };
}

/** How that is where these nodes are in the cluster and nothing is half done. */
export function settled(nodes: readonly NodeState[], fenced: readonly string[] = []) {
  return {
    clusters: 1, members: nodes.filter(({ role }) => role === 'management').map(({ name }) => name).sort(),
    nodes: nodes.map(({ name, role }) => `${name} ${role}`).sort(), notReady: [], fenced, state: nodes.map(({ name }) => name).sort(),
  };
}

export const machineIdOf = async ({ rehearsed }: SmallEngine, name: string): Promise<string> => (await rehearsed.api().node(name))!.machineId;
