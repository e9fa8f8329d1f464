import { basename, relative, resolve } from 'node:path';

import { App } from 'cdk8s';
import { Command, Option } from 'commander';

import { ClusterChart, DefinitionError } from '../definition';
import { Problem } from '../problem';
import { definitionText, inline } from './definition-text';
import { machineTroubles, type MachineTrouble } from './import-machines';
import { openForImport, parseLogin, type ImportPlace, type SshLogin } from './import-place';
import { importReport } from './import-report';
import { importedDefinition, type ImportedDefinition } from './imported-definition';
import type { LiveLook } from './live-cluster';
import { requireProjectName } from './project-name';
import { writeProject } from './write-project';

interface ImportFlags extends Omit<ImportPlace, 'ssh'> {
  readonly ssh?: string;
  readonly name?: string;
  readonly registrationAddress?: string;
}

/** `llmos-nodes import`: the project of a cluster that lives already. Reads the cluster and changes nothing in it. */
export function importCommand(): Command {
  return new Command('import')
    .summary('write the project of a cluster that is there')
    .description('Read a live cluster and write the project that declares it. Nothing is changed in the cluster or on a host, and the first pulumi up adopts every node as it is. Files that are there already are never overwritten.')
    .argument('[folder]', 'where to write it; made if it is not there', '.')
    .option('--name <name>', 'name of the cluster and the project (default: the folder\'s name)')
    .option('--registration-address <host>', 'through which machines join (default: the address of the first management node)')
    .option('--kubeconfig <file>', 'reach the cluster with this kubeconfig (default: --ssh; else KUBECONFIG, then ~/.kube/config)')
    .option('--ssh <login>', 'reach it through this management node, such as ops@10.0.0.11, and ask every machine')
    .option('-i, --identity <file>', 'the private key for that (default: the SSH agent, then the keys of ~/.ssh)')
    .addOption(new Option('--rehearsal <folder>', 'the simulated cluster in this folder').conflicts(['kubeconfig', 'ssh']))
    .action(async (folder: string, { name, registrationAddress, ssh, ...others }: ImportFlags) => {
      const target = resolve(folder);
      const projectName = requireProjectName(name ?? basename(target));
      const place = { ...others, ssh: ssh === undefined ? undefined : parseLogin(ssh) };
      const { look, troubles } = await read(place);
      const definition = importedDefinition(look.nodes, { name: projectName, registrationAddress });
      requireDeclarable(definition);
      const files = await writeProject(target, projectName, { files: { 'cluster.ts': definitionText(definition) }, connection: place.ssh && connection(place.ssh, place.identity) });
      console.log(importReport({ definition, look, troubles, folder: relative(process.cwd(), target), files }));
    });
}

async function read(place: ImportPlace): Promise<{ readonly look: LiveLook; readonly troubles?: readonly MachineTrouble[] }> {
  const { live, session } = await openForImport(place);
  try {
    const look = await live.look();
    return { look, troubles: session && await machineTroubles(session, look.nodes) };
  } finally {
    await live.close();
    await session?.close();
  }
}

/** How index.ts reaches the machines: as they were reached just now. */
function connection({ user, port }: SshLogin, identity: string | undefined): string {
  return inline({ user, ...(port !== undefined && { port }), ...(identity !== undefined && { privateKeyPath: identity }) });
}

/** What is written must be what synthesis accepts; else the cluster has to change first, or the person has to say something. */
function requireDeclarable({ name, management, workers, ...props }: ImportedDefinition): void {
  const chart = new ClusterChart(new App(), name, props);
  chart.addManagementPool('management', management);
  for (const { id, props: pool } of workers) chart.addWorkerPool(id, pool);
  try {
    chart.validate();
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    throw new Problem({
      subject: `cluster '${name}'`, rule: 'it cannot be declared as it is, and nothing was written',
      remedy: `change this in the cluster, then import it again:${error.problems.map(problem => `\n  - ${problem}`).join('')}`,
    });
  }
}
