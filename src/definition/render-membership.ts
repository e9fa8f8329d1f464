import { Yaml } from 'cdk8s';
import { ZONE_LABEL, formatTaint } from '../llmos/node';
import { Problem } from '../problem';
import { describeQuorum } from '../quorum';
import type { ClusterDefinition, NodeDefinition, PoolDefinition } from './cluster-definition';
import { groupBy } from './group-by';
import { yamlList, yamlMap, yamlText } from './yaml-line';

/** What the API server stores in one ConfigMap, in bytes; a little is left for its metadata. */
const CONFIG_MAP_LIMIT = 1024 * 1024 - 4096;

/**
 * The membership as YAML that is made to be compared: what concerns the whole cluster first, then a block per pool with
 * one line per node. Nothing is aligned, so that a longer name changes its own line only, and what is not declared is left
 * out. How a machine is reached (port, user, host key) is no part of the membership.
 *
 * @throws Problem where it does not fit into a ConfigMap
 */
export function renderMembership(definition: ClusterDefinition): string {
  const voters = definition.nodes.filter((node) => node.role === 'management');
  const { failureTolerance, zoneFailureTolerance } = definition;
  const head = Yaml.stringify(present({
    cluster: definition.name,
    kubernetes: definition.kubernetesVersion,
    llmos: definition.llmosVersion,
    maxUnavailable: definition.maxUnavailable,
    registration: definition.registrationUrl,
    settings: unlessEmpty(present({ ...definition.settings })),
    quorum: describeQuorum(voters.length, voters.map((node) => node.zone)),
    allowEven: definition.allowEven,
    declared: unlessEmpty(present({ failureTolerance, zoneFailureTolerance })),
  }));
  const text = `${head}${confirmations(definition)}pools:\n${poolBlocks(definition)}`;
  const bytes = Buffer.byteLength(text);
  if (bytes > CONFIG_MAP_LIMIT) {
    throw new Problem({
      subject: `membership of cluster '${definition.name}'`, value: `${bytes} bytes`,
      rule: `a ConfigMap holds ${CONFIG_MAP_LIMIT} bytes`, remedy: 'say labels and taints that the machines of a pool share once, on the pool',
    });
  }
  return text;
}

/** A line a removal. */
function confirmations({ confirmRemoval }: ClusterDefinition): string {
  const lines = confirmRemoval.map((each) => `  - ${typeof each === 'string' ? yamlText(each) : yamlMap(Object.entries(present({ ...each })).map(([key, value]) => textEntry(key, value)))}\n`);
  return lines.length === 0 ? '' : `confirmRemoval:\n${lines.join('')}`;
}

/** A block a pool, and in it a line a node. */
function poolBlocks(definition: ClusterDefinition): string {
  const byPool = groupBy(definition.nodes, (node) => node.pool);
  return definition.pools.map((pool) => {
    const nodes = byPool.get(pool.name) ?? [];
    const head = Yaml.stringify(present({
      role: pool.role,
      size: nodes.length === pool.machines ? nodes.length : `${nodes.length} of ${pool.machines} machines`,
      labels: unlessEmpty(pool.labels),
      taints: pool.taints.length === 0 ? undefined : pool.taints.map(formatTaint),
    }));
    const listed = nodes.map((node) => `      ${yamlText(node.name)}: ${nodeLine(node, pool)}\n`).join('');
    return `  ${yamlText(pool.name)}:\n${head.replace(/^(?=.)/gm, '    ')}    nodes:${listed === '' ? ' {}\n' : `\n${listed}`}`;
  }).join('');
}

/** What a node has beyond its pool, in the order people look for it. Ten thousand of them are written in one synth. */
function nodeLine(node: NodeDefinition, pool: PoolDefinition): string {
  const zone = node.zone === undefined ? '' : `zone: ${yamlText(node.zone)}, `;
  const internal = node.internalAddress === undefined ? '' : `, internalAddress: ${shown(node.internalAddress)}`;
  const labels: string[] = [];
  for (const key of Object.keys(node.labels)) {
    if (key !== ZONE_LABEL && pool.labels[key] !== node.labels[key]) labels.push(textEntry(key, node.labels[key]));
  }
  const labelled = labels.length === 0 ? '' : `, labels: ${yamlMap(labels)}`;
  const taints = node.taints === pool.taints ? [] : node.taints.filter((taint) => !pool.taints.includes(taint));
  const tainted = taints.length === 0 ? '' : `, taints: ${yamlList(taints.map((taint) => yamlText(formatTaint(taint))))}`;
  return `{ ${zone}address: ${shown(node.address)}${internal}${labelled}${tainted} }`;
}

function textEntry(key: string, value: unknown): string {
  return `${yamlText(key)}: ${yamlText(String(value))}`;
}

function shown(address: NodeDefinition['address']): string {
  return typeof address === 'string' ? yamlText(address) : '<known after apply>';
}

function present(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}

function unlessEmpty(record: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> | undefined {
  return Object.keys(record).length === 0 ? undefined : record;
}
