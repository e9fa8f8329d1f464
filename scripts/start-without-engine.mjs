// What `npm start` can still show where no Pulumi engine can be had: the definition, a refusal and the figures of the quorum.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from './main.mjs';
import { synth } from './start-synth.mjs';

const SIZES = [1, 2, 3, 4, 5, 6, 7];
// Between the rows: seven short lines read better without.
const NO_LINES = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' };

/**
 * @param {{ say: (text: string) => void, type: ReturnType<typeof import('./start-shell.mjs').shell>['type'], reason: string, outdir: string }} tools
 *   `reason`: why there is no engine; `outdir`: a folder for what is rendered
 */
export async function withoutEngine({ say, type, reason, outdir }) {
  const require = createRequire(join(root, 'examples', 'quickstart', 'index.ts'));

  say('1. The definition is checked, and rendered for review.');
  await synth(type);

  say('2. The same definition with two management nodes is refused:');
  console.log(refusalOf(require, { managementNodes: 2 }, outdir));

  say('3. What a number of management nodes is worth:');
  const { majority, failureTolerance } = require('llmos-nodes');
  const Table = require('cli-table3');
  const table = new Table({ head: ['MANAGEMENT NODES', 'MAJORITY', 'MAY FAIL'], style: { head: [], border: [] }, chars: NO_LINES });
  for (const voters of SIZES) table.push([voters, majority(voters), failureTolerance(voters)]);
  console.log(table.toString());

  say('The rest of the tour, the cluster itself, needs Pulumi.');
  console.log(reason);
}

function refusalOf(require, options, outdir) {
  require('ts-node/register/transpile-only');
  const { App } = require('cdk8s');
  const { defineCluster } = require('./cluster.ts');
  try {
    const app = new App({ outdir });
    defineCluster(app, options);
    app.synth();
  } catch (error) {
    return error.message;
  }
  throw new Error('a definition with two management nodes was not refused');
}
