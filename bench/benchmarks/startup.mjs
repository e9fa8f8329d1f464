// What every preview and every synth pays before its first line: require('llmos-nodes') against the packages it stands on.
import { join } from 'node:path';
import { inTurn, result } from '../measure.mjs';
import { runNode } from '../processes.mjs';

const program = join(import.meta.dirname, '..', 'programs', 'import.cjs');
const FOUNDATIONS = ['cdk8s', 'cdk8s-plus-28', 'constructs', '@pulumi/pulumi', '@pulumi/kubernetes'];

export const names = ['import'];

export async function run() {
  const loading = async (...modules) => (await runNode([program, ...modules])).cpuMs;
  const pairs = await inTurn(() => loading(join(import.meta.dirname, '..', '..', 'lib', 'index.js')), () => loading(...FOUNDATIONS), 9);
  return [result({ name: names[0], what: `require('llmos-nodes'); floor: ${FOUNDATIONS.join(', ')}`, unit: 'ms CPU', target: 1.1 }, pairs)];
}
