import { Document, stringify } from 'yaml';
import { ZONE_LABEL, formatTaint } from '../llmos/node';
import { Problem } from '../problem';
import { describeQuorum } from '../quorum';
import type { ClusterDefinition, NodeDefinition, PoolDefinition } from './cluster-definition';
import { groupBy } from './group-by';
import { LineWriter, type LineValue } from './yaml-line';

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
  const document = new Document();
  document.contents = document.createNode(present({
    cluster: definition.name,
    kubernetes: definition.kubernetesVersion,
    llmos: definition.llmosVersion,
    maxUnavailable: definition.maxUnavailable,
    registration: definition.registrationUrl,
    settings: unlessEmpty(present({ ...definition.settings })),
    quorum: describeQuorum(voters.length, voters.map((node) => node.zone)),
    allowEven: definition.allowEven,
    declared: unlessEmpty(present({ failureTolerance, zoneFailureTolerance })),
    confirmRemoval: definition.confirmRemoval.length === 0 ? undefined : definition.confirmRemoval.map((each) => (typeof each === 'string' ? each : document.createNode(present({ ...each }), { flow: true }))),
  }));
  const text = `${document.toString({ lineWidth: 0 })}pools:\n${poolBlocks(definition)}`;
  const bytes = Buffer.byteLength(text);
  if (bytes > CONFIG_MAP_LIMIT) {
    throw new Problem({
      subject: `membership of cluster '${definition.name}'`, value: `${bytes} bytes`,
      rule: `a ConfigMap holds ${CONFIG_MAP_LIMIT} bytes`, remedy: 'say labels and taints that the machines of a pool share once, on the pool',
    });
  }
  return text;
}

/** A block a pool, and in it a line a node. */
function poolBlocks(definition: ClusterDefinition): string {
  const lines = new LineWriter();
  const byPool = groupBy(definition.nodes, (node) => node.pool);
  return definition.pools.map((pool) => {
    const nodes = byPool.get(pool.name) ?? [];
    const head = stringify(present({
      role: pool.role,
      size: nodes.length === pool.machines ? nodes.length : `${nodes.length} of ${pool.machines} machines`,
      labels: unlessEmpty(pool.labels),
      taints: pool.taints.length === 0 ? undefined : pool.taints.map(formatTaint),
    }), { lineWidth: 0 });
    const listed = nodes.map((node) => `      ${lines.scalar(node.name)}: ${lines.write(nodeLine(node, pool))}\n`).join('');
    return `  ${lines.scalar(pool.name)}:\n${head.replace(/^(?=.)/gm, '    ')}    nodes:${listed === '' ? ' {}\n' : `\n${listed}`}`;
  }).join('');
}

/** What a node has beyond its pool, in the order people look for it. */
function nodeLine(node: NodeDefinition, pool: PoolDefinition): LineValue {
  const labels = Object.entries(node.labels).filter(([key, value]) => key !== ZONE_LABEL && pool.labels[key] !== value);
  const taints = node.taints.filter((taint) => !pool.taints.includes(taint));
  return present({
    zone: node.zone,
    address: shown(node.address),
    internalAddress: shown(node.internalAddress),
    labels: unlessEmpty(Object.fromEntries(labels)),
    taints: taints.length === 0 ? undefined : taints.map(formatTaint),
  }) as LineValue;
}

function shown(address: NodeDefinition['internalAddress']): string | undefined {
  return address === undefined || typeof address === 'string' ? address : '<known after apply>';
}

function present(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}

function unlessEmpty(record: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> | undefined {
  return Object.keys(record).length === 0 ? undefined : record;
}
