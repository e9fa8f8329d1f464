// `npm start`: the newcomer's tour. A cluster of simulated machines, changed by real `pulumi up`s.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { root, whenStarted } from './main.mjs';
import { install } from './install.mjs';
import { ensureBuilt } from './build.mjs';
import { EngineUnavailable, engine } from './engine.mjs';
import { pulumiLines } from './start-lines.mjs';
import { shell } from './start-shell.mjs';
import { synth } from './start-synth.mjs';
import { withoutEngine } from './start-without-engine.mjs';

const STACK = 'rehearsal';
const folder = join(root, '.llmos-nodes', 'start');
const machines = join(folder, 'machines');
const stackConfig = join(root, `Pulumi.${STACK}.yaml`);

/** Nothing of the tour touches what the person at the keyboard has of Pulumi: state, login and selected stack are all here. */
const stateInFolder = {
  PULUMI_HOME: join(folder, 'pulumi'),
  PULUMI_BACKEND_URL: `file://${join(folder, 'state')}`,
  PULUMI_CONFIG_PASSPHRASE: 'rehearsal',
  PULUMI_SKIP_UPDATE_CHECK: 'true',
};

const CLUSTER = 'quickstart';
// They only calm the output, so the tour does not show them.
const CALM = ['--non-interactive', '--color', 'never'];
const preview = () => ({ quiet: CALM, show: pulumiLines(CLUSTER) });
// The preview that `pulumi up` begins with has been seen just before, or is of a first cluster.
const up = () => ({ quiet: [...CALM, '--skip-preview', '--suppress-outputs'], show: pulumiLines(CLUSTER) });
const SILENT = { show: () => undefined };

whenStarted(import.meta.url, async () => {
  await install();
  await ensureBuilt();
  const { default: colors } = await import('picocolors');
  const say = (text) => console.log(`\n${colors.cyan(text)}`);
  const found = await engine().catch((error) => {
    if (error instanceof EngineUnavailable) return error;
    throw error;
  });
  await startAfresh();
  const env = { ...(found.env ?? process.env), ...stateInFolder, npm_config_loglevel: 'error' };
  const { type, close } = shell({ env, logFile: join(folder, 'log.txt'), colors });
  try {
    if (found instanceof EngineUnavailable) {
      await withoutEngine({ say, type, reason: found.message, outdir: join(folder, 'refused') });
      return 1;
    }
    await tour({ say, type });
    await goOn({ say, env });
  } finally {
    close();
  }
  return 0;
});

async function startAfresh() {
  await rm(folder, { recursive: true, force: true });
  await rm(stackConfig, { force: true });
  await mkdir(join(folder, 'state'), { recursive: true });
}

async function tour({ say, type }) {
  const set = (key, value, ...flags) => type(['pulumi', 'config', 'set', ...flags, key, value], SILENT);

  say(`The nodes of an LLMOS cluster, as code: examples/quickstart/cluster.ts declares them.
Machines are simulated in ${relative(root, machines)}; the definition, the checks and Pulumi are the real ones.`);

  say('1. The definition is checked, and rendered for review.');
  await synth(type);

  say('2. A first cluster: one management node and two workers.');
  await type(['pulumi', 'stack', 'init', STACK], SILENT);
  await set('llmos:rehearsal', machines);
  await type(['pulumi', 'up', '--yes'], up());

  say('3. From one management node to three. The preview says what that does to the quorum; then it is done, one at a time.');
  await set('managementNodes', '3');
  await type(['pulumi', 'preview'], preview());
  await type(['pulumi', 'up', '--yes'], up());

  say('4. Two management nodes would be worse than one. Refused, before anything is touched.');
  await set('managementNodes', '2');
  await type(['pulumi', 'preview'], { ...preview(), refused: true });

  say('5. Back to one: m2 and m3 would be removed, and nobody has said that this is meant. Refused.');
  await set('managementNodes', '1');
  await type(['pulumi', 'preview'], { ...preview(), refused: true });

  say('6. Said by name, it is done: drained, taken out of etcd, cleaned and fenced, the last one first.');
  await set('llmos:confirmRemoval[0]', 'm2', '--path');
  await set('llmos:confirmRemoval[1]', 'm3', '--path');
  await type(['pulumi', 'up', '--yes'], up());

  say('The cluster now:');
  await type(['npx', 'llmos-nodes', 'nodes', '--rehearsal', machines]);
}

/** What a newcomer can do next: play on in the rehearsal, then the same on real machines. */
async function goOn({ say, env }) {
  const file = join(folder, 'env');
  const names = ['PATH', ...Object.keys(stateInFolder)];
  await writeFile(file, names.map((name) => `export ${name}='${env[name].replaceAll("'", "'\\''")}'\n`).join(''));
  say(`Go on by yourself:   . ${relative(root, file)} && pulumi config set managementNodes 3 && pulumi up
On real machines:    npx llmos-nodes init my-cluster, put their names and addresses into cluster.ts, then pulumi up.
                     They need SSH and root or sudo, nothing else. README.md says it step by step.`);
}
