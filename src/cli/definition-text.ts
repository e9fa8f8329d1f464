import type { MachineProps } from '../definition/machine';
import type { Taint } from '../llmos/node';
import type { ImportedDefinition } from './imported-definition';

/** How long a line of code may get before what is in it gets lines of its own. */
const LINE = 140;

/** The definition as a person would have written it: cluster.ts. */
export function definitionText({ name, kubernetesVersion, registrationAddress, management, workers }: ImportedDefinition): string {
  const pools = [
    `  // They are the quorum: as many of them may fail as failureTolerance says.\n${poolText('addManagementPool', 'management', management)}`,
    ...workers.map(({ id, props }) => poolText('addWorkerPool', id, props)),
  ];
  return `import type { App } from 'cdk8s';
import { ClusterChart } from 'llmos-nodes';

/** The nodes of the cluster: what people review, and what \`pulumi up\` makes true. */
export function defineCluster(app: App): ClusterChart {
  const cluster = new ClusterChart(app, ${literal(name)}, {
    kubernetesVersion: ${literal(kubernetesVersion)},
    // Machines join through it. Better than one machine: a name that resolves to all management nodes, or a load balancer.
    registrationAddress: ${literal(registrationAddress)},
  });

${pools.join('\n')}
  return cluster;
}
`;
}

/** `  cluster.addWorkerPool('gpu', { … });`, a line for each machine. */
function poolText(method: string, id: string, { machines, ...rest }: { readonly machines: readonly MachineProps[] }): string {
  const others = Object.entries(rest).map(([key, value]) => `    ${key}: ${inline(value)},\n`).join('');
  return `  cluster.${method}(${literal(id)}, {\n    machines: [\n${machines.map(machineText).join('')}    ],\n${others}  });\n`;
}

function machineText(machine: MachineProps): string {
  const line = `      ${inline(machine)},\n`;
  if (line.length <= LINE) return line;
  return `      {\n${Object.entries(machine).map(([key, value]) => `        ${key}: ${inline(value)},\n`).join('')}      },\n`;
}

/** A value on one line, as people write it. */
export function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${(value as Taint[]).map(inline).join(', ')}]`;
  if (typeof value === 'object' && value !== null) return `{ ${Object.entries(value).map(([key, each]) => `${keyText(key)}: ${inline(each)}`).join(', ')} }`;
  return typeof value === 'string' ? literal(value) : String(value);
}

function keyText(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : literal(key);
}

function literal(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}
