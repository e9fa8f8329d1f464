import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { openRehearsal, type ClusterFaults, type Rehearsal } from '../../../src/adapters/rehearsal';
import { renderConfig, type LlmosConfig } from '../../../src/llmos/config';
import { Deadline } from '../../../src/membership/deadline';
import type { NodeView } from '../../../src/membership/ports/cluster-api';
import type { Machine } from '../../../src/membership/ports/machine';

/** Nothing takes time, apart from what is tried again. */
export const AT_ONCE: ClusterFaults = { installSeconds: 0, bootSeconds: 0, promotionSeconds: 0, retrySeconds: 0.005, notReadySeconds: 0, podSeconds: 0 };

/** Long enough for whatever happens, and never waited out. */
export const soon = () => new Deadline(20);
/** Over as soon as the first answer is there: for what must not happen. */
export const now = () => new Deadline(0);

const folders: string[] = [];

/** A rehearsal in a folder of its own. */
export async function rehearsal(settings: ClusterFaults = AT_ONCE): Promise<Rehearsal> {
  const folder = mkdtempSync(joinPath(tmpdir(), 'rehearsal-'));
  folders.push(folder);
  const opened = openRehearsal(folder);
  await opened.setCluster(settings);
  return opened;
}

export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** `m1` is 10.0.1.1, `w3` is 10.0.2.3. */
export function addressOf(name: string): string {
  return `10.0.${name.startsWith('m') ? 1 : 2}.${name.slice(1)}`;
}

export function machine(rehearsed: Rehearsal, name: string): Machine {
  return rehearsed.machine({ name, address: addressOf(name) });
}

export const serverOf = (name: string) => `https://${addressOf(name)}:6443`;

/** Starts LLMOS on a machine and does not wait. */
export async function begin(rehearsed: Rehearsal, name: string, config: Partial<LlmosConfig> & Pick<LlmosConfig, 'role'>): Promise<Machine> {
  const host = machine(rehearsed, name);
  await host.writeConfig(renderConfig({ nodeName: name, address: addressOf(name), ...config }));
  await host.install({});
  return host;
}

/** The first node of a cluster. */
export async function initialise(rehearsed: Rehearsal, name = 'm1', config: Partial<LlmosConfig> = {}): Promise<Machine> {
  const host = await begin(rehearsed, name, { role: 'cluster-init', ...config });
  await host.waitForBootstrap(() => undefined, soon());
  return host;
}

/** The config by which a machine joins through `m1`: `m…` as management node, everything else as worker. */
export async function joining(rehearsed: Rehearsal, name: string, through = 'm1'): Promise<Partial<LlmosConfig> & Pick<LlmosConfig, 'role'>> {
  return { role: name.startsWith('m') ? 'server' : 'agent', server: serverOf(through), token: await machine(rehearsed, through).joinToken() };
}

/** Joins machines one after the other, each until its node is ready and, on management nodes, a voter. */
export async function join(rehearsed: Rehearsal, names: readonly string[], through = 'm1'): Promise<void> {
  for (const name of names) {
    const host = await begin(rehearsed, name, await joining(rehearsed, name, through));
    await host.waitForBootstrap(() => undefined, soon());
    await rehearsed.api().waitForNode(name, settled, soon());
  }
}

/** A cluster of these nodes, the first of them its first. */
export async function cluster(names: readonly string[], settings: ClusterFaults = AT_ONCE): Promise<Rehearsal> {
  const rehearsed = await rehearsal(settings);
  await initialise(rehearsed, names[0]);
  await join(rehearsed, names.slice(1), names[0]);
  return rehearsed;
}

export function settled(node: NodeView | undefined) {
  const done = node !== undefined && node.ready && (node.role === 'worker' || node.etcdIsVoter);
  return done ? { done } as const : { done: false, reason: node?.notReadyReason || 'not settled' } as const;
}

/** `m1`, `m2 (learner)`… as etcd lists them. */
export async function memberNames(rehearsed: Rehearsal, through = 'm1'): Promise<string[]> {
  return (await machine(rehearsed, through).members()).map(({ node, learner }) => `${node}${learner ? ' (learner)' : ''}`);
}

/** Everything a person could read in the folder, by file. */
export function filesOf(folder: string): ReadonlyMap<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(path => statSync(joinPath(folder, path)).isFile());
  return new Map(paths.map(path => [path, readFileSync(joinPath(folder, path), 'utf8')]));
}
