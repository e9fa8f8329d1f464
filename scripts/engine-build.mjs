// The Pulumi CLI built from Go modules, for networks that reach a module proxy and nothing else.
import { chmod, copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Explained, root } from './main.mjs';
import { whileWorking } from './log.mjs';
import { mustRun } from './run.mjs';
import { cliModule } from './engine-files.mjs';

const SDK = 'github.com/pulumi/pulumi/sdk/v3';
// No C compiler needed, no workspace or vendor folder of somebody else's looked at, no version control asked.
const GO_ENV = { ...process.env, CGO_ENABLED: '0', GOWORK: 'off' };
const GO_FLAGS = ['-mod=readonly', '-trimpath', '-buildvcs=false'];
// CLI releases after this one no longer hold the Node language host in a module that can be fetched by its own.
const languageHostModule = join(root, 'scripts', 'go', 'pulumi-language-nodejs');

/**
 * Builds the engine of the pinned version into a folder that exists. About two minutes once; seconds with Go's build cache.
 * @param {{ version: string, folder: string, log: typeof import('./log.mjs').log }} what
 */
export async function buildEngine({ version, folder, log }) {
  await mustRun('go', ['version']).catch(() => { throw new Explained('Go is not installed'); });
  const bin = join(folder, 'bin');
  await mkdir(bin, { recursive: true });
  // Without the variable `pulumi version` prints nothing.
  await whileWorking(`building the Pulumi CLI ${version} from Go modules (about two minutes, once)`,
    () => build(cliModule, 'github.com/pulumi/pulumi/pkg/v3/cmd/pulumi', join(bin, 'pulumi'), `-X ${SDK}/go/common/version.Version=v${version}`), log);
  await whileWorking("building Pulumi's Node language host",
    () => build(languageHostModule, `${SDK}/nodejs/cmd/pulumi-language-nodejs`, join(bin, 'pulumi-language-nodejs')), log);
  await copyScripts(bin);
}

const build = (cwd, target, output, variables = '') =>
  mustRun('go', ['build', ...GO_FLAGS, '-ldflags', `-s -w ${variables}`.trim(), '-o', output, target], { cwd, env: GO_ENV });

/** The hosts of dynamic providers and policy packs are shell scripts in the SDK's module. */
async function copyScripts(bin) {
  const { Dir } = JSON.parse(await mustRun('go', ['list', '-mod=readonly', '-m', '-json', SDK], { cwd: cliModule, env: GO_ENV }));
  for (const name of ['pulumi-resource-pulumi-nodejs', 'pulumi-analyzer-policy']) {
    await copyFile(join(Dir, 'nodejs', 'dist', name), join(bin, name));
    await chmod(join(bin, name), 0o755);
  }
}
