// `npm test`: everything that runs on a laptop. Further arguments go to jest, such as a path or -t 'a name'.
import { availableParallelism } from 'node:os';
import { root, whenStarted } from './main.mjs';
import { log } from './log.mjs';
import { run } from './run.mjs';
import { phases } from './phases.mjs';
import { install } from './install.mjs';
import { ensureBuilt } from './build.mjs';
import { EngineUnavailable, engine } from './engine.mjs';
import { jest } from './jest.mjs';
import { inOneLine, readResults } from './results.mjs';

const PROJECTS = ['unit', 'e2e', 'package'];
/** Jest leaves one core free, which on a machine with two is half of it. */
const WORKERS = `--maxWorkers=${Math.max(2, availableParallelism() - 1)}`;

whenStarted(import.meta.url, async (args) => {
  const { phase, times } = phases();
  await phase('dependencies', install);
  const lintStatus = await phase('lint', lint);
  await phase('build', ensureBuilt);
  const env = await phase('engine', engineEnv);
  const asked = args.length > 0;
  let status = lintStatus;
  for (const project of PROJECTS) {
    // Whoever asks for one test by name does not expect to find it in every project.
    status = (await phase(project, () => jest(project, [WORKERS, ...(asked ? ['--passWithNoTests', ...args] : [])], env))) || status;
  }
  if (lintStatus !== 0) log('\nlint: failed, see above');
  return (await summary(times(), asked)) || status;
});

const lint = async () => (await run('npm', ['run', '--silent', 'lint'], { cwd: root, show: true })).status;

/** What the tests are told of the engine; without one, those that need it skip themselves. */
async function engineEnv() {
  try {
    const { env, pulumi, version, source } = await engine();
    log(`Pulumi ${version} (${source})`);
    return { ...env, LLMOS_NODES_PULUMI: pulumi };
  } catch (error) {
    if (!(error instanceof EngineUnavailable)) throw error;
    log(error.message);
    return { ...process.env, LLMOS_NODES_ENGINE: 'unavailable' };
  }
}

async function summary(times, asked) {
  const total = await readResults(PROJECTS, { mayBeEmpty: asked });
  // On a laptop a test may be skipped, by name; in CI that would be a hole nobody sees.
  const holes = process.env.CI === 'true' ? total.skipped.length : 0;
  log(`\n${times}`);
  for (const name of total.skipped) log(`skipped ${name}`);
  for (const complaint of total.complaints) log(complaint);
  if (holes > 0) log('In CI a skipped test fails the run.');
  console.log(inOneLine(total));
  return total.complaints.length + holes > 0 ? 1 : 0;
}
