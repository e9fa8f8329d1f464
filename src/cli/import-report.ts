import { shortList } from '../impact/group-names';
import { printable } from '../impact/render/printable';
import { MANAGED_LABEL } from '../llmos/node';
import { formatProblem } from '../problem';
import type { MachineTrouble } from './import-machines';
import type { ImportedDefinition } from './imported-definition';
import type { LiveLook } from './live-cluster';

/** A management node of LLMOS has both. */
const MANAGEMENT_LABELS = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/etcd'];

/** What was found, and what came of it. */
export interface Imported {
  readonly definition: ImportedDefinition;
  readonly look: LiveLook;
  /** Undefined where the machines were not asked. */
  readonly troubles?: readonly MachineTrouble[];
  /** Where the project was written, seen from here; empty for here. */
  readonly folder: string;
  readonly files: readonly string[];
}

/** What `llmos-nodes import` says at its end. */
export function importReport({ definition, look, troubles, folder, files }: Imported): string {
  const { management, workers } = definition;
  const pools = [{ id: 'management', props: management }, ...workers].map(({ id, props }) => `${id} (${shortList(props.machines.map(({ name }) => name))})`);
  const found = [...remarks(definition, look), ...machineRemarks(troubles)];
  return [
    `Read ${look.nodes.length} nodes, and wrote ${files.length} files${folder === '' ? '' : ` to ${folder}`}:`,
    `  ${files.join('\n  ')}`,
    '',
    `Pools in cluster.ts: ${pools.join('; ')}`,
    ...(found.length === 0 ? [] : ['', 'To know before the first pulumi up:', ...found.map(remark => `- ${printable(remark)}`)]),
    '',
    'Next: read cluster.ts, and in index.ts how machines are reached. Then',
    ...(folder === '' ? [] : [`  cd ${folder}`]),
    '  npm install',
    '  pulumi stack init prod',
    `  pulumi preview       ${look.nodes.length} nodes to create: each will be adopted as it is`,
    '  pulumi up            writes nothing on any host and restarts nothing',
  ].join('\n');
}

/** What whoever reviews the definition should know and could not see in it. */
function* remarks({ kubernetesVersion: version, management: { allowEven } }: ImportedDefinition, { nodes, members }: LiveLook): Generator<string> {
  const named = (those: LiveLook['nodes']) => shortList(those.map(({ name }) => name));
  const notReady = nodes.filter(({ ready }) => !ready);
  if (notReady.length > 0) yield `not Ready: ${named(notReady)}; a node is adopted when it is Ready, so mend it first; or take it out of cluster.ts, and declare it when it is well`;
  const leaving = nodes.filter(({ deleting }) => deleting);
  if (leaving.length > 0) yield `being deleted: ${named(leaving)}; wait until they are gone, and take them out of cluster.ts`;
  const foreign = nodes.filter(({ labels }) => labels[MANAGED_LABEL] !== 'true');
  if (foreign.length > 0) yield `not set up by LLMOS, as far as the label ${MANAGED_LABEL} says: ${named(foreign)}; a host without LLMOS is refused and not adopted`;
  const split = nodes.filter(({ labels }) => MANAGEMENT_LABELS.filter(label => label in labels).length === 1);
  if (split.length > 0) yield `either the API server or etcd, and not both: ${named(split)}; LLMOS makes no such nodes, and they are not adopted`;
  const newer = nodes.filter(({ kubeletVersion }) => kubeletVersion !== version);
  if (newer.length > 0) yield `kubernetesVersion is ${version}, the oldest there is, and ${shortList(newer.map(({ name, kubeletVersion }) => `${name} (${kubeletVersion})`))} newer: nothing is downgraded, and once you declare the newest, the next pulumi up upgrades the others`;
  if (allowEven !== undefined) yield 'an even number of management nodes tolerates no more failures than one less: allowEven in cluster.ts says so to whoever reviews it; plan for an odd number';
  yield* members.ghosts.map(({ problem }) => formatProblem(problem));
  const unhealthy = members.from === 'members' ? members.members.filter(({ healthy }) => healthy === false) : [];
  if (unhealthy.length > 0) yield `etcd members that do not answer: ${shortList(unhealthy.map(({ name }) => name))}; a management node is adopted when its own member answers`;
  if (members.from === 'nodes') yield 'etcd\'s members were not asked, which takes a login: name a management node with --ssh to hear of ghosts and of members that do not answer';
}

function machineRemarks(troubles: readonly MachineTrouble[] | undefined): string[] {
  if (troubles === undefined) return ['the machines were not asked whether they can be reached over SSH: pulumi up asks every one of them before it begins, and says which cannot'];
  return troubles.map(({ name, reason }) => `machine '${name}' cannot be adopted yet: ${reason}`);
}
