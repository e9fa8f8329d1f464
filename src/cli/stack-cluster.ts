import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { parse } from 'yaml';

import type { NodeTarget } from '../membership/node-target';
import { Problem } from '../problem';
import { toTarget, type ConnectionState, type Credentials, type MembershipInputs, type NodeOutputs } from '../pulumi/state';
import { declaredInStack, type DeclaredCluster } from './nodes-declared';
import { PulumiStack, type Deployment, type StackResource } from './pulumi-stack';

/** A cluster as a Pulumi stack records it: how it is reached, and what it is to be. */
export interface StackCluster {
  readonly declared: DeclaredCluster;
  /** Management nodes that may be asked, those on their way out included. */
  readonly management: readonly NodeTarget[];
  /** All nodes with how their machines are reached, those on their way out included. */
  readonly machines: readonly NodeTarget[];
  readonly registrationAddress: string;
  readonly registrationPort: number;
  readonly connection: ConnectionState & Credentials;
  readonly kubeconfig?: string;
  /** The folder of a rehearsal. @default - the machines are real */
  readonly rehearsal?: string;
}

/** What marks a secret in the state, and its value once it is in the clear. Source: Pulumi's sdk/go/common/resource/sig. */
const SECRET_SIGNATURE = '4dabf18193072939515e22adb298388d';

/**
 * Reads the cluster of a stack, in the middle of a run too.
 *
 * @param cluster its name, where the stack has several
 * @throws Problem with what Pulumi says, or where the stack has no cluster, or several
 */
export async function readStackCluster(stack: PulumiStack, cluster?: string, folder = process.cwd()): Promise<StackCluster> {
  const [deployment, config] = await Promise.all([readDeployment(stack, cluster, ['credentials', 'nodes']), stack.config()]);
  const chosen = membershipOf(deployment, cluster);
  const { connection, registrationAddress, registrationPort, credentials } = chosen;
  const { kubeconfig, ...keys } = credentials ?? {};
  const rehearsal = config['llmos:rehearsal'];
  return {
    declared: declaredCluster(deployment, chosen),
    machines: machinesOf(deployment, chosen), management: machinesOf(deployment, chosen).filter(({ role }) => role === 'management'), registrationAddress, registrationPort, kubeconfig,
    connection: { ...connection, privateKey: config['llmos:privateKey'], passphrase: config['llmos:passphrase'], ...keys },
    rehearsal: rehearsal === undefined ? undefined : resolve(programFolder(folder), rehearsal),
  };
}

/** What the stack declares by now: a run that is under way records each step. */
export async function readDeclared(stack: PulumiStack, cluster?: string): Promise<DeclaredCluster> {
  const deployment = await readDeployment(stack, cluster, ['nodes']);
  return declaredCluster(deployment, membershipOf(deployment, cluster));
}

/** Whether a folder is in a Pulumi project, so that there may be a selected stack. */
export function isInProject(folder = process.cwd()): boolean {
  return projectFile(folder) !== undefined;
}

type Membership = MembershipInputs & { readonly identity?: string };

/** The state, in the clear only where one of these of the membership is a secret: all nodes are one where an address is. */
async function readDeployment(stack: PulumiStack, cluster: string | undefined, needed: readonly (keyof Membership)[]): Promise<Deployment> {
  const deployment = await stack.deployment();
  const chosen = membershipOf(deployment, cluster);
  return needed.some(key => isSecret(chosen[key])) ? inTheClear(await stack.deployment(true)) : deployment;
}

function inTheClear(deployment: Deployment): Deployment {
  const reveal = (_key: string, value: unknown) => (isSecret(value) && typeof value.plaintext === 'string' ? JSON.parse(value.plaintext) as unknown : value);
  return JSON.parse(JSON.stringify(deployment), reveal) as Deployment;
}

/** A membership that is just being made or changed counts as it will be: that is what the nodes join by. */
function membershipOf({ resources = [], pending_operations: pending = [] }: Deployment, cluster: string | undefined): Membership {
  const recorded = [...pending.map(({ resource }) => resource), ...resources].filter(isMembership).map(({ inputs, outputs }) => ({ ...outputs, ...inputs }) as unknown as Membership);
  const all = [...new Map(recorded.reverse().map(each => [each.cluster, each])).values()];
  const found = cluster === undefined ? all : all.filter(each => each.cluster === cluster);
  const names = all.map(each => each.cluster).join(', ');
  if (found.length === 1) return found[0]!;
  if (all.length === 0) throw new Problem({ subject: 'stack', rule: 'it has no cluster: nothing was brought up with it yet, or it was destroyed', remedy: 'run `pulumi up`, or name another stack with --stack' });
  if (found.length === 0) throw new Problem({ subject: 'cluster', value: cluster, rule: `the stack has none of that name (it has ${names})`, remedy: 'check the name, and the stack with --stack' });
  throw new Problem({ subject: 'stack', value: names, rule: 'it has several clusters, and one of them is wanted', remedy: 'name it with --cluster' });
}

function declaredCluster(deployment: Deployment, membership: Membership): DeclaredCluster {
  const { cluster, nodes, settings } = membership;
  const recorded = nodesOf(deployment.resources, cluster);
  const pending = nodesOf(deployment.pending_operations?.map(({ type, resource }) => ({ ...resource, operation: type })), cluster);
  const operation = (name: string): 'joining' | 'removing' | undefined => {
    const found = pending.find(each => each.name === name)?.operation;
    return found === 'creating' ? 'joining' : found === 'deleting' ? 'removing' : undefined;
  };
  const leaving = recorded.filter(({ name }) => !nodes.some(node => node.name === name));
  const records = new Map(recorded.map(node => [node.name, node]));
  const { kubernetesVersion } = settings;
  const found = (name: string) => ({ machineId: records.get(name)?.machineId || undefined, anotherMachine: records.get(name)?.anotherMachine, operation: operation(name) });
  return {
    name: cluster,
    identity: [membership.identity, ...recorded.map(({ identity }) => identity)].find(each => each),
    nodes: [
      ...nodes.map(node => declaredInStack(node, { kubernetesVersion, ...found(node.name) })),
      ...leaving.map(node => declaredInStack(node, { ...found(node.name), leaving: true })),
    ],
  };
}

function machinesOf({ resources }: Deployment, { cluster, nodes }: Membership): NodeTarget[] {
  const all = [...nodes, ...nodesOf(resources, cluster)];
  return [...new Map(all.reverse().map(node => [node.name, toTarget(node)])).values()].reverse();
}

function nodesOf(resources: readonly (StackResource & { readonly operation?: string })[] = [], cluster: string): (NodeOutputs & { readonly operation?: string })[] {
  return resources.filter(({ type }) => type.endsWith('/llmos:Node'))
    .map(({ inputs, outputs, operation }) => ({ ...inputs, ...outputs, operation }) as unknown as NodeOutputs & { operation?: string })
    .filter(node => node.cluster === cluster);
}

function isMembership({ type, inputs }: StackResource): boolean {
  return type.endsWith('/llmos:Membership') && inputs !== undefined;
}

function isSecret(value: unknown): value is { readonly plaintext?: string } {
  return typeof value === 'object' && value !== null && SECRET_SIGNATURE in value;
}

/** The folder of the program, where its paths are relative to. */
function programFolder(folder: string): string {
  const file = projectFile(folder);
  if (file === undefined) return folder;
  const { main = '.' } = parse(readFileSync(file, 'utf8')) as { readonly main?: string };
  const program = resolve(dirname(file), main);
  return /\.[cm]?[jt]s$/.test(program) ? dirname(program) : program;
}

function projectFile(folder: string): string | undefined {
  const found = ['Pulumi.yaml', 'Pulumi.yml'].map(name => join(folder, name)).find(existsSync);
  const parent = dirname(folder);
  return found ?? (parent === folder ? undefined : projectFile(parent));
}
